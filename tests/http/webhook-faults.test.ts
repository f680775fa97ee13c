// Endpoints that fail: each is told again until it has heard, or until it is given up, and no other has to wait for it.
//
// The waits are those of production by the thousandth part: 1 ms, 60 ms, 360 ms and so on, up to 17 s.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { mint, newUser } from "./kit/actions.ts";
import { assertGenuine, Receiver, type Manner, type Message } from "./kit/receiver.ts";
import { serve } from "./kit/service.ts";
import { sleep, times, until, untilTrue } from "./kit/wait.ts";
import { newHook, type Delivery, type Hook } from "./kit/webhooks.ts";

const TIMEOUT_MS = 700;
/** After each failure; what comes by chance adds a tenth at most. */
const WAITS_MS = [1, 60, 360, 1_440, 3_600, 7_200, 10_080, 14_400, 17_280];
/** How much later than it is due a message may arrive. */
const SLACK_MS = 3_000;

const service = await serve({
  vars: { WEBHOOK_RETRY_MS: "1", WEBHOOK_TIMEOUT_MS: String(TIMEOUT_MS) },
});
const receiver = await Receiver.start();
after(() => receiver.close());
after(() => service.stop());
const { root } = service;

/** An endpoint that fails for ever, since the beginning: of this user it got one event, and then another. */
let hopeless: { hook: Hook; user: string };
/** Endpoints of the test at hand. */
const hooks: Hook[] = [];

before(async () => {
  const hook = await newHook(root, receiver, { events: ["user.created", "token.created"] });
  const user = await newUser(root);
  hook.answer(({ told }) => (told.type === "user.created" ? 500 : 204));
  hopeless = { hook, user };
  await mint(root, user);
});

afterEach(async () => {
  await Promise.all(hooks.splice(0).map((hook) => hook.remove()));
});

/** An endpoint that answers like this. */
async function listening(manner: Manner): Promise<Hook> {
  const hook = await newHook(root, receiver, { events: ["user.created", "token.created"] });
  hook.answer(manner);
  hooks.push(hook);
  return hook;
}

/** The same, and a user of whom it is told. */
async function failing(manner: Manner): Promise<{ hook: Hook; user: string }> {
  return { hook: await listening(manner), user: await newUser(root) };
}

/** The log of deliveries, as soon as it is so long. */
async function logOf(hook: Hook, length: number): Promise<Delivery[]> {
  return until(`${length} deliveries in the log`, async () => {
    const log = await hook.deliveries();
    return log.length >= length ? log : undefined;
  });
}

/** Answers so often in this way, and then as if all were well. */
function first(count: number, manner: Manner): Manner {
  let left = count;
  return (message, response) => (left-- > 0 ? manner(message, response) : 204);
}

test("an_endpoint_that_fails_is_told_again_until_it_has_heard", async () => {
  const { hook, user } = await failing(first(4, () => 500));
  await hook.waitFor(user, 5);
  await hook.heard(user, ["user.created"]);
  const got = hook.got(user);
  assert.equal(got.length, 5);
  assert.equal(new Set(got.map(({ text }) => text)).size, 1, "the same bytes each time");
  waitsAreKept(got);

  const log = (await logOf(hook, 5)).toReversed();
  assert.deepEqual(
    log.map(({ event_id, attempt, delivered, status, error }) => [
      event_id,
      attempt,
      delivered,
      status,
      error,
    ]),
    [1, 2, 3, 4, 5].map((attempt) => [
      got[0]?.id,
      attempt,
      attempt === 5,
      attempt === 5 ? 204 : 500,
      attempt === 5 ? null : "HTTP 500",
    ]),
  );
  for (const { at, delivered, next_attempt_at } of log) {
    assert.equal(next_attempt_at === null, delivered);
    if (next_attempt_at !== null) assert.ok(next_attempt_at > at);
  }
});

test("the_next_event_waits_for_the_one_before", async () => {
  const { hook, user } = await failing(first(3, () => 503));
  await mint(root, user);
  await mint(root, user);
  const heard = await hook.heard(user, ["user.created", "token.created"]);
  const [one, two, three] = heard.map(({ id }) => id);
  assert.deepEqual(
    hook.got(user).map(({ id }) => id),
    [one, one, one, one, two, three],
  );
});

test("an_endpoint_that_hangs_is_given_so_long_and_no_longer", async () => {
  const { hook, user } = await failing(first(2, () => undefined));
  await hook.waitFor(user, 3);
  await hook.heard(user, ["user.created"]);
  const [one, two] = hook.got(user);
  const waited = (two?.at ?? 0) - (one?.at ?? 0);
  assert.ok(waited >= TIMEOUT_MS - 50 && waited < TIMEOUT_MS + SLACK_MS, `${waited} ms`);
  const log = await logOf(hook, 3);
  assert.deepEqual(
    log.map(({ status, error }) => [status, error]),
    [
      [204, null],
      [null, "no answer in time"],
      [null, "no answer in time"],
    ],
  );
});

test("an_answer_that_never_ends_is_not_waited_for", async () => {
  const { hook, user } = await failing((_message, response) => {
    response.writeHead(200).write("and ");
    return undefined;
  });
  await hook.waitFor(user, 2);
  const log = await logOf(hook, 1);
  assert.deepEqual([log.at(-1)?.delivered, log.at(-1)?.error], [false, "no answer in time"]);
});

test("an_endpoint_that_dies_is_told_when_it_is_back", async () => {
  const dying = await Receiver.start();
  const hook = await newHook(root, dying, { events: ["user.created", "token.created"] });
  hooks.push(hook);
  await dying.close();
  const user = await newUser(root);
  await mint(root, user);
  const [last] = await logOf(hook, 2);
  assert.deepEqual([last?.status, last?.error], [null, "could not be reached"]);
  await dying.listen();
  await hook.heard(user, ["user.created", "token.created"]);
  await dying.close();
});

test("a_connection_that_breaks_is_a_failure", async () => {
  const { hook, user } = await failing(
    first(2, (_message, response) => {
      response.destroy();
      return undefined;
    }),
  );
  await hook.waitFor(user, 3);
  await hook.heard(user, ["user.created"]);
  const errors = (await logOf(hook, 3)).map(({ error }) => error);
  assert.deepEqual(errors, [null, "could not be reached", "could not be reached"]);
});

test("a_redirect_is_a_failure_and_is_not_followed", async () => {
  const statuses = [301, 302, 307, 308];
  const elsewhere = receiver.url("/elsewhere");
  const made: Hook[] = [];
  for (const status of statuses) {
    made.push(await listening(first(1, () => ({ status, headers: { location: elsewhere } }))));
  }
  const user = await newUser(root);
  for (const [index, hook] of made.entries()) {
    await hook.waitFor(user, 2);
    await hook.heard(user, ["user.created"]);
    assert.equal((await logOf(hook, 1)).at(-1)?.error, `HTTP ${statuses[index]}`);
  }
  assert.deepEqual(receiver.at("/elsewhere"), []);
});

test("whatever_is_not_2xx_is_a_failure_and_all_of_2xx_is_none", async () => {
  const statuses = [400, 401, 404, 500, 502, 504, 200, 201, 202, 299];
  const made: Hook[] = [];
  for (const status of statuses) made.push(await listening(first(1, () => status)));
  const user = await newUser(root);
  for (const [index, hook] of made.entries()) {
    const status = statuses[index] ?? 0;
    await hook.waitFor(user, status < 300 ? 1 : 2);
    await hook.heard(user, ["user.created"]);
    const oldest = (await logOf(hook, 1)).at(-1);
    assert.deepEqual([oldest?.status, oldest?.delivered], [status, status < 300]);
  }
});

test("an_endpoint_that_wants_to_be_left_alone_is_for_so_long", async () => {
  const made: Hook[] = [];
  for (const status of [429, 503]) {
    made.push(await listening(first(1, () => ({ status, headers: { "retry-after": "2" } }))));
  }
  const user = await newUser(root);
  for (const hook of made) {
    await hook.waitFor(user, 2);
    await hook.heard(user, ["user.created"]);
    const [one, two] = hook.got(user);
    const waited = (two?.at ?? 0) - (one?.at ?? 0);
    assert.ok(waited >= 1_900 && waited < 2_000 + SLACK_MS, `${waited} ms`);
  }
});

test("an_endpoint_that_is_gone_is_disabled_and_goes_on_where_it_was_once_it_is_enabled", async () => {
  const { hook, user } = await failing(first(1, () => 410));
  await mint(root, user);
  await untilTrue("it is disabled", async () => (await hook.read()).disabled);
  const { disabled_reason, disabled_at } = await hook.read();
  assert.equal(disabled_reason, "answered 410 Gone");
  assert.ok(Math.abs(Date.parse(disabled_at ?? "") - Date.now()) < 10_000);
  await mint(root, user);
  await sleep(2_000);
  assert.equal(hook.got(user).length, 1, "nothing is sent any more");
  const [last] = await hook.deliveries();
  assert.deepEqual([last?.status, last?.error, last?.next_attempt_at], [410, "HTTP 410", null]);

  await hook.put({ events: ["user.created", "token.created"] });
  await mint(root, user);
  const heard = await hook.heard(user, ["user.created", "token.created"]);
  assert.equal(heard.length, 4);
  assert.equal(hook.got(user).length, 5);
});

test("one_broken_endpoint_does_not_hold_another_up", async () => {
  const broken: Hook[] = [];
  for (const _ of times(8, () => 0)) broken.push(await listening(() => undefined));
  const fine = await listening(() => 204);
  const start = Date.now();
  const user = await newUser(root);
  await mint(root, user);
  await fine.heard(user, ["user.created", "token.created"]);
  const took = (fine.got(user).at(-1)?.at ?? 0) - start;
  assert.ok(took < 2_500, `after ${took} ms`);
  for (const hook of broken) assert.ok(hook.got(user).length > 0, "they were told too");

  // What is broken already does not hold up what happens next, either.
  for (const _ of times(3, () => 0)) {
    await sleep(200);
    const next = Date.now();
    await mint(root, user);
    await fine.waitFor(user, fine.got(user).length + 1);
    const later = (fine.got(user).at(-1)?.at ?? 0) - next;
    assert.ok(later < 3_500, `after ${later} ms`);
  }
});

test("an_endpoint_that_is_mended_is_told_there", async () => {
  const { hook, user } = await failing(() => 500);
  await hook.waitFor(user, 2);
  const url = receiver.url(`${hook.path}-mended`);
  await hook.put({ url, events: ["user.created"] });
  await untilTrue("it arrives there", () =>
    Promise.resolve(receiver.at(`${hook.path}-mended`).length > 0),
  );
  const messages = receiver.at(`${hook.path}-mended`);
  assertGenuine(messages, hook.secret);
  assert.deepEqual(
    messages.map(({ id }) => id),
    [hook.got(user)[0]?.id],
  );
});

test("what_fails_for_ever_is_given_up_and_the_next_event_goes_out", async () => {
  const { hook, user } = hopeless;
  const tries = WAITS_MS.length + 1;
  await hook.waitFor(user, tries + 1, 120_000);
  const got = hook.got(user);
  assertGenuine(got, hook.secret);
  const types = got.map(({ told }) => told.type);
  assert.deepEqual(types, [...times(tries, () => "user.created"), "token.created"]);
  waitsAreKept(got.slice(0, tries));
  const log = (await hook.deliveries()).filter(({ event_id }) => event_id === got[0]?.id);
  assert.deepEqual([log[0]?.attempt, log[0]?.next_attempt_at], [tries, null], "it is given up");
});

/** That each attempt came when it was due. */
function waitsAreKept(attempts: Message[]): void {
  for (const [index, { at }] of attempts.slice(1).entries()) {
    const waited = at - (attempts[index]?.at ?? 0);
    const due = WAITS_MS[index] ?? 0;
    assert.ok(waited >= due - 20, `attempt ${index + 2} came after ${waited} ms, not ${due} ms`);
    assert.ok(waited <= due * 1.1 + SLACK_MS, `attempt ${index + 2} came after ${waited} ms`);
  }
}

// workerd killed while it tells endpoints what happened, and started again on the same storage: whatever happened is
// told, in order, and one id never has two bodies. What was told already may be told again.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { consume, eventsOf, mint, newUser, revoke } from "./kit/actions.ts";
import { connect, disable, enable, issue, newApp, revokeConnection } from "./kit/connections.ts";
import { assertGenuine, Receiver } from "./kit/receiver.ts";
import { serve } from "./kit/service.ts";
import type { Event } from "./kit/shapes.ts";
import { sleep, times, until, untilTrue } from "./kit/wait.ts";
import { newHook, type Hook } from "./kit/webhooks.ts";

const ROUNDS = 3;
const USERS = 4;
/** Of each user in each round; every one makes several transitions. */
const STEPS = 6;
/** The kills of a round come at any time within so long after the one before. */
const KILL_WITHIN_MS = 1_800;
const KILLS = 3;

const service = await serve({ vars: { WEBHOOK_RETRY_MS: "10" } });
const receiver = await Receiver.start();
after(() => receiver.close());
after(() => service.stop());
const { root } = service;

for (const round of times(ROUNDS, (index) => index + 1)) {
  test(`whatever_happened_is_told_over_crashes (${round} of ${ROUNDS})`, async (t) => {
    const hook = await newHook(root, receiver);
    // An answer takes a while, so that some are under way whenever it is killed.
    hook.answer((_message, response) => {
      setTimeout(() => response.writeHead(204).end(), 30);
      return undefined;
    });
    const { app_id } = await newApp(root);
    const users = await Promise.all(times(USERS, () => newUser(root)));

    let isLoaded = false;
    const load = Promise.all(users.map((user) => live(user, app_id))).finally(
      () => (isLoaded = true),
    );
    for (const _ of times(KILLS, () => 0)) {
      const ms = Math.floor(Math.random() * KILL_WITHIN_MS);
      t.diagnostic(
        `killed after ${ms} ms, ${isLoaded ? "when all had happened" : "in the middle"}`,
      );
      await sleep(ms);
      await service.kill();
      await service.restart();
    }
    const acknowledged = await load;

    for (const [index, user] of users.entries()) {
      const events = await arrived(hook, user);
      const told = new Set(events.map(({ type, token_id }) => `${type} ${token_id}`));
      for (const what of acknowledged[index] ?? []) assert.ok(told.has(what), what);
      const once = events.map(({ type, token_id, connection_id }) =>
        [type, token_id, connection_id].join(" "),
      );
      const switched = /^connection\.(dis|en)abled/;
      const final = once.filter((what) => !switched.test(what));
      assert.equal(new Set(final).size, final.length, "each transition has one event");
    }
    await hook.remove();
  });
}

test("what_was_under_way_is_told_after_a_crash_though_nothing_else_happens", async () => {
  const hook = await newHook(root, receiver);
  const user = await newUser(root);
  await mint(root, user);
  await mint(root, user);
  // The first has arrived, and the second never gets an answer.
  let count = 0;
  hook.answer(() => (count++ === 0 ? 204 : undefined));
  await hook.waitFor(user, 2);
  await service.kill();
  hook.answer();
  await service.restart();
  const before = new Set(hook.got(user).map(({ id }) => id)).size;
  // Nobody asks the ledger anything: it has to come back to it by itself.
  await untilTrue("all of it is told", () =>
    Promise.resolve(new Set(hook.got(user).map(({ id }) => id)).size === 3),
  );
  assert.equal(before, 2);
  await arrived(hook, user);
  await hook.remove();
});

test("what_was_not_told_yet_is_told_after_a_crash_though_nothing_else_happens", async () => {
  const hook = await newHook(root, receiver);
  const user = await newUser(root);
  await service.kill();
  await service.restart();
  await hook.waitFor(user, 1);
  await arrived(hook, user);
  await hook.remove();
});

test("a_retry_that_is_due_later_is_made_after_a_crash", async () => {
  const hook = await newHook(root, receiver);
  hook.answer(() => ({ status: 500, headers: { "retry-after": "3" } }));
  const user = await newUser(root);
  await hook.waitFor(user, 1);
  await untilTrue("it is in the log", async () => (await hook.deliveries()).length === 1);
  await service.kill();
  hook.answer();
  await service.restart();
  const [one, two] = await hook.waitFor(user, 2);
  const waited = (two?.at ?? 0) - (one?.at ?? 0);
  assert.ok(waited >= 2_900, `after ${waited} ms`);
  const log = await until("it is in the log", async () => {
    const log = await hook.deliveries();
    return log.length === 2 ? log : undefined;
  });
  assert.deepEqual(
    log.map(({ attempt, delivered }) => [attempt, delivered]),
    [
      [2, true],
      [1, false],
    ],
  );
  await hook.remove();
});

/** A user's load; gives what was acknowledged of it, as `type token_id`. A step that is lost is left at that. */
async function live(user: string, appId: string): Promise<string[]> {
  const acknowledged: string[] = [];
  for (const step of times(STEPS, (index) => index)) {
    try {
      const { token, token_id } = await mint(root, user);
      acknowledged.push(`token.created ${token_id}`);
      if (step % 2 === 0) {
        await revoke(root, token);
        acknowledged.push(`token.revoked ${token_id}`);
      } else if ((await consume(root, token)).status === 200) {
        acknowledged.push(`token.consumed ${token_id}`);
      }
      const { id } = await connect(root, user, appId);
      const issued = await issue(root, id);
      acknowledged.push(`token.created ${issued.token_id}`);
      await disable(root, id);
      await enable(root, id);
      // Its tokens end with it, and get no events of their own.
      await revokeConnection(root, id);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      await sleep(100);
    }
    await sleep(Math.random() * 600);
  }
  return acknowledged;
}

/**
 * The user's events, once nothing more happens and all of it has arrived: each at least once, the first time in order,
 * and never with another body.
 */
async function arrived(hook: Hook, user: string): Promise<Event[]> {
  const events = await until(
    `all events of ${user}`,
    async () => {
      const before = hook.got(user).length;
      await sleep(1_500);
      const events = (await eventsOf(root, user)).reverse();
      const ids = new Set(hook.got(user).map(({ id }) => id));
      const isQuiet = hook.got(user).length === before;
      return isQuiet && events.every(({ id }) => ids.has(id)) ? events : undefined;
    },
    40_000,
  );
  const got = hook.got(user);
  assertGenuine(got, hook.secret);
  const inOrder = [...new Set(got.map(({ id }) => id))];
  assert.deepEqual(
    inOrder,
    events.map(({ id }) => id),
  );
  return events;
}

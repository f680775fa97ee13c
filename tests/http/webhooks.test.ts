// Webhook endpoints: put, read, tested, given another secret, taken away.

import assert from "node:assert/strict";
import { after, afterEach, test } from "node:test";

import { asNew, everyPage, mint, newUser } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import { assertGenuine, isSigned, Receiver, type Message } from "./kit/receiver.ts";
import { serve } from "./kit/service.ts";
import type { Page, Problem } from "./kit/shapes.ts";
import { sleep, times } from "./kit/wait.ts";
import {
  Hook,
  newHook,
  newName,
  webhookPath,
  type Delivery,
  type Endpoint,
  type WithSecret,
} from "./kit/webhooks.ts";

const service = await serve();
const receiver = await Receiver.start();
after(() => receiver.close());
after(() => service.stop());
const { root } = service;

afterEach(async () => {
  const { items } = (await root.get<Page<Endpoint>>("/v1/webhooks")).body;
  for (const { name } of items) await root.send("DELETE", webhookPath(name));
});

const MOST = 20;
const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/;

test("an_endpoint_is_put_read_listed_and_taken_away", async () => {
  const name = newName();
  const url = receiver.url("/put");
  const events = ["token.revoked", "connection.revoked"];
  const { body, headers } = await root.put<WithSecret>(webhookPath(name), { url, events }, 201);
  assert.equal(headers.get("location"), webhookPath(name));
  const { secret, ...endpoint } = body;
  assert.match(secret, SECRET);
  const { created_at, ...rest } = endpoint;
  assert.deepEqual(rest, {
    name,
    url,
    events,
    disabled: false,
    disabled_reason: null,
    disabled_at: null,
    previous_secret_expires_at: null,
    updated_at: created_at,
  });
  assert.deepEqual((await root.get(webhookPath(name))).body, endpoint);
  const listed = (await root.get<Page<Endpoint>>("/v1/webhooks")).body;
  assert.deepEqual(listed, { items: [endpoint], next_cursor: null });

  const removed = await root.send("DELETE", webhookPath(name));
  assert.deepEqual([removed.status, removed.text], [204, ""]);
  for (const [method, rest] of [
    ["GET", ""],
    ["DELETE", ""],
    ["POST", "/secret"],
    ["POST", "/test"],
    ["GET", "/deliveries"],
  ] as const) {
    const json = method === "POST" ? { json: {} } : {};
    const { status, body } = await root.send<Problem>(method, webhookPath(name, rest), json);
    assert.deepEqual([status, body.code], [404, "webhook_not_found"], method + rest);
  }
  assert.deepEqual((await root.get<Page<Endpoint>>("/v1/webhooks")).body.items, []);
});

test("a_secret_is_shown_once_and_kept", async () => {
  const hook = await newHook(root, receiver);
  const put = await root.put(webhookPath(hook.name), { url: receiver.url(hook.path) });
  const others = [
    put,
    await root.get(webhookPath(hook.name)),
    await root.get("/v1/webhooks"),
    await root.get(webhookPath(hook.name, "/deliveries")),
    await root.post(webhookPath(hook.name, "/test"), {}),
  ];
  for (const { text } of others) assert.ok(!text.includes("whsec_"), text);
  assert.ok(hook.got().length === 1 && isSigned(hook.got()[0] as Message, hook.secret));
});

test("putting_it_again_says_all_of_it_anew", async () => {
  const hook = await newHook(root, receiver, { events: ["token.revoked"] });
  const before = await hook.read();
  const again = await hook.put({ disabled: true });
  assert.deepEqual([again.events, again.disabled], [[], true]);
  assert.equal(again.disabled_reason, "disabled by an operator");
  assert.ok((again.disabled_at ?? "") > before.created_at);
  assert.equal(again.created_at, before.created_at);
  assert.ok(again.updated_at > before.updated_at);
  const later = await hook.put({ disabled: true });
  assert.equal(later.disabled_at, again.disabled_at, "it was disabled already");
  const { disabled, disabled_at, disabled_reason } = await hook.put();
  assert.deepEqual([disabled, disabled_at, disabled_reason], [false, null, null]);
});

test("a_secret_may_be_brought_along", async () => {
  const bytes = (count: number): string => Buffer.alloc(count, 7).toString("base64");
  for (const secret of [`whsec_${bytes(24)}`, `whsec_${bytes(64)}`]) {
    const hook = await newHook(root, receiver, { secret });
    assert.equal(hook.secret, secret);
    assert.equal((await hook.test()).delivered, true);
    assertGenuine(hook.got(), secret);

    // Another one takes the place of the first at once, and is not told back.
    const other = `whsec_${Buffer.alloc(32, secret.length).toString("base64")}`;
    await hook.put({ secret: other });
    await hook.test();
    const last = hook.got().at(-1) as Message;
    assert.deepEqual([isSigned(last, secret), isSigned(last, other)], [false, true]);
    await hook.remove();
  }
  const url = receiver.url("/none");
  for (const secret of [`whsec_${bytes(23)}`, `whsec_${bytes(65)}`, bytes(32), "whsec_?", ""]) {
    await refused({ url, secret }, "secret");
  }
});

test("while_a_secret_is_rotated_both_sign_and_then_one", async () => {
  const hook = await newHook(root, receiver);
  const rotated = await root.post<WithSecret>(
    webhookPath(hook.name, "/secret"),
    { previous_ttl: 2 },
    201,
  );
  const { secret, previous_secret_expires_at } = rotated.body;
  assert.match(secret, SECRET);
  assert.notEqual(secret, hook.secret);
  assert.ok(Math.abs(Date.parse(previous_secret_expires_at ?? "") - Date.now() - 2_000) < 1_000);
  await hook.test();
  const during = hook.got().at(-1) as Message;
  assert.equal(during.headers["webhook-signature"]?.split(" ").length, 2);
  assert.ok(isSigned(during, secret) && isSigned(during, hook.secret));

  await sleep(2_200);
  await hook.test();
  const afterwards = hook.got().at(-1) as Message;
  assert.equal(afterwards.headers["webhook-signature"]?.split(" ").length, 1);
  assert.deepEqual(
    [isSigned(afterwards, secret), isSigned(afterwards, hook.secret)],
    [true, false],
  );
  assert.equal((await hook.read()).previous_secret_expires_at, null);
});

test("a_secret_is_rotated_once_however_often_the_request_comes", async () => {
  const hook = await newHook(root, receiver);
  const rotate = (key: string): Promise<Answer<WithSecret>> =>
    root.post(webhookPath(hook.name, "/secret"), { previous_ttl: 0 }, 201, {
      "idempotency-key": key,
    });
  const [first, again, other] = [await rotate("one"), await rotate("one"), await rotate("two")];
  assert.equal(again.body.secret, first.body.secret);
  assert.notEqual(other.body.secret, first.body.secret);
  assert.equal(other.body.previous_secret_expires_at, null);
  await hook.test();
  const last = hook.got().at(-1) as Message;
  const signed = [first.body.secret, other.body.secret, hook.secret].map((s) => isSigned(last, s));
  assert.deepEqual(signed, [false, true, false]);
  for (const previous_ttl of [-1, 604_801, 1.5, "60"]) {
    const { status, body } = await root.send<Problem>("POST", webhookPath(hook.name, "/secret"), {
      json: { previous_ttl },
    });
    assert.equal(status, 400, String(previous_ttl));
    assert.ok(body.errors?.["previous_ttl"] !== undefined);
  }
});

test("a_test_says_what_came_of_it", async () => {
  const hook = await newHook(root, receiver, { events: ["token.revoked"] });
  const fine = await hook.test();
  assert.deepEqual([fine.delivered, fine.status, fine.error], [true, 204, null]);
  const message = hook.got().at(-1) as Message;
  assertGenuine([message], hook.secret);
  assert.deepEqual([message.id, message.told.type], [fine.event_id, "webhook.test"]);

  hook.answer(() => 500);
  const failed = await hook.test();
  assert.deepEqual([failed.delivered, failed.status, failed.error], [false, 500, "HTTP 500"]);
  assert.notEqual(failed.event_id, fine.event_id);
  await sleep(1_500);
  assert.equal(hook.got().length, 2, "it is not tried again");

  await hook.put({ url: "http://127.0.0.1:9/", disabled: true });
  const { delivered, status, error } = await hook.test();
  assert.deepEqual([delivered, status, error], [false, null, "could not be reached"]);
  const log = await hook.deliveries();
  assert.deepEqual(
    log.map(({ type, attempt, error }) => [type, attempt, error]),
    [
      ["webhook.test", 1, "could not be reached"],
      ["webhook.test", 1, "HTTP 500"],
      ["webhook.test", 1, null],
    ],
  );
});

test("the_log_of_deliveries_is_read_page_by_page", async () => {
  const hook = await newHook(root, receiver);
  const user = await newUser(root);
  for (const _ of times(6, () => 0)) await mint(root, user);
  const heard = await hook.heard(user);
  await sleep(300);
  const log = await everyPage<Delivery>(root, webhookPath(hook.name, "/deliveries"), {
    limit: "3",
  });
  assert.deepEqual(
    log.map(({ event_id, type, attempt, delivered, status, error, next_attempt_at }) => ({
      event_id,
      type,
      attempt,
      delivered,
      status,
      error,
      next_attempt_at,
    })),
    heard.toReversed().map(({ id, type }) => ({
      event_id: id,
      type,
      attempt: 1,
      delivered: true,
      status: 204,
      error: null,
      next_attempt_at: null,
    })),
  );
  assert.equal(
    (await root.get<Page<Delivery>>(webhookPath(hook.name, "/deliveries?limit=3"))).body.items
      .length,
    3,
  );
  await root.get(webhookPath(hook.name, "/deliveries?limit=0"), 400);
  await root.get(webhookPath(hook.name, "/deliveries?cursor=nonsense"), 400);
  await hook.remove();
  await newHookNamed(hook.name);
  assert.deepEqual(await hook.deliveries(), [], "those of the one before are gone with it");
});

test("there_are_twenty_endpoints_at_most", async () => {
  const hooks: Hook[] = [];
  for (const _ of times(MOST, () => 0)) hooks.push(await newHook(root, receiver));
  const url = receiver.url("/one-more");
  const one = await root.send<Problem>("PUT", webhookPath(newName()), { json: { url } });
  assert.deepEqual([one.status, one.body.code], [409, "too_many_webhooks"]);
  const [first] = hooks;
  await first?.put({ events: ["token.revoked"] });
  assert.equal((await root.get<Page<Endpoint>>("/v1/webhooks")).body.items.length, MOST);
  await first?.remove();
  hooks[0] = await newHook(root, receiver);
  const user = await newUser(root);
  for (const hook of hooks) await hook.heard(user);
});

test("an_endpoint_that_is_not_as_it_has_to_be_is_refused", async () => {
  for (const url of [
    "",
    "hooks.example",
    "ftp://hooks.example/",
    "http://hooks.example/",
    "https://user:password@hooks.example/",
    "https://hooks.example/#here",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00::1]/",
    "https://metadata.google.internal/",
    "https://printer.local/",
    `https://hooks.example/${"a".repeat(2_048)}`,
    "https://hooks.example/\u00e4",
    42,
    null,
  ]) {
    await refused({ url }, "url");
  }
  const url = receiver.url("/none");
  await refused({}, "url");
  await refused({ url, events: ["connection"] }, "events");
  await refused({ url, events: "token.revoked" }, "events");
  await refused({ url, events: ["webhook.test"] }, "events");
  await refused({ url, disabled: "yes" }, "disabled");
  await refused({ url, headers: {} }, "headers");
  for (const name of ["Not-A-Slug", "a%20b", "a".repeat(100), "%00"]) {
    const { status } = await root.send("PUT", webhookPath(name), { json: { url } });
    assert.equal(status, 400, name);
  }
  assert.deepEqual((await root.get<Page<Endpoint>>("/v1/webhooks")).body.items, []);
});

test("webhooks_are_for_admins_alone", async () => {
  const hook = await newHook(root, receiver);
  const admin = await asNew(root, { role: "admin" });
  await admin.api.get(webhookPath(hook.name));
  for (const role of ["manager", "member", "none"] as const) {
    const { api } = await asNew(root, { role, groups: ["paris"] });
    await everyCallIs(api, hook.name, 403);
  }
  await everyCallIs(root.as(undefined), hook.name, 401);
  const tests = hook.got().filter(({ told }) => told.type === "webhook.test");
  assert.deepEqual(tests, []);
  assert.equal((await hook.read()).disabled, false);
});

/** That whoever this is can do nothing with endpoints, and is not told which there are. */
async function everyCallIs(api: typeof root, name: string, expected: number): Promise<void> {
  const url = receiver.url("/theirs");
  for (const [method, path, json] of [
    ["GET", "/v1/webhooks", undefined],
    ...[name, "no-such-endpoint"].flatMap(
      (name) =>
        [
          ["PUT", webhookPath(name), { url }],
          ["GET", webhookPath(name), undefined],
          ["DELETE", webhookPath(name), undefined],
          ["POST", webhookPath(name, "/secret"), {}],
          ["POST", webhookPath(name, "/test"), {}],
          ["GET", webhookPath(name, "/deliveries"), undefined],
        ] as const,
    ),
  ] as const) {
    const { status } = await api.send(method, path, json === undefined ? {} : { json });
    assert.equal(status, expected, `${method} ${path}`);
  }
}

async function newHookNamed(name: string): Promise<void> {
  await root.put(webhookPath(name), { url: receiver.url(`/${name}`) }, 201);
}

/** That this is refused, with the field at fault. */
async function refused(json: object, field: string): Promise<void> {
  const { status, body, text } = await root.send<Problem>("PUT", webhookPath(newName()), { json });
  assert.deepEqual(
    [status, body.code],
    [400, "invalid_request"],
    `${JSON.stringify(json)} ${text}`,
  );
  assert.ok(body.errors?.[field] !== undefined, text);
}

// What happened is told to webhook endpoints: whatever caused it, once with one id, in order.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { consume, eventsOf, mint, newKey, newUser, revoke } from "./kit/actions.ts";
import { userPath } from "./kit/api.ts";
import { connect, disable, enable, issue, newApp, revokeConnection } from "./kit/connections.ts";
import { Client, authorized, newClientApp, newCode } from "./kit/oauth.ts";
import { assertGenuine, Receiver } from "./kit/receiver.ts";
import { serve } from "./kit/service.ts";
import type { App } from "./kit/shapes.ts";
import { Stytch } from "./kit/stytch.ts";
import { inParallel, sleep, times } from "./kit/wait.ts";
import { newHook, type Hook } from "./kit/webhooks.ts";

const service = await serve();
const receiver = await Receiver.start();
after(() => receiver.close());
after(() => service.stop());
const { root } = service;
const { rootKey } = service.secrets;
const stytch = new Stytch(root, service.projectId, rootKey);

/** More than are sent at once. */
const MANY = 60;

let app: App;
let client: Client;
/** Hears everything. */
let all: Hook;

before(async () => {
  app = await newClientApp(root);
  client = new Client(root, app);
  all = await newHook(root, receiver);
});

/** What causes transitions, and what is told of them, the oldest first. */
const CAUSES: { name: string; types: string[]; act: (user: string) => Promise<unknown> }[] = [
  {
    name: "the native api, of tokens",
    types: ["token.created", "token.consumed", "token.created", "token.revoked"],
    act: async (user) => {
      await consume(root, (await mint(root, user)).token);
      await revoke(root, (await mint(root, user)).token, "lost");
    },
  },
  {
    name: "the native api, of connections",
    types: ["connection.created", "connection.disabled", "connection.enabled"],
    act: async (user) => {
      const { id } = await connect(root, user, app.app_id);
      await disable(root, id, "under review");
      await enable(root, id);
    },
  },
  {
    name: "a connection that is revoked",
    types: ["connection.created", "token.created", "connection.revoked"],
    act: async (user) => {
      const { id } = await connect(root, user, app.app_id);
      await issue(root, id, { refresh_token: false });
      await revokeConnection(root, id);
    },
  },
  {
    name: "partoo",
    types: ["token.created", "user.revoked"],
    act: async (user) => {
      const partoo = root.partoo();
      await partoo.post("/v2/connection/generate_token", { user_id: user });
      await partoo.post("/v2/connection/revoke_token", { user_id: user });
    },
  },
  {
    name: "oauth",
    types: [
      "connection.created",
      "token.created",
      "token.consumed",
      "connection.activated",
      "token.created",
      "token.revoked",
    ],
    act: async (user) => client.revoke((await authorized(root, user, client)).refresh_token),
  },
  {
    name: "oauth, where a code comes again",
    types: [
      "connection.created",
      "token.created",
      "token.consumed",
      "connection.activated",
      "token.created",
      "token.replayed",
    ],
    act: async (user) => {
      const { code } = await authorized(root, user, client);
      await client.exchange(code.token);
    },
  },
  {
    name: "flinks",
    types: ["connection.created", "token.created", "connection.revoked"],
    act: async (user) => {
      const { id } = await connect(root, user, app.app_id);
      const { access_token } = await issue(root, id, { refresh_token: false });
      await root.as(access_token).send("DELETE", "/api/v1/revoke");
    },
  },
  {
    name: "stytch",
    types: ["connection.created", "user.revoked"],
    act: async (user) => {
      await connect(root, user, app.app_id);
      await stytch.revoke(user, app.app_id);
    },
  },
  {
    name: "composio",
    types: [
      "connection.created",
      "connection.disabled",
      "connection.enabled",
      "connection.revoked",
    ],
    act: async (user) => {
      const { id } = await connect(root, user, app.app_id);
      const path = `/api/v3.1/connected_accounts/${id}`;
      const headers = { "x-api-key": rootKey };
      for (const enabled of [false, true]) {
        await root.send("PATCH", `${path}/status`, { json: { enabled }, headers });
      }
      await root.send("DELETE", path, { headers });
    },
  },
  {
    name: "expiry",
    types: ["connection.created", "token.created", "token.expired", "connection.expired"],
    act: (user) => newCode(root, user, app, { ttl: 1 }),
  },
  {
    name: "a cutoff of the user",
    types: ["token.created", "connection.created", "token.created", "user.revoked"],
    act: async (user) => {
      await newKey(root, user);
      const { id } = await connect(root, user, app.app_id);
      await issue(root, id, { refresh_token: false });
      await root.post(userPath(user, "/revoke"), { reason: "left the company" });
    },
  },
];

for (const { name, types, act } of CAUSES) {
  test(`each_transition_is_told_whatever_caused_it: ${name}`, async () => {
    const user = await newUser(root);
    await act(user);
    await all.waitFor(user, types.length + 1);
    const heard = await all.heard(user);
    assert.deepEqual(heard.map(({ type }) => type).sort(), ["user.created", ...types].sort());
    assert.equal(heard[0]?.type, "user.created");
    assert.equal(all.got(user).length, heard.length, "each was told once");
  });
}

test("what_changes_nothing_is_not_told", async () => {
  const user = await newUser(root);
  const { id } = await connect(root, user, app.app_id);
  const { token } = await mint(root, user);
  for (const _ of [1, 2, 3]) {
    await revokeConnection(root, id);
    await consume(root, token);
  }
  await all.heard(user);
  await sleep(1_500);
  const types = all.got(user).map(({ told }) => told.type);
  const expected = ["connection.created", "connection.revoked", "token.consumed", "token.created"];
  assert.deepEqual(types.sort(), [...expected, "user.created"]);
});

test("each_user_is_told_of_in_the_order_in_which_it_happened", async () => {
  const users = await Promise.all(times(4, () => newUser(root)));
  await inParallel(
    12,
    times(MANY * users.length, (index) => async () => {
      const { token } = await mint(root, users[index % users.length] ?? "");
      if (index % 3 === 0) await revoke(root, token);
    }),
  );
  for (const user of users) {
    const heard = await all.heard(user, undefined, 60_000);
    assert.equal(heard.length, 1 + MANY + MANY / 3);
    assert.equal(all.got(user).length, heard.length, "each was told once");
  }
});

test("a_message_is_one_of_standard_webhooks", async () => {
  const user = await newUser(root);
  await all.heard(user);
  const [message] = all.got(user);
  assert.ok(message);
  const { headers, id, text } = message;
  assert.match(id, /^evt_[0-9a-f]+$/);
  assert.deepEqual([headers["webhook-id"], headers["content-type"]], [id, "application/json"]);
  assert.match(headers["user-agent"] ?? "", /^hookswitch\//);
  assert.match(headers["webhook-signature"] ?? "", /^v1,[A-Za-z0-9+/]{43}=$/);
  assert.ok(Math.abs(Number(headers["webhook-timestamp"]) * 1_000 - message.at) < 10_000);
  assert.ok(text.length < 20_000);
});

test("only_what_is_asked_for_is_told", async () => {
  const types = ["connection.revoked", "token.consumed"];
  const hook = await newHook(root, receiver, { events: types });
  const user = await newUser(root);
  const { id } = await connect(root, user, app.app_id);
  await consume(root, (await mint(root, user)).token);
  await revokeConnection(root, id);
  const heard = await hook.heard(user, types);
  assert.equal(heard.length, 2);
  await all.heard(user);
  assert.equal(hook.got().length, 2);

  // From now on it is another thing; what was not asked for before is not told after the fact.
  await hook.put({ events: ["token.created"] });
  await mint(root, user);
  await hook.waitFor(user, 3);
  await all.heard(user);
  assert.deepEqual(
    hook.got(user).map(({ told }) => told.type),
    [...heard.map(({ type }) => type), "token.created"],
  );
  await hook.remove();
});

test("what_happened_before_the_endpoint_was_made_is_not_told", async () => {
  const user = await newUser(root);
  await mint(root, user);
  await all.heard(user);
  const hook = await newHook(root, receiver);
  const { token_id, token } = await mint(root, user);
  await revoke(root, token);
  await hook.waitFor(user, 2);
  await all.heard(user);
  assert.deepEqual(
    hook.got().map(({ told }) => [told.type, told.data["token_id"]]),
    [
      ["token.created", token_id],
      ["token.revoked", token_id],
    ],
  );
  await hook.remove();
});

test("an_endpoint_that_is_deleted_is_told_nothing_and_one_of_its_name_begins_anew", async () => {
  const hook = await newHook(root, receiver);
  const user = await newUser(root);
  await hook.waitFor(user, 1);
  assert.equal((await hook.remove()).status, 204);
  await mint(root, user);
  await all.heard(user);
  assert.equal(hook.got().length, 1);

  const { secret } = (
    await root.put<{ secret: string }>(
      `/v1/webhooks/${hook.name}`,
      { url: receiver.url(hook.path) },
      201,
    )
  ).body;
  const { token_id } = await mint(root, user);
  const [, message] = await hook.waitFor(user, 2);
  await all.heard(user);
  assert.deepEqual([hook.got().length, message?.told.data["token_id"]], [2, token_id]);
  assertGenuine(hook.got().slice(1), secret);
  await hook.remove();
});

test("a_disabled_endpoint_is_told_nothing_and_later_what_it_missed", async () => {
  const hook = await newHook(root, receiver, { disabled: true });
  const user = await newUser(root);
  await mint(root, user);
  await all.heard(user);
  await sleep(500);
  assert.deepEqual(hook.got(), []);
  await hook.put({ disabled: false });
  await mint(root, user);
  assert.equal((await hook.heard(user)).length, 3);
  await hook.remove();
});

test("each_endpoint_is_told_the_same", async () => {
  const hooks = await Promise.all(times(3, () => newHook(root, receiver)));
  const user = await newUser(root);
  await mint(root, user);
  for (const hook of hooks) await hook.heard(user);
  const texts = hooks.map((hook) => hook.got(user).map(({ text }) => text));
  assert.equal(new Set(texts.map((text) => JSON.stringify(text))).size, 1);
  await Promise.all(hooks.map((hook) => hook.remove()));
});

test("no_secret_is_in_what_is_told", async () => {
  const user = await newUser(root, { external_id: `someone-${randomUUID()}` });
  const { api_key } = await newKey(root, user, { label: "a label" });
  const { token } = await mint(root, user, { metadata: { plan: "team" } });
  const { access_token, refresh_token, code } = await authorized(root, user, client);
  const held = { access_token: "upstream-access", refresh_token: "upstream-refresh" };
  const json = { user_id: user, app_id: (await newApp(root)).app_id, upstream: held };
  await root.post("/v1/connections", { ...json, upstream: { provider: "google", ...held } }, 201);
  const secrets = [api_key, token, access_token, refresh_token, code.token, ...Object.values(held)];
  await all.heard(user);
  const text = all
    .got(user)
    .map((message) => message.text + JSON.stringify(message.headers))
    .join();
  const mine = [...secrets, app.client_secret ?? "", all.secret, rootKey];
  for (const secret of mine) {
    assert.ok(secret !== "" && !text.includes(secret), `${secret.slice(0, 8)}… is told`);
    assert.ok(!text.includes(secret.slice(secret.indexOf("_") + 1)));
  }
});

test("the_log_of_the_service_names_no_secret_of_an_endpoint", async () => {
  const hook = await newHook(root, receiver);
  hook.answer(() => 500);
  const user = await newUser(root);
  await hook.waitFor(user, 1);
  assert.ok(!service.logs().join("\n").includes(hook.secret.slice(6)));
  assert.equal((await eventsOf(root, user)).length, 1);
  await hook.remove();
});

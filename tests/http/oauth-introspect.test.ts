// Introspection: RFC 7662. What is not an active token of the asker is `{"active":false}`, and nothing else.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { asNew, asUser, check, forge, newKey, newUser, revoke } from "./kit/actions.ts";
import type { Answer, Api } from "./kit/api.ts";
import { disable, enable, revokeConnection } from "./kit/connections.ts";
import {
  Client,
  authorized,
  newClientApp,
  newCode,
  newPublicApp,
  postForm,
  type Granted,
  type Introspected,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import { untilTrue } from "./kit/wait.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

let client: Client;
let user: string;
let granted: Granted & { code: { connection_id: string; token: string; token_id: string } };

before(async () => {
  user = await newUser(root);
  client = new Client(root, await newClientApp(root));
  granted = await authorized(root, user, client);
});

const byKey = (api: Api, token: string): Promise<Answer<Introspected>> =>
  postForm(api, "/oauth/introspect", { token });

test("an_active_token_says_whose_it_is", async () => {
  const member = await asUser(root, user);
  for (const [token, type] of [
    [granted.access_token, { token_type: "Bearer" }],
    [granted.refresh_token, {}],
  ] as const) {
    const verdict = await check(root, token);
    const wanted = {
      active: true,
      scope: "read write",
      client_id: client.app.app_id,
      ...type,
      exp: Math.floor(Date.parse(verdict.expires_at ?? "") / 1000),
      iat: Math.floor(Date.parse(verdict.created_at) / 1000),
      sub: user,
      iss: service.url,
      jti: verdict.token_id,
    };
    // Without a lease, no answer is to be reused: its time is that of the answer.
    const facts = ({ valid_until, ...rest }: Introspected & { valid_until?: number }): object => {
      assert.ok(Math.abs((valid_until ?? 0) - Date.now() / 1000) < 60);
      return rest;
    };
    const byClient = [
      await client.introspect(token),
      await new Client(root, client.app, "basic").introspect(token),
    ];
    const byKeys = [await byKey(root, token), await byKey(member, token)];
    // A resource server would take a refresh token for an access token: only the client sees that it is active.
    const isAccessToken = token === granted.access_token;
    for (const answer of isAccessToken ? [...byClient, ...byKeys] : byClient) {
      assert.equal(answer.status, 200);
      assert.deepEqual(facts(answer.body), wanted);
    }
    if (!isAccessToken) for (const answer of byKeys) inactive(answer);
  }
});

test("a_token_without_a_scope_says_none", async () => {
  const plain = new Client(root, await newClientApp(root, { scopes: [] }));
  const { access_token } = await authorized(root, user, plain);
  const { body } = await plain.introspect(access_token);
  assert.equal(body.active, true);
  assert.equal("scope" in body, false);
});

test("a_wrong_hint_does_not_matter", async () => {
  for (const token of [granted.access_token, granted.refresh_token]) {
    for (const token_type_hint of ["access_token", "refresh_token", "id_token", "nonsense", ""]) {
      assert.equal((await client.introspect(token, { token_type_hint })).body.active, true);
    }
  }
});

test("a_token_from_the_native_call_is_active", async () => {
  const path = `/v1/connections/${granted.code.connection_id}/tokens`;
  const { body } = await root.post<Granted>(path, { scope: "read", ttl: 60 }, 201);
  const seen = (await client.introspect(body.access_token)).body;
  assert.deepEqual([seen.active, seen.scope, seen.client_id], [true, "read", client.app.app_id]);
});

test("what_is_no_active_token_is_inactive_and_nothing_more", async () => {
  const other = new Client(root, await newClientApp(root));
  const theirs = await authorized(root, user, other);
  const { api_key } = await newKey(root, user);
  const dead = await authorized(root, user, client);
  await revoke(root, dead.access_token);
  const code = await newCode(root, user, client.app);
  for (const token of [
    forge(granted.access_token),
    granted.access_token.toUpperCase(),
    granted.access_token.slice(0, -1),
    "nonsense",
    "\u0000",
    theirs.access_token,
    theirs.refresh_token,
    dead.access_token,
    granted.code.token,
    granted.code.token_id,
    granted.code.connection_id,
    code.token,
    api_key,
    service.secrets.rootKey,
    client.app.client_secret ?? "",
  ]) {
    inactive(await client.introspect(token));
  }
  for (const token of [code.token, api_key, service.secrets.rootKey]) {
    inactive(await byKey(root, token));
  }
});

test("a_token_that_has_run_out_is_inactive", async () => {
  const path = `/v1/connections/${granted.code.connection_id}/tokens`;
  const { body } = await root.post<Granted>(path, { ttl: 1, refresh_token_ttl: 1 }, 201);
  for (const token of [body.access_token, body.refresh_token]) {
    await untilTrue("it expires", async () => !(await client.introspect(token)).body.active);
    inactive(await client.introspect(token));
    inactive(await byKey(root, token));
  }
});

test("a_token_is_inactive_while_its_connection_is", async () => {
  const one = await authorized(root, await newUser(root), client);
  for (const [change, isLive] of [
    [disable, false],
    [enable, true],
    [revokeConnection, false],
  ] as const) {
    await change(root, one.code.connection_id);
    for (const token of [one.access_token, one.refresh_token]) {
      const answer = await client.introspect(token);
      if (isLive) assert.equal(answer.body.active, true);
      else inactive(answer);
    }
  }
});

test("a_key_sees_the_tokens_of_the_users_that_it_may_write", async () => {
  const { userId } = await asNew(root, { groups: ["paris"] });
  const { access_token } = await authorized(root, userId, client);
  const admin = (await asNew(root, { role: "admin" })).api;
  const manager = (await asNew(root, { role: "manager", groups: ["paris"] })).api;
  const stranger = (await asNew(root, { role: "manager", groups: ["rome"] })).api;
  const member = (await asNew(root, { groups: ["paris"] })).api;
  const none = (await asNew(root, { role: "none" })).api;
  for (const api of [admin, manager]) {
    const { body } = await byKey(api, access_token);
    assert.deepEqual([body.active, body.sub], [true, userId]);
  }
  for (const api of [stranger, member, none]) inactive(await byKey(api, access_token));
});

test("nobody_scans_for_tokens", async () => {
  const open = new Client(root, await newPublicApp(root));
  const { api_key } = await newKey(root, user);
  const nobody = root.as(undefined);
  for (const answer of [
    await byKey(nobody, granted.access_token),
    await byKey(root.as(forge(api_key)), granted.access_token),
    await byKey(root.as("nonsense"), granted.access_token),
    await byKey(root.as(granted.access_token), granted.access_token),
    await open.introspect(granted.access_token),
    await new Client(root, { ...client.app, client_secret: "" }).introspect(granted.access_token),
  ]) {
    assert.equal(answer.status, 401, answer.text);
    assert.match(answer.body.error ?? "", /^invalid_(client|token)$/);
    assert.equal(answer.body.active, undefined);
  }
});

test("no_verdict_is_no_active", async () => {
  for (const fault of ["ledger", "ledger-lost"]) {
    const answer = await client.post<Introspected>(
      "introspect",
      { token: granted.access_token },
      { "x-test-fault": fault },
    );
    assert.equal(answer.status, 503, answer.text);
    assert.ok(Number(answer.headers.get("retry-after")) >= 1);
    assert.equal(answer.body.active, undefined);
  }
  const { body } = await client.post<Introspected>(
    "introspect",
    { token: granted.access_token },
    { "x-test-fault": "kv" },
  );
  assert.equal(body.active, true, "a failing KV is a miss");
});

function inactive(answer: Answer<Introspected>): void {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.text, '{"active":false}');
}

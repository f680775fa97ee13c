// Flinks' two calls: tokens for a code or a refresh token, and the end of a connection by its access token.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, eventsOf, forge, newKey, newUser, revoke } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import { readConnection, revokeConnection } from "./kit/connections.ts";
import {
  CALLBACK,
  Client,
  authorized,
  form,
  isActive,
  newClientApp,
  newCode,
  newPublicApp,
  pkce,
  type Code,
  type Granted,
  type Params,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import type { App } from "./kit/shapes.ts";
import { sleep } from "./kit/wait.ts";

const TOKEN = "/api/v1/token";
const REVOKE = "/api/v1/revoke";
const THIRTY_DAYS_MS = 30 * 86_400_000;

const service = await serve();
after(() => service.stop());
const { root } = service;
const nobody = root.as(undefined);

let app: App;
let user: string;

before(async () => {
  app = await newClientApp(root);
  user = await newUser(root);
});

type Send = (params: Params) => Promise<Answer<Granted>>;

const asJson: Send = (params) => nobody.send("POST", TOKEN, { json: params });
const asForm: Send = (params) =>
  nobody.send("POST", TOKEN, {
    body: form(params),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });

const credentials = (one: App = app): Params => ({
  client_id: one.app_id,
  client_secret: one.client_secret,
});

async function granted(whose = user): Promise<Granted & { code: Code }> {
  const code = await newCode(root, whose, app);
  const grant = { grant_type: "authorization_code", code: code.token };
  const answer = await asJson({ ...grant, ...credentials() });
  assert.equal(answer.status, 200, answer.text);
  return { ...answer.body, code };
}

function end(bearer?: string, body?: string): Promise<Answer<Granted>> {
  return nobody.send("DELETE", REVOKE, {
    headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
    ...(body === undefined ? {} : { body }),
  });
}

for (const [name, send] of [
  ["JSON", asJson],
  ["form", asForm],
] as const) {
  test(`a_code_is_exchanged_for_tokens (${name})`, async () => {
    const code = await newCode(root, user, app, { redirect_uri: CALLBACK, scope: "read" });
    const answer = await send({
      grant_type: "authorization_code",
      code: code.token,
      redirect_uri: CALLBACK,
      ...credentials(),
    });
    assert.equal(answer.status, 200, answer.text);
    const { access_token, refresh_token, ...rest } = answer.body;
    assert.deepEqual(rest, { token_type: "Bearer", expires_in: 300, scope: "read" });
    assert.equal(answer.headers.get("cache-control"), "no-store");
    for (const [token, lifetime] of [
      [access_token, 300_000],
      [refresh_token, THIRTY_DAYS_MS],
    ] as const) {
      const { status, created_at, expires_at } = await check(root, token);
      assert.equal(status, "valid");
      assert.equal(Date.parse(expires_at ?? "") - Date.parse(created_at), lifetime);
    }
    assert.equal((await readConnection(root, code.connection_id)).status, "active");
  });

  test(`a_refresh_token_stays_and_lives_thirty_days_from_its_last_use (${name})`, async () => {
    const { refresh_token } = await granted();
    await sleep(50);
    const refresh = { grant_type: "refresh_token", refresh_token, ...credentials() };
    const answer = await send(refresh);
    assert.equal(answer.status, 200, answer.text);
    const { access_token, ...rest } = answer.body;
    assert.deepEqual(rest, { token_type: "Bearer", expires_in: 300 });
    const { expires_at } = await check(root, refresh_token);
    const usedAt = Date.parse((await check(root, access_token)).created_at);
    assert.equal(Date.parse(expires_at ?? ""), usedAt + THIRTY_DAYS_MS);
    assert.equal((await send(refresh)).status, 200, "again and again");
  });

  test(`members_that_it_does_not_know_are_ignored (${name})`, async () => {
    const code = await newCode(root, user, app);
    const answer = await send({
      grant_type: "authorization_code",
      code: code.token,
      ...credentials(),
      LoginId: "x",
      "": "x",
    });
    assert.equal(answer.status, 200, answer.text);
  });

  test(`every_refusal_is_400_and_says_why (${name})`, async () => {
    const code = await newCode(root, user, app, { redirect_uri: CALLBACK });
    const { refresh_token, access_token } = await granted();
    const other = await newClientApp(root);
    const right = {
      grant_type: "authorization_code",
      code: code.token,
      redirect_uri: CALLBACK,
      ...credentials(),
    };
    const refresh = { grant_type: "refresh_token", refresh_token, ...credentials() };
    const wrong: [Params, string][] = [
      [{ ...right, client_secret: forge(app.client_secret ?? "") }, "invalid_client"],
      [{ ...right, client_secret: "nonsense" }, "invalid_client"],
      [{ ...right, client_secret: undefined }, "invalid_client"],
      [{ ...right, client_id: "nobody" }, "invalid_client"],
      [{ ...right, ...credentials(other) }, "invalid_grant"],
      [{ ...right, client_secret: other.client_secret }, "invalid_client"],
      [{ ...right, code: forge(code.token) }, "invalid_grant"],
      [{ ...right, code: access_token }, "invalid_grant"],
      [{ ...right, redirect_uri: "https://evil.example/" }, "invalid_grant"],
      [{ ...right, redirect_uri: undefined }, "invalid_grant"],
      [{ ...right, code: undefined }, "invalid_request"],
      [{ ...right, grant_type: undefined }, "invalid_request"],
      [{ ...right, grant_type: "client_credentials" }, "unsupported_grant_type"],
      [{ ...right, grant_type: "nonsense" }, "unsupported_grant_type"],
      [{ ...refresh, refresh_token: forge(refresh_token) }, "invalid_grant"],
      [{ ...refresh, refresh_token: undefined }, "invalid_request"],
      [{ ...refresh, ...credentials(other) }, "invalid_grant"],
      [{ ...refresh, scope: "everything" }, "invalid_scope"],
    ];
    for (const [params, error] of wrong) refused(await send(params), error);
    assert.equal((await check(root, code.token)).status, "valid", "nothing has changed");
    assert.equal((await send(right)).status, 200);
    assert.equal((await send(refresh)).status, 200);
  });
}

test("a_public_clients_refresh_token_rotates", async () => {
  const open = await newPublicApp(root);
  const { verifier, challenge } = pkce();
  const code = await newCode(root, user, open, { code_challenge: challenge });
  const grant = { grant_type: "authorization_code", code: code.token, client_id: open.app_id };
  refused(await asJson({ ...grant, code_verifier: pkce().verifier }), "invalid_grant");
  const first = (await asJson({ ...grant, code_verifier: verifier })).body;
  const refresh = { grant_type: "refresh_token", client_id: open.app_id };
  const second = await asJson({ ...refresh, refresh_token: first.refresh_token });
  assert.equal(second.status, 200, second.text);
  assert.notEqual(second.body.refresh_token, first.refresh_token);
  assert.match(second.body.refresh_token, /^hrt_/);
});

test("a_code_that_comes_again_ends_what_it_issued", async () => {
  const { code, access_token, refresh_token } = await granted();
  const again = { grant_type: "authorization_code", code: code.token, ...credentials() };
  refused(await asForm(again), "invalid_grant");
  assert.equal(await isActive(root, access_token), false);
  assert.equal(await isActive(root, refresh_token), false);
});

test("what_cannot_be_read_is_an_invalid_request", async () => {
  const send = (body: string, type = "application/json"): Promise<Answer<Granted>> =>
    nobody.send("POST", TOKEN, { body, headers: { "content-type": type } });
  for (const body of ["{", "[]", "null", '"x"']) refused(await send(body), "invalid_request");
  for (const grant_type of [1, null, {}, ["refresh_token"]]) {
    refused(await send(JSON.stringify({ grant_type, ...credentials() })), "invalid_request");
  }
  const twice = "grant_type=refresh_token&grant_type=refresh_token&refresh_token=x&client_id=x";
  refused(await send(twice, "application/x-www-form-urlencoded"), "invalid_request");
  const code = { grant_type: "authorization_code", code: 1, ...credentials() };
  refused(await send(JSON.stringify(code)), "invalid_request");
  for (const [answer, status] of [
    [await send("grant_type=refresh_token", "text/plain"), 415],
    [await send(JSON.stringify({ padding: "x".repeat(70_000) })), 413],
  ] as const) {
    assert.deepEqual([answer.status, answer.body.error], [status, "invalid_request"]);
  }
});

test("a_connection_ends_by_its_access_token", async () => {
  const whose = await newUser(root);
  const first = await granted(whose);
  const second = await granted(whose);
  const pending = await newCode(root, whose, app);
  const other = await granted();
  assert.equal(second.code.connection_id, first.code.connection_id);

  const answer = await end(first.access_token);
  assert.deepEqual([answer.status, answer.text], [204, ""]);
  assert.equal((await readConnection(root, first.code.connection_id)).status, "revoked");
  for (const { access_token, refresh_token } of [first, second]) {
    for (const token of [access_token, refresh_token]) {
      assert.equal((await check(root, token)).status, "revoked");
    }
    const refresh = { grant_type: "refresh_token", refresh_token, ...credentials() };
    refused(await asJson(refresh), "invalid_grant");
    refused(await end(access_token), "invalid_grant");
  }
  assert.equal((await check(root, pending.token)).status, "revoked");
  assert.equal(await isActive(root, other.access_token), true, "of another user");
  const told = await eventsOf(root, whose, "connection.revoked");
  assert.deepEqual(
    told.map(({ actor }) => actor),
    [`app:${app.app_id}`],
  );
});

test("the_body_of_a_revocation_is_ignored", async () => {
  const login = '{"LoginId":"x","MostRecentCached":true}';
  for (const body of ["{}", login, "{", "nonsense", "", "x".repeat(70_000)]) {
    const { access_token } = await granted(await newUser(root));
    assert.equal((await end(access_token, body)).status, 204, body.slice(0, 40));
  }
});

test("an_access_token_of_oauth_ends_its_connection_too", async () => {
  const { access_token } = await authorized(root, await newUser(root), new Client(root, app));
  const headers = { authorization: `bearer ${access_token}` };
  assert.equal((await nobody.send("DELETE", REVOKE, { headers })).status, 204);
});

test("what_is_no_live_access_token_ends_nothing", async () => {
  const one = await granted(await newUser(root));
  const dead = await granted(await newUser(root));
  await revoke(root, dead.access_token);
  const { api_key } = await newKey(root, await newUser(root, { role: "admin" }));
  for (const bearer of [
    forge(one.access_token),
    one.access_token.slice(0, -1),
    one.refresh_token,
    one.code.token,
    one.code.token_id,
    one.code.connection_id,
    dead.access_token,
    api_key,
    service.secrets.rootKey,
    app.client_secret,
    "nonsense",
  ]) {
    refused(await end(bearer), "invalid_grant");
  }
  for (const { code } of [one, dead]) {
    assert.equal((await readConnection(root, code.connection_id)).status, "active");
  }
  assert.equal((await check(root, api_key)).status, "valid");
});

test("without_a_bearer_it_is_an_invalid_request", async () => {
  refused(await end(), "invalid_request");
  for (const authorization of ["", "Bearer", "Bearer ", "Basic eDp5", "nonsense"]) {
    const answer = await nobody.send<Granted>("DELETE", REVOKE, { headers: { authorization } });
    refused(answer, "invalid_request");
  }
});

test("a_dead_connection_ends_no_second_time", async () => {
  const { access_token, code } = await granted(await newUser(root));
  await revokeConnection(root, code.connection_id);
  refused(await end(access_token), "invalid_grant");
});

test("of_many_concurrent_revocations_one_ends_the_connection", async () => {
  const whose = await newUser(root);
  const { access_token } = await granted(whose);
  const answers = await Promise.all(Array.from({ length: 16 }, () => end(access_token)));
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual([statuses[0], statuses.at(-1)], [204, 400]);
  assert.equal(statuses.filter((status) => status === 204).length, 1);
  assert.equal((await eventsOf(root, whose, "connection.revoked")).length, 1);
});

test("there_are_no_other_methods_and_paths", async () => {
  for (const [method, path, status] of [
    ["GET", TOKEN, 405],
    ["DELETE", TOKEN, 405],
    ["GET", REVOKE, 405],
    ["POST", REVOKE, 405],
    ["GET", "/api/v1/", 404],
    ["GET", "/api/v1/authorize", 404],
    ["POST", "/api/v1/token/", 404],
    ["DELETE", "/api/v1/revoke/x", 404],
  ] as const) {
    const answer = await nobody.send<Granted>(method, path);
    assert.deepEqual([answer.status, answer.body.error], [status, "invalid_request"], path);
  }
});

test("storage_that_fails_is_unavailable_and_ends_nothing", async () => {
  const { access_token, refresh_token } = await granted(await newUser(root));
  const fault = { "x-test-fault": "ledger" };
  const authorization = `Bearer ${access_token}`;
  const json = { grant_type: "refresh_token", refresh_token, ...credentials() };
  for (const answer of [
    await nobody.send<Granted>("DELETE", REVOKE, { headers: { authorization, ...fault } }),
    await nobody.send<Granted>("POST", TOKEN, { json, headers: fault }),
  ]) {
    assert.deepEqual([answer.status, answer.body.error], [503, "temporarily_unavailable"]);
    assert.ok(Number(answer.headers.get("retry-after")) >= 1);
  }
  assert.equal(await isActive(root, access_token), true);
});

function refused(answer: Answer<Granted>, error: string): void {
  assert.deepEqual([answer.status, answer.body.error], [400, error], answer.text);
  assert.deepEqual(Object.keys(answer.body).sort(), ["error", "error_description"]);
}

// Stytch's public OAuth calls, at both of their bases: as OAuth has them, in Stytch's words.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { check, eventsOf, forge, newKey, newUser } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import { disable, enable, readConnection } from "./kit/connections.ts";
import {
  CALLBACK,
  Client,
  authorized,
  encodedBasic,
  isActive,
  newClientApp,
  newCode,
  newPublicApp,
  pkce,
  postForm,
  rawBasic,
  type Granted,
  type Introspected,
  type Params,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import { assertDone, assertFailed, assertRefused } from "./kit/stytch.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;
const nobody = root.as(undefined);
const project = service.projectId;
const PUBLIC = `/v1/public/${project}/oauth2`;

let user: string;
before(async () => {
  user = await newUser(root);
});

for (const base of [PUBLIC, "/v1/oauth2"]) {
  const name = base === PUBLIC ? "public" : "custom domain";
  let client: Client;
  let open: Client;
  before(async () => {
    client = new Client(root, await newClientApp(root), "post", base);
    open = new Client(root, await newPublicApp(root), "none", base);
  });

  const json = (endpoint: string, members: object): Promise<Answer<Granted>> =>
    nobody.send("POST", `${base}/${endpoint}`, { json: members });
  const credentials = (): Params => ({
    client_id: client.app.app_id,
    client_secret: client.app.client_secret,
  });

  test(`tokens_are_issued_refreshed_introspected_and_revoked (${name})`, async () => {
    const code = await newCode(root, user, client.app, { redirect_uri: CALLBACK });
    const answer = await client.exchange(code.token, { redirect_uri: CALLBACK });
    const { access_token, refresh_token } = answer.body;
    const issued = { token_type: "bearer", expires_in: 3600, scope: "read write" };
    assertDone(answer, { access_token, refresh_token, ...issued });
    assert.match(access_token, /^hat_/);
    assert.match(refresh_token, /^hrt_/);
    const refreshed = await client.refresh(refresh_token);
    assertDone(refreshed, { access_token: refreshed.body.access_token, ...issued });

    for (const [token, token_type] of [
      [access_token, "access_token"],
      [refresh_token, "refresh_token"],
    ] as const) {
      const verdict = await check(root, token);
      const iat = Math.floor(Date.parse(verdict.created_at) / 1000);
      const seen = await client.introspect(token, { token_type_hint: "nonsense" });
      const { iss } = seen.body;
      assert.ok(typeof iss === "string" && iss !== "");
      assertDone(seen, {
        active: true,
        aud: [project],
        client_id: client.app.app_id,
        exp: Math.floor(Date.parse(verdict.expires_at ?? "") / 1000),
        iat,
        nbf: iat,
        iss,
        scope: "read write",
        sub: user,
        token_type,
      });
    }
    assertDone(await client.revoke(refresh_token));
    for (const token of [access_token, refresh_token, refreshed.body.access_token, "nonsense"]) {
      assertDone(await client.introspect(token), { active: false });
      assertDone(await client.revoke(token));
    }
    assert.equal((await readConnection(root, code.connection_id)).status, "active");
  });

  test(`json_will_do (${name})`, async () => {
    const code = await newCode(root, user, client.app);
    const grant = { grant_type: "authorization_code", code: code.token };
    const issued = await json("token", { ...grant, ...credentials() });
    assert.equal(issued.status, 200, issued.text);
    const { access_token: token } = issued.body;
    const seen = (await json("introspect", { token, ...credentials() })) as Answer<object>;
    assert.equal((seen.body as Introspected).active, true);
    assertDone(await json("revoke", { token, ...credentials() }));
    assert.equal(await isActive(root, token), false);
  });

  test(`the_client_of_the_body_wins_over_basic (${name})`, async () => {
    const { access_token: token } = await authorized(root, user, client);
    const basics = [
      rawBasic(project, service.secrets.rootKey),
      rawBasic(project, "nonsense"),
      rawBasic("nobody", "nonsense"),
      "Basic !!!",
    ];
    for (const authorization of basics) {
      const params = { token, ...credentials() };
      const answer = await postForm<Introspected>(nobody, `${base}/introspect`, params, {
        authorization,
      });
      assert.deepEqual([answer.status, answer.body.active], [200, true], answer.text);
      const refused = await postForm(
        nobody,
        `${base}/introspect`,
        { ...params, client_secret: "nonsense" },
        { authorization },
      );
      assertRefused(refused, 401, "invalid_client");
    }
  });

  test(`basic_is_the_clients_where_the_body_names_none (${name})`, async () => {
    const { access_token: token } = await authorized(root, user, client);
    const { app_id, client_secret = "" } = client.app;
    for (const encode of [rawBasic, encodedBasic]) {
      const answer = await postForm<Introspected>(
        nobody,
        `${base}/introspect`,
        { token },
        { authorization: encode(app_id, client_secret) },
      );
      assert.deepEqual([answer.status, answer.body.active], [200, true], answer.text);
    }
    const authorization = rawBasic(project, service.secrets.rootKey);
    const byProject = await postForm(nobody, `${base}/introspect`, { token }, { authorization });
    assertRefused(byProject, 401, "invalid_client");
  });

  test(`a_public_client_rotates_and_introspects_its_own (${name})`, async () => {
    const granted = await authorized(root, user, open);
    const second = (await open.refresh(granted.refresh_token)).body;
    assert.notEqual(second.refresh_token, granted.refresh_token);
    const again = (await open.refresh(granted.refresh_token)).body;
    assert.equal(again.refresh_token, second.refresh_token);
    assert.equal((await open.introspect(second.access_token)).body.active, true);
    const theirs = await authorized(root, user, client);
    assertDone(await open.introspect(theirs.access_token), { active: false });
    assertDone(await open.revoke(second.refresh_token));
    assertDone(await open.introspect(granted.access_token), { active: false });
  });

  test(`every_refusal_has_five_members (${name})`, async () => {
    const code = await newCode(root, user, client.app, { redirect_uri: CALLBACK });
    const { access_token, refresh_token } = await authorized(root, user, client);
    const theirs = await authorized(root, user, open);
    const { api_key } = await newKey(root, user);
    const stranger = new Client(
      root,
      { ...client.app, client_secret: forge(client.app.client_secret ?? "") },
      "post",
      base,
    );
    const cases: [Answer<object>, number, string][] = [
      [await client.exchange(code.token), 400, "invalid_grant"],
      [await client.exchange(forge(code.token)), 400, "invalid_grant"],
      [await open.exchange(code.token), 400, "invalid_grant"],
      [await client.refresh(access_token), 400, "invalid_grant"],
      [await client.refresh(refresh_token, { scope: "everything" }), 400, "invalid_scope"],
      [await client.post("token", { grant_type: "password" }), 400, "unsupported_grant_type"],
      [await client.post("token", {}), 400, "invalid_request"],
      [await client.post("introspect", {}), 400, "invalid_request"],
      [await client.post("revoke", {}), 400, "invalid_request"],
      [await client.revoke(theirs.access_token), 400, "invalid_grant"],
      [await client.revoke(api_key), 400, "unsupported_token_type"],
      [await stranger.introspect(access_token), 401, "invalid_client"],
      [await stranger.revoke(access_token), 401, "invalid_client"],
      [await stranger.refresh(refresh_token), 401, "invalid_client"],
      [await postForm(nobody, `${base}/revoke`, { token: access_token }), 401, "invalid_client"],
    ];
    for (const [answer, status, error] of cases) assertRefused(answer, status, error);
    assert.equal(await isActive(root, theirs.access_token), true);
    assert.equal(await isActive(root, access_token), true);
    assert.equal((await check(root, code.token)).status, "valid");
  });

  test(`what_cannot_be_read_is_refused (${name})`, async () => {
    const path = `${base}/token`;
    for (const body of ["{", "[]", "null", '{"grant_type":1}']) {
      const answer = await nobody.send<Granted>("POST", path, { body });
      assert.ok(answer.status === 400 || answer.status === 401, answer.text);
      assertRefused(answer, answer.status, answer.body.error);
    }
    const headers = { "content-type": "text/plain" };
    const text = await nobody.send<Granted>("POST", path, { body: "x", headers });
    assertRefused(text, 415, text.body.error);
    const large = await nobody.send<Granted>("POST", path, { body: `"${"x".repeat(70_000)}"` });
    assertRefused(large, 413, large.body.error);
  });

  test(`a_code_that_comes_again_ends_what_it_issued (${name})`, async () => {
    const whose = await newUser(root);
    const granted = await authorized(root, whose, client);
    assertRefused(await client.exchange(granted.code.token), 400, "invalid_grant");
    assertDone(await client.introspect(granted.access_token), { active: false });
    assert.equal((await eventsOf(root, whose, "token.replayed")).length, 1);
  });

  test(`a_token_is_inactive_while_its_connection_is (${name})`, async () => {
    const { access_token, code } = await authorized(root, await newUser(root), client);
    await disable(root, code.connection_id);
    assertDone(await client.introspect(access_token), { active: false });
    await enable(root, code.connection_id);
    assert.equal((await client.introspect(access_token)).body.active, true);
  });

  test(`storage_that_fails_says_nothing_is_active (${name})`, async () => {
    const { access_token: token } = await authorized(root, user, client);
    const fault = { "x-test-fault": "ledger" };
    const answer = await client.post<Granted & Introspected>("introspect", { token }, fault);
    assertRefused(answer, 503, answer.body.error);
    assert.ok(Number(answer.headers.get("retry-after")) >= 1);
    assert.equal(answer.body.active, undefined);
  });
}

test("a_challenge_is_checked", async () => {
  const open = new Client(root, await newPublicApp(root), "none", PUBLIC);
  const { verifier, challenge } = pkce();
  const code = await newCode(root, user, open.app, { code_challenge: challenge });
  const wrong = await open.exchange(code.token, { code_verifier: pkce().verifier });
  assertRefused(wrong, 400, "invalid_grant");
  assert.equal((await open.exchange(code.token, { code_verifier: verifier })).status, 200);
});

test("another_project_is_not_found", async () => {
  const app = await newClientApp(root);
  const { access_token } = await authorized(root, user, new Client(root, app));
  for (const other of [`project-test-${randomUUID()}`, "x", `${project}x`]) {
    const client = new Client(root, app, "post", `/v1/public/${other}/oauth2`);
    for (const answer of [
      await client.introspect(access_token),
      await client.revoke(access_token),
      await client.exchange("x"),
    ]) {
      assertRefused(answer, 404, "project_not_found");
    }
  }
  assert.equal(await isActive(root, access_token), true);
});

test("what_is_at_no_path_is_not_found_in_stytchs_words", async () => {
  for (const path of [
    "/v1/oauth2/",
    "/v1/oauth2/authorize",
    `${PUBLIC}/authorize`,
    `/v1/public/${project}`,
    "/v1/public/",
  ]) {
    const answer = await postForm<object>(nobody, path, {});
    assertFailed(answer, 404, "route_not_found");
  }
  for (const endpoint of ["token", "introspect", "revoke"]) {
    const { status, headers } = await nobody.send("GET", `${PUBLIC}/${endpoint}`);
    assert.deepEqual([status, headers.get("allow")], [405, "POST"]);
  }
});

// A code for tokens: RFC 6749, section 4.1, with the challenges of RFC 7636.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import {
  check,
  consume,
  eventsOf,
  forge,
  newKey,
  newUser,
  partooSpelling,
  revoke,
} from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import { disable, enable, readConnection, revokeConnection } from "./kit/connections.ts";
import {
  CALLBACK,
  Client,
  authorized,
  newClientApp,
  newCode,
  newPublicApp,
  pkce,
  type Granted,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import { sleep } from "./kit/wait.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

let confidential: Client;
let open: Client;

before(async () => {
  confidential = new Client(root, await newClientApp(root));
  open = new Client(root, await newPublicApp(root));
});

test("a_code_is_exchanged_for_tokens", async () => {
  const user = await newUser(root);
  const code = await newCode(root, user, confidential.app);
  assert.equal((await readConnection(root, code.connection_id)).status, "initiated");
  const answer = await confidential.exchange(code.token);
  assert.equal(answer.status, 200, answer.text);
  const { access_token, refresh_token, ...rest } = answer.body;
  assert.deepEqual(rest, { token_type: "Bearer", expires_in: 3600, scope: "read write" });
  assert.match(access_token, /^hat_[0-9a-f]{48}$/);
  assert.match(refresh_token, /^hrt_[0-9a-f]{48}$/);

  const connection = await readConnection(root, code.connection_id);
  assert.deepEqual([connection.status, connection.scope], ["active", "read write"]);
  const used = await check(root, code.token);
  assert.deepEqual([used.status, used.by], ["consumed", `app:${confidential.app.app_id}`]);
  for (const [token, kind, lifetime] of [
    [access_token, "access_token", 3600],
    [refresh_token, "refresh_token", 90 * 86_400],
  ] as const) {
    const verdict = await check(root, token);
    assert.deepEqual(
      [verdict.status, verdict.kind, verdict.user_id, verdict.app_id, verdict.scope],
      ["valid", kind, user, confidential.app.app_id, "read write"],
    );
    const lived = Date.parse(verdict.expires_at ?? "") - Date.parse(verdict.created_at);
    assert.equal(lived, lifetime * 1000);
  }
  assert.equal((await eventsOf(root, user, "token.consumed")).length, 1);
  assert.equal((await eventsOf(root, user, "connection.activated")).length, 1);
});

test("both_spellings_of_a_code_are_accepted", async () => {
  const code = await newCode(root, await newUser(root), confidential.app);
  const answer = await confidential.exchange(partooSpelling(code.token));
  assert.equal(answer.status, 200, answer.text);
  assert.equal((await check(root, code.token)).status, "consumed");
});

test("tokens_have_the_scope_of_the_code", async () => {
  const user = await newUser(root);
  const first = await authorized(root, user, confidential, { scope: "read" });
  assert.equal(first.scope, "read");
  const second = await authorized(root, user, confidential, { scope: "write" });
  assert.equal(second.scope, "write");
  assert.equal(second.code.connection_id, first.code.connection_id);
  const { scope } = await readConnection(root, first.code.connection_id);
  assert.deepEqual(scope?.split(" ").sort(), ["read", "write"]);
});

test("an_app_without_scopes_gets_tokens_without_one", async () => {
  const client = new Client(root, await newClientApp(root, { scopes: [] }));
  const granted = await authorized(root, await newUser(root), client);
  assert.equal("scope" in granted, false);
});

test("a_code_with_a_redirect_uri_needs_that_one", async () => {
  const other = "https://app.example/other";
  const client = new Client(root, await newClientApp(root, { redirect_uris: [CALLBACK, other] }));
  const code = await newCode(root, await newUser(root), client.app, { redirect_uri: CALLBACK });
  for (const redirect_uri of [
    undefined,
    "",
    other,
    `${CALLBACK}/`,
    CALLBACK.toUpperCase(),
    "https://evil.example/",
    "nonsense",
  ]) {
    refused(await client.exchange(code.token, { redirect_uri }), "invalid_grant");
  }
  assert.equal((await check(root, code.token)).status, "valid");
  const answer = await client.exchange(code.token, { redirect_uri: CALLBACK });
  assert.equal(answer.status, 200, answer.text);
});

test("a_code_without_a_redirect_uri_accepts_a_registered_one", async () => {
  const user = await newUser(root);
  const code = await newCode(root, user, confidential.app);
  refused(
    await confidential.exchange(code.token, { redirect_uri: "https://evil.example/" }),
    "invalid_grant",
  );
  const answer = await confidential.exchange(code.token, { redirect_uri: CALLBACK });
  assert.equal(answer.status, 200, answer.text);
});

for (const type of ["public", "confidential"]) {
  test(`a_code_with_a_challenge_needs_its_verifier (${type})`, async () => {
    const client = type === "public" ? open : confidential;
    const { verifier, challenge } = pkce();
    const code = await newCode(root, await newUser(root), client.app, {
      code_challenge: challenge,
      code_challenge_method: "S256",
    });
    for (const code_verifier of [
      undefined,
      "",
      pkce().verifier,
      challenge,
      `${verifier}A`,
      verifier.toLowerCase(),
    ]) {
      refused(await client.exchange(code.token, { code_verifier }), "invalid_grant");
    }
    // 43 to 128 characters of RFC 7636 §4.1.
    for (const code_verifier of [verifier.slice(0, 42), "a".repeat(129), `${verifier}+`]) {
      refused(await client.exchange(code.token, { code_verifier }), "invalid_request");
    }
    assert.equal((await check(root, code.token)).status, "valid");
    const answer = await client.exchange(code.token, { code_verifier: verifier });
    assert.equal(answer.status, 200, answer.text);
  });
}

test("a_code_without_a_challenge_refuses_a_verifier", async () => {
  const code = await newCode(root, await newUser(root), confidential.app);
  const { verifier } = pkce();
  refused(await confidential.exchange(code.token, { code_verifier: verifier }), "invalid_grant");
  assert.equal((await confidential.exchange(code.token)).status, 200);
});

test("a_public_client_gets_nothing_for_a_code_without_a_challenge", async () => {
  const code = await newCode(root, await newUser(root), open.app);
  refused(await open.exchange(code.token), "invalid_grant");
  refused(await open.exchange(code.token, { code_verifier: pkce().verifier }), "invalid_grant");
  assert.equal((await check(root, code.token)).status, "valid");
});

test("what_is_no_live_code_of_the_client_is_refused", async () => {
  const user = await newUser(root);
  const other = await newClientApp(root);
  const { api_key } = await newKey(root, user);
  const plain = await root.post<{ token: string }>("/v1/tokens", { user_id: user }, 201);
  const tokens = await authorized(root, user, confidential);
  const taken = await newCode(root, user, confidential.app);
  await revoke(root, taken.token);
  const late = await newCode(root, user, confidential.app, { ttl: 1 });
  const used = await newCode(root, user, confidential.app);
  assert.equal((await consume(root, used.token)).status, 200);
  const theirs = await newCode(root, user, other);
  const live = await newCode(root, user, confidential.app);
  await sleep(1_100);
  for (const code of [
    forge(live.token),
    live.token_id,
    live.connection_id,
    live.token.slice(0, -1),
    "nonsense",
    api_key,
    tokens.access_token,
    tokens.refresh_token,
    plain.body.token,
    theirs.token,
    taken.token,
    late.token,
    used.token,
  ]) {
    const answer = await confidential.exchange(code);
    refused(answer, "invalid_grant");
    assert.equal(answer.text.includes(code), false, "no error repeats a token");
  }
  assert.equal((await check(root, theirs.token)).status, "valid");
  assert.equal((await check(root, api_key)).status, "valid");
  assert.equal((await check(root, plain.body.token)).status, "valid");
});

test("a_code_that_was_consumed_natively_issues_nothing_and_activates_once", async () => {
  const user = await newUser(root);
  const code = await newCode(root, user, confidential.app);
  assert.equal((await consume(root, code.token)).status, 200);
  assert.equal((await readConnection(root, code.connection_id)).status, "active");
  refused(await confidential.exchange(code.token), "invalid_grant");
  assert.equal((await readConnection(root, code.connection_id)).status, "active");
  assert.equal((await eventsOf(root, user, "connection.activated")).length, 1);
});

test("a_code_dies_with_its_connection", async () => {
  const code = await newCode(root, await newUser(root), confidential.app);
  await revokeConnection(root, code.connection_id);
  refused(await confidential.exchange(code.token), "invalid_grant");
  assert.equal((await check(root, code.token)).status, "revoked");
});

test("a_code_of_an_inactive_connection_waits", async () => {
  const user = await newUser(root);
  const { code: first } = await authorized(root, user, confidential);
  const code = await newCode(root, user, confidential.app);
  assert.equal(code.connection_id, first.connection_id);
  await disable(root, code.connection_id);
  refused(await confidential.exchange(code.token), "invalid_grant");
  assert.equal((await check(root, code.token)).status, "inactive");
  await enable(root, code.connection_id);
  assert.equal((await confidential.exchange(code.token)).status, 200);
});

test("after_a_revocation_a_new_code_makes_a_new_connection", async () => {
  const user = await newUser(root);
  const first = await authorized(root, user, confidential);
  await revokeConnection(root, first.code.connection_id);
  refused(await confidential.refresh(first.refresh_token), "invalid_grant");
  const second = await authorized(root, user, confidential);
  assert.notEqual(second.code.connection_id, first.code.connection_id);
  assert.equal((await check(root, first.access_token)).status, "revoked");
  assert.equal((await check(root, second.access_token)).status, "valid");
});

function refused(answer: Answer<Granted>, error: string): void {
  assert.deepEqual([answer.status, answer.body.error], [400, error], answer.text);
  assert.deepEqual(Object.keys(answer.body).sort(), ["error", "error_description"]);
}

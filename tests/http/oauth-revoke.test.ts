// Revocation: RFC 7009. It is 200 for what was revoked, for what was dead already, and for what nobody knows.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, eventsOf, forge, newKey, newUser, revoke } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import { disable, enable, readConnection, revokeConnection } from "./kit/connections.ts";
import {
  Client,
  authorized,
  isActive,
  newClientApp,
  newCode,
  newPublicApp,
  type Granted,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import { times } from "./kit/wait.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

let confidential: Client;
let open: Client;

before(async () => {
  confidential = new Client(root, await newClientApp(root));
  open = new Client(root, await newPublicApp(root));
});

for (const type of ["confidential", "public"]) {
  const client = (): Client => (type === "public" ? open : confidential);

  test(`an_access_token_dies_alone (${type})`, async () => {
    const user = await newUser(root);
    const granted = await authorized(root, user, client());
    done(await client().revoke(granted.access_token));
    assert.equal(await isActive(root, granted.access_token), false);
    assert.equal(await isActive(root, granted.refresh_token), true);
    const verdict = await check(root, granted.access_token);
    assert.deepEqual([verdict.status, verdict.by], ["revoked", `app:${client().app.app_id}`]);
    done(await client().revoke(granted.access_token));
    assert.equal((await eventsOf(root, user, "token.revoked")).length, 1, "told once");
    assert.equal((await client().refresh(granted.refresh_token)).status, 200);
  });

  test(`a_refresh_token_takes_its_family_along (${type})`, async () => {
    const user = await newUser(root);
    const granted = await authorized(root, user, client());
    const other = await authorized(root, user, client());
    const refreshed = (await client().refresh(granted.refresh_token)).body;
    const current = refreshed.refresh_token ?? granted.refresh_token;
    done(await client().revoke(current));
    for (const token of [
      granted.access_token,
      granted.refresh_token,
      refreshed.access_token,
      current,
    ]) {
      assert.equal(await isActive(root, token), false);
    }
    const again = await client().refresh(current);
    assert.deepEqual([again.status, again.body.error], [400, "invalid_grant"]);
    assert.equal(await isActive(root, other.access_token), true, "of another authorization");
    assert.equal(await isActive(root, other.refresh_token), true);
    assert.equal((await readConnection(root, granted.code.connection_id)).status, "active");
    done(await client().revoke(current));
    done(await client().revoke(other.refresh_token));
    const ended = await readConnection(root, granted.code.connection_id);
    assert.deepEqual(
      [ended.status, ended.status_reason],
      ["revoked", "The app revoked its last refresh token."],
    );
  });

  test(`a_hint_does_not_matter (${type})`, async () => {
    const user = await newUser(root);
    for (const token_type_hint of ["access_token", "refresh_token", "nonsense", ""]) {
      const granted = await authorized(root, user, client());
      done(await client().revoke(granted.access_token, { token_type_hint }));
      done(await client().revoke(granted.refresh_token, { token_type_hint }));
      assert.equal(await isActive(root, granted.access_token), false);
      assert.equal(await isActive(root, granted.refresh_token), false);
    }
  });

  test(`another_clients_token_is_refused_and_lives_on (${type})`, async () => {
    const user = await newUser(root);
    const other = new Client(
      root,
      type === "public" ? await newPublicApp(root) : await newClientApp(root),
    );
    const theirs = await authorized(root, user, other);
    const code = await newCode(root, user, other.app);
    for (const token of [theirs.access_token, theirs.refresh_token, code.token]) {
      refused(await client().revoke(token), "invalid_grant");
    }
    assert.equal(await isActive(root, theirs.access_token), true);
    assert.equal(await isActive(root, theirs.refresh_token), true);
    assert.equal((await check(root, code.token)).status, "valid");
  });

  test(`a_code_of_the_app_is_revoked_too (${type})`, async () => {
    const code = await newCode(root, await newUser(root), client().app);
    done(await client().revoke(code.token));
    assert.equal((await check(root, code.token)).status, "revoked");
  });

  test(`what_nobody_knows_is_revoked_as_it_is (${type})`, async () => {
    const user = await newUser(root);
    const granted = await authorized(root, user, client());
    for (const token of [forge(granted.access_token), forge(granted.refresh_token), "nonsense"]) {
      done(await client().revoke(token));
    }
    assert.equal(await isActive(root, granted.access_token), true);
  });
}

test("what_was_dead_already_is_revoked_as_it_is", async () => {
  const user = await newUser(root);
  const granted = await authorized(root, user, confidential);
  done(await confidential.revoke(granted.code.token));
  assert.equal((await check(root, granted.code.token)).status, "consumed");
  await revoke(root, granted.access_token, "lost");
  done(await confidential.revoke(granted.access_token));
  assert.equal((await check(root, granted.access_token)).reason, "lost");
  await revokeConnection(root, granted.code.connection_id);
  done(await confidential.revoke(granted.refresh_token));
});

test("a_token_of_an_inactive_connection_is_revoked_for_good", async () => {
  const granted = await authorized(root, await newUser(root), confidential);
  await disable(root, granted.code.connection_id);
  done(await confidential.revoke(granted.access_token));
  await enable(root, granted.code.connection_id);
  assert.equal(await isActive(root, granted.access_token), false);
  assert.equal(await isActive(root, granted.refresh_token), true);
});

test("a_key_is_not_revoked_here", async () => {
  const { api_key } = await newKey(root, await newUser(root));
  refused(await confidential.revoke(api_key), "unsupported_token_type");
  assert.equal((await check(root, api_key)).status, "valid");
});

test("thirty_two_concurrent_revocations_are_one", async () => {
  const user = await newUser(root);
  const granted = await authorized(root, user, confidential);
  const answers = await Promise.all(times(32, () => confidential.revoke(granted.access_token)));
  for (const answer of answers) done(answer);
  assert.equal((await eventsOf(root, user, "token.revoked")).length, 1);
});

test("a_revocation_that_is_not_sure_says_so", async () => {
  const granted = await authorized(root, await newUser(root), confidential);
  const params = { token: granted.access_token };
  const answer = await confidential.post("revoke", params, { "x-test-fault": "ledger" });
  assert.equal(answer.status, 503, answer.text);
  assert.ok(Number(answer.headers.get("retry-after")) >= 1);
  assert.equal(await isActive(root, granted.access_token), true);
});

function done(answer: Answer<Granted>): void {
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.body, {});
}

function refused(answer: Answer<Granted>, error: string): void {
  assert.deepEqual([answer.status, answer.body.error], [400, error], answer.text);
}

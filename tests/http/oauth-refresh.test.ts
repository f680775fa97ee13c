// Refreshing: RFC 6749, section 6. A confidential client keeps its refresh token, a public one's rotates.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { check, eventsOf, forge, newUser, revoke } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import { disable, enable, revokeConnection } from "./kit/connections.ts";
import {
  Client,
  authorized,
  isActive,
  newClientApp,
  newPublicApp,
  type Granted,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import { sleep, times } from "./kit/wait.ts";

const RUNNERS = 32;
const NINETY_DAYS_MS = 90 * 86_400_000;

const service = await serve();
after(() => service.stop());
const { root } = service;

let confidential: Client;
let open: Client;

before(async () => {
  confidential = new Client(root, await newClientApp(root));
  open = new Client(root, await newPublicApp(root));
});

test("a_confidential_client_keeps_its_refresh_token", async () => {
  const granted = await authorized(root, await newUser(root), confidential);
  const answer = await confidential.refresh(granted.refresh_token);
  assert.equal(answer.status, 200, answer.text);
  const { access_token, ...rest } = answer.body;
  const { refresh_token } = granted;
  const kept = { token_type: "Bearer", expires_in: 3600, refresh_token, scope: "read write" };
  assert.deepEqual(rest, kept);
  assert.notEqual(access_token, granted.access_token);
  for (const token of [granted.access_token, access_token, granted.refresh_token]) {
    assert.equal(await isActive(root, token), true);
  }
  assert.equal((await confidential.refresh(granted.refresh_token)).status, 200, "again and again");
});

test("each_use_of_a_confidential_clients_refresh_token_lengthens_its_life", async () => {
  const granted = await authorized(root, await newUser(root), confidential);
  const before = await check(root, granted.refresh_token);
  await sleep(50);
  const { access_token } = (await confidential.refresh(granted.refresh_token)).body;
  const after = await check(root, granted.refresh_token);
  assert.equal(after.token_id, before.token_id);
  const usedAt = Date.parse((await check(root, access_token)).created_at);
  assert.equal(Date.parse(after.expires_at ?? ""), usedAt + NINETY_DAYS_MS);
  assert.ok(Date.parse(after.expires_at ?? "") > Date.parse(before.expires_at ?? ""));
});

test("a_public_clients_refresh_token_rotates_and_lives_no_longer", async () => {
  const granted = await authorized(root, await newUser(root), open);
  const first = await check(root, granted.refresh_token);
  const answer = await open.refresh(granted.refresh_token);
  assert.equal(answer.status, 200, answer.text);
  const { access_token, refresh_token, ...rest } = answer.body;
  assert.deepEqual(rest, { token_type: "Bearer", expires_in: 3600, scope: "read write" });
  assert.notEqual(refresh_token, granted.refresh_token);
  assert.equal(await isActive(root, access_token), true);
  assert.equal(await isActive(root, refresh_token), true);
  assert.equal((await check(root, refresh_token)).expires_at, first.expires_at);
  assert.equal(await isActive(root, granted.access_token), true, "what was issued goes on");
  assert.equal((await open.refresh(refresh_token)).status, 200);
});

test("within_the_grace_a_rotated_refresh_token_gives_the_same_answer", async () => {
  const granted = await authorized(root, await newUser(root), open);
  const first = await open.refresh(granted.refresh_token);
  const again = await open.refresh(granted.refresh_token);
  assert.deepEqual([first.status, again.status], [200, 200], again.text);
  assert.deepEqual(tokens(again), tokens(first));
  assert.equal(await isActive(root, first.body.refresh_token), true);
});

test("within_the_grace_no_idempotency_key_makes_it_another_use", async () => {
  const user = await newUser(root);
  const granted = await authorized(root, user, open);
  const keys = [{ "idempotency-key": randomUUID() }, { "idempotency-key": randomUUID() }, {}];
  const answers = [];
  for (const key of keys) answers.push(await open.refresh(granted.refresh_token, {}, key));
  for (const answer of answers) assert.equal(answer.status, 200, answer.text);
  assert.equal(new Set(answers.map(({ body }) => body.refresh_token)).size, 1);
  assert.deepEqual(await eventsOf(root, user, "token.replayed"), []);
});

test("within_the_grace_nothing_is_answered_that_was_revoked_meanwhile", async () => {
  const granted = await authorized(root, await newUser(root), open);
  const { refresh_token } = (await open.refresh(granted.refresh_token)).body;
  assert.equal((await open.revoke(refresh_token)).status, 200);
  refused(await open.refresh(granted.refresh_token), "invalid_grant");
});

test("a_refresh_whose_answer_was_lost_is_repeated_within_the_grace", async () => {
  const granted = await authorized(root, await newUser(root), open);
  const lost = await open.refresh(granted.refresh_token, {}, { "x-test-fault": "ledger-lost" });
  assert.equal(lost.status, 503, lost.text);
  const again = await open.refresh(granted.refresh_token);
  assert.equal(again.status, 200, again.text);
  assert.equal((await open.refresh(again.body.refresh_token)).status, 200);
});

test(`${RUNNERS}_concurrent_refreshes_of_one_rotating_token_get_the_same_answer`, async () => {
  const granted = await authorized(root, await newUser(root), open);
  const answers = await Promise.all(times(RUNNERS, () => open.refresh(granted.refresh_token)));
  for (const answer of answers) assert.equal(answer.status, 200, answer.text);
  assert.equal(new Set(answers.map((answer) => JSON.stringify(tokens(answer)))).size, 1);
  assert.equal(await isActive(root, answers[0]?.body.refresh_token ?? ""), true);
});

test(`${RUNNERS}_concurrent_refreshes_of_a_confidential_client_each_get_a_token`, async () => {
  const granted = await authorized(root, await newUser(root), confidential);
  const answers = await Promise.all(
    times(RUNNERS, () => confidential.refresh(granted.refresh_token)),
  );
  for (const answer of answers) assert.equal(answer.status, 200, answer.text);
  assert.equal(new Set(answers.map(({ body }) => body.access_token)).size, RUNNERS);
});

test("a_repeated_refresh_with_the_same_idempotency_key_is_answered_as_the_first", async () => {
  const granted = await authorized(root, await newUser(root), confidential);
  const key = { "idempotency-key": randomUUID() };
  const first = await confidential.refresh(granted.refresh_token, {}, key);
  const again = await confidential.refresh(granted.refresh_token, {}, key);
  assert.deepEqual([first.status, again.status], [200, 200], again.text);
  assert.deepEqual(tokens(again), tokens(first));
  assert.equal(again.headers.get("idempotency-replayed"), "true");
});

for (const type of ["confidential", "public"]) {
  const client = (): Client => (type === "public" ? open : confidential);

  test(`a_narrower_scope_may_be_asked_for_and_no_wider_one (${type})`, async () => {
    const granted = await authorized(root, await newUser(root), client(), { scope: "read" });
    for (const scope of ["write", "read write", "nonsense"]) {
      refused(await client().refresh(granted.refresh_token, { scope }), "invalid_scope");
    }
    assert.equal(await isActive(root, granted.refresh_token), true, "nothing has changed");
    const same = await client().refresh(granted.refresh_token, { scope: "read" });
    assert.deepEqual([same.status, same.body.scope], [200, "read"], same.text);

    const wide = await authorized(root, await newUser(root), client());
    const narrow = await client().refresh(wide.refresh_token, { scope: "write" });
    assert.deepEqual([narrow.status, narrow.body.scope], [200, "write"]);
    assert.equal((await check(root, narrow.body.access_token)).scope, "write");
  });

  test(`what_is_no_live_refresh_token_of_the_client_is_refused (${type})`, async () => {
    const user = await newUser(root);
    const other = new Client(
      root,
      type === "public" ? await newPublicApp(root) : await newClientApp(root),
    );
    const theirs = await authorized(root, user, other);
    const granted = await authorized(root, user, client());
    const taken = await authorized(root, user, client());
    await revoke(root, taken.refresh_token);
    for (const token of [
      forge(granted.refresh_token),
      granted.refresh_token.slice(0, -2),
      "nonsense",
      granted.access_token,
      granted.code.token,
      theirs.refresh_token,
      taken.refresh_token,
    ]) {
      const answer = await client().refresh(token);
      refused(answer, "invalid_grant");
      assert.equal(answer.text.includes(token), false);
    }
    assert.equal(await isActive(root, theirs.refresh_token), true);
    assert.equal(await isActive(root, granted.refresh_token), true);
  });

  test(`an_inactive_connection_refreshes_nothing_until_it_is_enabled (${type})`, async () => {
    const granted = await authorized(root, await newUser(root), client());
    await disable(root, granted.code.connection_id);
    refused(await client().refresh(granted.refresh_token), "invalid_grant");
    assert.equal(await isActive(root, granted.access_token), false);
    await enable(root, granted.code.connection_id);
    assert.equal(await isActive(root, granted.access_token), true);
    assert.equal((await client().refresh(granted.refresh_token)).status, 200);
  });

  test(`a_revoked_connection_refreshes_nothing_ever (${type})`, async () => {
    const granted = await authorized(root, await newUser(root), client());
    await revokeConnection(root, granted.code.connection_id);
    refused(await client().refresh(granted.refresh_token), "invalid_grant");
    assert.equal((await check(root, granted.refresh_token)).status, "revoked");
  });
}

test("a_refresh_token_from_the_native_call_refreshes", async () => {
  const user = await newUser(root);
  const { code } = await authorized(root, user, confidential);
  const path = `/v1/connections/${code.connection_id}/tokens`;
  const { refresh_token } = (await root.post<Granted>(path, { scope: "read" }, 201)).body;
  const answer = await confidential.refresh(refresh_token);
  assert.deepEqual([answer.status, answer.body.scope], [200, "read"], answer.text);
});

function tokens({ body: { access_token, refresh_token, scope } }: Answer<Granted>): object {
  return { access_token, refresh_token, scope };
}

function refused(answer: Answer<Granted>, error: string): void {
  assert.deepEqual([answer.status, answer.body.error], [400, error], answer.text);
}

// A code or a refresh token that comes again: a thief may have it, so what came of it ends. RFC 6749, sections 4.1.2
// and 10.5; RFC 9700, section 4.14. A retry of the same request is no thief, and is answered as before.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { check, eventsOf, newUser } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import { readConnection } from "./kit/connections.ts";
import {
  Client,
  authorized,
  isActive,
  newClientApp,
  newCode,
  newPublicApp,
  pkce,
  type Granted,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import { sleep, times, untilTrue } from "./kit/wait.ts";

const GRACE_S = 1;
const RUNNERS = 32;

const service = await serve({ vars: { REFRESH_GRACE_SECONDS: String(GRACE_S) } });
after(() => service.stop());
const { root } = service;

let confidential: Client;
let open: Client;

before(async () => {
  confidential = new Client(root, await newClientApp(root));
  open = new Client(root, await newPublicApp(root));
});

test("a_code_that_comes_again_ends_what_it_issued_and_is_told_once", async () => {
  const user = await newUser(root);
  const granted = await authorized(root, user, confidential);
  const other = await authorized(root, user, confidential);
  const { access_token: refreshed } = (await confidential.refresh(granted.refresh_token)).body;
  for (let time = 0; time < 3; time += 1) {
    const answer = await confidential.exchange(granted.code.token);
    assert.deepEqual([answer.status, answer.body.error], [400, "invalid_grant"]);
  }
  for (const token of [granted.access_token, granted.refresh_token, refreshed]) {
    assert.equal((await check(root, token)).status, "revoked");
    assert.equal(await isActive(root, token), false);
  }
  assert.equal((await confidential.refresh(granted.refresh_token)).status, 400);
  assert.equal((await check(root, granted.code.token)).status, "consumed", "dead stays dead");
  const replayed = await eventsOf(root, user, "token.replayed");
  assert.deepEqual(
    replayed.map(({ token_id, actor }) => [token_id, actor]),
    [[granted.code.token_id, `app:${confidential.app.app_id}`]],
  );

  assert.equal((await readConnection(root, granted.code.connection_id)).status, "active");
  assert.equal(await isActive(root, other.access_token), true, "of another authorization");
  assert.equal((await confidential.refresh(other.refresh_token)).status, 200);
});

test("another_client_with_a_used_code_ends_nothing", async () => {
  const user = await newUser(root);
  const granted = await authorized(root, user, confidential);
  const other = new Client(root, await newClientApp(root));
  const answer = await other.exchange(granted.code.token);
  assert.deepEqual([answer.status, answer.body.error], [400, "invalid_grant"]);
  assert.equal(await isActive(root, granted.access_token), true);
  assert.deepEqual(await eventsOf(root, user, "token.replayed"), []);
});

test("a_repeated_exchange_with_the_same_idempotency_key_is_answered_as_the_first", async () => {
  const user = await newUser(root);
  const code = await newCode(root, user, confidential.app);
  const key = { "idempotency-key": randomUUID() };
  const first = await confidential.exchange(code.token, {}, key);
  const again = await confidential.exchange(code.token, {}, key);
  assert.deepEqual([first.status, again.status], [200, 200], again.text);
  sameTokens(again, first);
  assert.equal(first.headers.get("idempotency-replayed"), null);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.equal(await isActive(root, first.body.access_token), true);
  assert.deepEqual(await eventsOf(root, user, "token.replayed"), []);
});

test("an_exchange_whose_answer_was_lost_is_repeated_by_its_idempotency_key", async () => {
  const user = await newUser(root);
  const code = await newCode(root, user, confidential.app);
  const key = { "idempotency-key": randomUUID() };
  const lost = await confidential.exchange(
    code.token,
    {},
    { ...key, "x-test-fault": "ledger-lost" },
  );
  assert.equal(lost.status, 503, lost.text);
  assert.ok(Number(lost.headers.get("retry-after")) >= 1);
  const again = await confidential.exchange(code.token, {}, key);
  assert.equal(again.status, 200, again.text);
  assert.equal(await isActive(root, again.body.access_token), true);
});

test("an_idempotency_key_is_not_for_another_request", async () => {
  const user = await newUser(root);
  const code = await newCode(root, user, confidential.app);
  const key = { "idempotency-key": randomUUID() };
  const first = await confidential.exchange(code.token, {}, key);
  assert.equal(first.status, 200);
  const other = await confidential.exchange(code.token, { state: "another" }, key);
  assert.equal(other.status, 409, other.text);
  assert.equal(await isActive(root, first.body.refresh_token), true);
  // A client's name is no secret: only who has the token has its keys.
  const refreshed = await confidential.refresh(first.body.refresh_token, {}, key);
  assert.equal(refreshed.status, 200, refreshed.text);
  assert.equal(refreshed.headers.get("idempotency-replayed"), null);
});

test("of_32_concurrent_exchanges_of_one_code_exactly_one_wins", async () => {
  const user = await newUser(root);
  const code = await newCode(root, user, confidential.app);
  const answers = await Promise.all(times(RUNNERS, () => confidential.exchange(code.token)));
  const won = answers.filter(({ status }) => status === 200);
  const lost = answers.filter(
    ({ status, body }) => status === 400 && body.error === "invalid_grant",
  );
  assert.deepEqual([won.length, lost.length], [1, RUNNERS - 1]);
  assert.equal((await eventsOf(root, user, "token.consumed")).length, 1);
  // Whoever lost has replayed the code: nothing that it issued is left, and that is told once.
  assert.equal((await eventsOf(root, user, "token.replayed")).length, 1);
  for (const { body } of won) {
    assert.equal(await isActive(root, body.access_token), false);
    assert.equal(await isActive(root, body.refresh_token), false);
  }
  assert.equal((await readConnection(root, code.connection_id)).status, "active");
});

test("32_concurrent_exchanges_with_one_idempotency_key_are_one", async () => {
  const user = await newUser(root);
  const code = await newCode(root, user, confidential.app);
  const key = { "idempotency-key": randomUUID() };
  const answers = await Promise.all(
    times(RUNNERS, () => confidential.exchange(code.token, {}, key)),
  );
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  const [first, ...others] = answers;
  assert.ok(first);
  for (const other of others) sameTokens(other, first);
  assert.equal(await isActive(root, first.body.access_token), true);
  assert.deepEqual(await eventsOf(root, user, "token.replayed"), []);
});

test("a_rotated_refresh_token_that_comes_again_after_the_grace_ends_its_family", async () => {
  const user = await newUser(root);
  const granted = await authorized(root, user, open);
  const other = await authorized(root, user, open);
  const second = (await open.refresh(granted.refresh_token)).body;
  const third = (await open.refresh(second.refresh_token)).body;
  await untilTrue("the grace is over", async () => {
    const answer = await open.refresh(granted.refresh_token);
    if (answer.status === 400) assert.equal(answer.body.error, "invalid_grant");
    return answer.status === 400;
  });
  assert.equal((await open.refresh(granted.refresh_token)).status, 400);
  assert.equal((await open.refresh(third.refresh_token)).status, 400);
  for (const { access_token, refresh_token } of [granted, second, third]) {
    assert.equal(await isActive(root, access_token), false);
    assert.equal(await isActive(root, refresh_token), false);
  }
  assert.equal((await readConnection(root, granted.code.connection_id)).status, "active");
  assert.equal(await isActive(root, other.access_token), true, "of another family");
  const told = (await eventsOf(root, user, "token.replayed")).map(({ token_id }) => token_id);
  assert.deepEqual(told, [(await check(root, granted.refresh_token)).token_id]);
});

test("another_public_client_with_a_rotated_refresh_token_ends_nothing", async () => {
  const user = await newUser(root);
  const granted = await authorized(root, user, open);
  const second = (await open.refresh(granted.refresh_token)).body;
  const other = new Client(root, await newPublicApp(root));
  for (const pause of [0, 1_000 * GRACE_S + 200]) {
    await sleep(pause);
    for (const token of [granted.refresh_token, second.refresh_token]) {
      const answer = await other.refresh(token);
      assert.deepEqual([answer.status, answer.body.error], [400, "invalid_grant"]);
    }
  }
  assert.equal(await isActive(root, second.access_token), true);
  assert.deepEqual(await eventsOf(root, user, "token.replayed"), []);
});

test("a_used_code_ends_nothing_without_its_verifier_and_all_it_issued_with_it", async () => {
  const user = await newUser(root);
  const granted = await authorized(root, user, open);
  for (const proof of [{ code_verifier: pkce().verifier }, {}]) {
    const answer = await open.exchange(granted.code.token, proof);
    assert.deepEqual([answer.status, answer.body.error], [400, "invalid_grant"]);
  }
  assert.equal(await isActive(root, granted.access_token), true);
  assert.deepEqual(await eventsOf(root, user, "token.replayed"), []);

  const answer = await open.exchange(granted.code.token, granted.proof);
  assert.deepEqual([answer.status, answer.body.error], [400, "invalid_grant"]);
  assert.equal(await isActive(root, granted.access_token), false);
  assert.equal((await eventsOf(root, user, "token.replayed")).length, 1);
});

/** The same answer again; only the time that is left may have become less. */
function sameTokens(again: Answer<Granted>, first: Answer<Granted>): void {
  const { expires_in: left, ...tokens } = again.body;
  const { expires_in: before, ...wanted } = first.body;
  assert.deepEqual(tokens, wanted);
  assert.ok(Math.abs(left - before) <= 60, `${left} of ${before} seconds`);
}

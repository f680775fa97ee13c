// Storage that fails: an answer is right, or it is 503. It is never `valid` for want of knowing better.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";

import {
  asUser,
  check,
  consume,
  eventsOf,
  mint,
  newKey,
  newUser,
  tokensOf,
} from "./kit/actions.ts";
import { userPath, type Answer, type Api } from "./kit/api.ts";
import { serve } from "./kit/service.ts";
import type { Consumed, Minted, PartooErrors, Problem, Revoked, Verdict } from "./kit/shapes.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

/** What the request meets: no KV, no ledger, or a ledger that commits and whose answer is lost. */
type Fault = "kv" | "ledger" | "ledger-lost";

test("a_failing_kv_is_a_miss", async () => {
  const user = await newUser(root);
  const [live, dead] = [await mint(root, user), await mint(root, user)];
  await consume(root, dead.token);
  await service.restart();
  for (const [{ token }, status] of [
    [live, "valid"],
    [dead, "consumed"],
  ] as const) {
    const { status: code, body } = await withFault<Verdict>(root, "kv", "/v1/tokens/check", {
      token,
    });
    assert.deepEqual([code, body.status, body.source], [200, status, "ledger"]);
  }
  const used = await withFault<Consumed>(root, "kv", "/v1/tokens/consume", { token: live.token });
  assert.equal(used.status, 200);
});

test("an_outage_of_kv_costs_the_record_of_a_dead_token_and_nothing_else", async () => {
  const user = await newUser(root);
  const { token } = await mint(root, user);
  await service.setKvOutage(true);
  try {
    assert.equal((await check(root, token)).status, "valid");
    assert.equal((await consume(root, token)).status, 200);
    assert.equal((await check(root, token)).status, "consumed");
    assert.equal((await mint(root, user)).status, "valid");
  } finally {
    await service.setKvOutage(false);
  }
  // The memory of the isolate is empty after a restart.
  await service.restart();
  isUnavailable(await withFault(root, "ledger", "/v1/tokens/check", { token }));

  // The next isolate that sees the dead token writes its record.
  assert.equal((await check(root, token)).status, "consumed");
  await service.restart();
  const { status, body } = await withFault<Verdict>(root, "ledger", "/v1/tokens/check", { token });
  assert.deepEqual([status, body.status, body.source], [200, "consumed", "replica"]);
});

test("a_failing_ledger_is_503_and_nothing_has_changed", async () => {
  const user = await newUser(root);
  const self = await asUser(root, user);
  await self.get(userPath(user));
  const { token, token_id } = await mint(root, user);
  const told = (await eventsOf(root, user)).length;

  const posts: [string, unknown][] = [
    ["/v1/tokens", { user_id: user }],
    ["/v1/tokens/check", { token }],
    ["/v1/tokens/check", { token_id, user_id: user }],
    ["/v1/tokens/check", { tokens: [token] }],
    ["/v1/tokens/consume", { token }],
    ["/v1/tokens/revoke", { token }],
    ["/v1/api-keys", { user_id: user }],
    [userPath(user, "/revoke"), {}],
  ];
  for (const api of [root, self]) {
    for (const [path, json] of posts) isUnavailable(await withFault(api, "ledger", path, json));
  }
  for (const rest of ["", "/tokens", "/events"]) {
    isUnavailable(await root.send("GET", userPath(user, rest), { headers: fault("ledger") }));
  }
  isUnavailable(
    await root.send("PUT", userPath(user), { json: { role: "admin" }, headers: fault("ledger") }),
  );

  assert.equal((await check(root, token)).status, "valid");
  assert.equal((await eventsOf(root, user)).length, told);
});

test("a_failing_ledger_is_503_in_the_dialect_of_partoo", async () => {
  const user = await newUser(root);
  const { token } = await mint(root, user);
  const partoo = root.partoo();
  const answers = [
    await withFault(partoo, "ledger", "/v2/connection/generate_token", { user_id: user }),
    await withFault(partoo, "ledger", "/v2/connection/revoke_token", { user_id: user, token }),
    await withFault(partoo, "ledger", "/v2/connection/revoke_token", { user_id: user }),
    await partoo.send("GET", `/v2/connection/check_token?user_id=${user}&token=${token}`, {
      headers: fault("ledger"),
    }),
  ];
  for (const { status, headers, body } of answers) {
    assert.equal(status, 503);
    assert.match(headers.get("retry-after") ?? "", /^[1-9][0-9]*$/);
    assert.equal(typeof (body as PartooErrors).errors.json, "string");
  }
  assert.equal((await check(root, token)).status, "valid");
});

test("a_key_that_cannot_be_looked_up_is_503_and_not_401", async () => {
  const user = await newUser(root);
  const { api_key } = await newKey(root, user);
  const api = root.as(api_key);
  isUnavailable(await api.send("GET", userPath(user), { headers: fault("ledger") }));
  await api.get(userPath(user));
});

test("a_failure_of_the_ledger_never_says_valid_of_a_dead_token", async () => {
  const user = await newUser(root);
  const { token } = await mint(root, user);
  await consume(root, token);
  // The isolate may have seen it die, or KV may have: then there is a verdict, and a right one.
  for (const faults of ["ledger", "ledger-lost"] as const) {
    const answer = await withFault<Verdict>(root, faults, "/v1/tokens/check", { token });
    if (answer.status === 200) assert.equal(answer.body.status, "consumed");
    else isUnavailable(answer);
  }
});

test("a_consume_whose_answer_was_lost_is_answered_when_asked_again_with_its_key", async () => {
  const user = await newUser(root);
  const { token } = await mint(root, user);
  const key = { "idempotency-key": randomUUID() };
  isUnavailable(await withFault(root, "ledger-lost", "/v1/tokens/consume", { token }, key));

  const again = await consume(root, token, key);
  assert.equal(again.status, 200);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.equal(again.body.user.user_id, user);
  assert.deepEqual((await consume(root, token, key)).body, again.body);
  assert.equal((await eventsOf(root, user, "token.consumed")).length, 1);
});

test("a_consume_whose_answer_was_lost_is_consumed_without_a_key", async () => {
  const user = await newUser(root);
  const { token } = await mint(root, user);
  isUnavailable(await withFault(root, "ledger-lost", "/v1/tokens/consume", { token }));
  const again = await consume(root, token);
  assert.deepEqual([again.status, again.body.code], [409, "token_consumed"]);
  assert.equal((await check(root, token)).status, "consumed");
});

test("a_mint_whose_answer_was_lost_leaves_one_token", async () => {
  const user = await newUser(root);
  const key = { "idempotency-key": randomUUID() };
  isUnavailable(await withFault(root, "ledger-lost", "/v1/tokens", { user_id: user }, key));
  const again = await root.post<Minted>("/v1/tokens", { user_id: user }, 201, key);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  const once_more = await root.post<Minted>("/v1/tokens", { user_id: user }, 201, key);
  assert.equal(once_more.body.token, again.body.token);
  assert.equal((await tokensOf(root, user)).length, 1);
  assert.equal((await check(root, again.body.token)).status, "valid");
});

test("a_revoke_whose_answer_was_lost_has_revoked", async () => {
  const user = await newUser(root);
  const [keyed, bare] = [await mint(root, user), await mint(root, user)];
  const key = { "idempotency-key": randomUUID() };
  isUnavailable(
    await withFault(root, "ledger-lost", "/v1/tokens/revoke", { token: keyed.token }, key),
  );
  isUnavailable(await withFault(root, "ledger-lost", "/v1/tokens/revoke", { token: bare.token }));
  const replay = await root.post<Revoked>("/v1/tokens/revoke", { token: keyed.token }, 200, key);
  const again = await root.post<Revoked>("/v1/tokens/revoke", { token: bare.token });
  assert.deepEqual([replay.body.changed, again.body.changed], [true, false]);
  assert.equal((await eventsOf(root, user, "token.revoked")).length, 2);
});

function fault(kind: Fault): Record<string, string> {
  return { "x-test-fault": kind };
}

function withFault<T>(
  api: Api,
  kind: Fault,
  path: string,
  json: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  return api.send<T>("POST", path, { json, headers: { ...headers, ...fault(kind) } });
}

function isUnavailable({ status, headers, body }: Answer<unknown>): void {
  assert.deepEqual([status, (body as Problem).code], [503, "unavailable"]);
  assert.match(headers.get("retry-after") ?? "", /^[1-9][0-9]*$/);
}

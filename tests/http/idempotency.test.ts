// A POST that is sent again with the same Idempotency-Key does nothing again, and is answered the same.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";

import { asUser, check, consume, eventsOf, mint, newUser, tokensOf } from "./kit/actions.ts";
import { userPath, type Answer, type Api } from "./kit/api.ts";
import { serve } from "./kit/service.ts";
import type { Consumed, Minted, NewApiKey, Problem, Revoked, UserRevoked } from "./kit/shapes.ts";
import { times } from "./kit/wait.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

test("a_repeated_mint_gives_the_same_token", async () => {
  const user = await newUser(root);
  const key = randomUUID();
  const first = await repeatable<Minted>(root, key, "/v1/tokens", { user_id: user, ttl: 60 }, 201);
  const again = await repeatable<Minted>(root, key, "/v1/tokens", { user_id: user, ttl: 60 }, 201);
  assert.deepEqual([replayed(first), replayed(again)], [false, true]);
  assert.deepEqual(again.body, first.body);
  assert.equal((await tokensOf(root, user)).length, 1);
  assert.equal((await eventsOf(root, user, "token.created")).length, 1);
});

test("twenty_concurrent_mints_with_one_key_make_one_token", async () => {
  const user = await newUser(root);
  const key = randomUUID();
  const answers = await Promise.all(
    times(20, () => repeatable<Minted>(root, key, "/v1/tokens", { user_id: user }, 201)),
  );
  assert.equal(new Set(answers.map(({ body }) => body.token)).size, 1);
  assert.equal(answers.filter((answer) => !replayed(answer)).length, 1);
  assert.equal((await tokensOf(root, user)).length, 1);
  assert.equal((await check(root, answers[0]?.body.token ?? "")).status, "valid");
});

test("a_count_is_not_remembered", async () => {
  const user = await newUser(root);
  const path = userPath(user, "/revoke");
  const key = randomUUID();
  const before = await repeatable<UserRevoked>(root, key, path, { dry_run: true }, 200);
  await mint(root, user);
  const now = await repeatable<UserRevoked>(root, key, path, { dry_run: true }, 200);
  assert.deepEqual([before.body.total, now.body.total, replayed(now)], [0, 1, false]);
});

test("a_repeated_consume_is_answered_as_the_first_and_told_once", async () => {
  const user = await newUser(root);
  const { token } = await mint(root, user);
  const key = randomUUID();
  const first = await repeatable<Consumed>(root, key, "/v1/tokens/consume", { token }, 200);
  const again = await repeatable<Consumed>(root, key, "/v1/tokens/consume", { token }, 200);
  assert.deepEqual([replayed(first), replayed(again)], [false, true]);
  assert.deepEqual(again.body, first.body);
  assert.equal((await consume(root, token)).status, 409, "without the key it is another attempt");
  assert.equal((await eventsOf(root, user, "token.consumed")).length, 1);
});

test("sixty_four_concurrent_consumes_with_one_key_are_one_consume", async () => {
  const user = await newUser(root);
  const { token } = await mint(root, user);
  const key = randomUUID();
  const answers = await Promise.all(
    times(64, () => repeatable<Consumed>(root, key, "/v1/tokens/consume", { token }, 200)),
  );
  assert.equal(new Set(answers.map(({ body }) => body.consumed_at)).size, 1);
  assert.equal(answers.filter((answer) => !replayed(answer)).length, 1);
  assert.equal((await eventsOf(root, user, "token.consumed")).length, 1);
});

test("repeated_revokes_keep_saying_that_they_changed_it", async () => {
  const user = await newUser(root);
  const { token } = await mint(root, user);
  const key = randomUUID();
  const first = await repeatable<Revoked>(
    root,
    key,
    "/v1/tokens/revoke",
    { token, reason: "lost" },
    200,
  );
  const again = await repeatable<Revoked>(
    root,
    key,
    "/v1/tokens/revoke",
    { token, reason: "lost" },
    200,
  );
  assert.equal(first.body.changed, true);
  assert.deepEqual(again.body, first.body);
  assert.equal(replayed(again), true);
});

test("a_repeated_revocation_of_a_user_spares_what_was_minted_in_between", async () => {
  const user = await newUser(root);
  await mint(root, user);
  const key = randomUUID();
  const path = userPath(user, "/revoke");
  const first = await repeatable<UserRevoked>(root, key, path, {}, 200);
  const between = await mint(root, user);
  const again = await repeatable<UserRevoked>(root, key, path, {}, 200);
  assert.deepEqual(again.body, first.body);
  assert.equal(replayed(again), true);
  assert.equal((await check(root, between.token)).status, "valid");
});

test("a_repeated_creation_gives_the_same_api_key", async () => {
  const user = await newUser(root);
  const key = randomUUID();
  const order = { user_id: user, label: "production" };
  const first = await repeatable<NewApiKey>(root, key, "/v1/api-keys", order, 201);
  const again = await repeatable<NewApiKey>(root, key, "/v1/api-keys", order, 201);
  assert.deepEqual(again.body, first.body);
  assert.equal((await tokensOf(root, user, { kind: "api_key" })).length, 1);
  await root.as(again.body.api_key).get(userPath(user));
});

test("partoos_calls_can_be_repeated_as_well", async () => {
  const user = await newUser(root);
  const path = "/v2/connection/generate_token";
  const key = randomUUID();
  const first = await repeatable<{ token: string }>(
    root.partoo(),
    key,
    path,
    { user_id: user },
    200,
  );
  const again = await repeatable<{ token: string }>(
    root.partoo(),
    key,
    path,
    { user_id: user },
    200,
  );
  assert.equal(replayed(again), true);
  assert.deepEqual(again.body, first.body);
  await repeatable(root.partoo(), key, path, { user_id: user, ttl: 1 }, 409);
  assert.equal((await tokensOf(root, user)).length, 1);
});

test("one_key_for_another_body_or_path_is_a_conflict_that_changes_nothing", async () => {
  const user = await newUser(root);
  const key = randomUUID();
  await repeatable(root, key, "/v1/tokens", { user_id: user, ttl: 60 }, 201);
  for (const [path, json] of [
    ["/v1/tokens", { user_id: user, ttl: 61 }],
    ["/v1/api-keys", { user_id: user, ttl: 60 }],
    [userPath(user, "/revoke"), {}],
  ] as const) {
    const { body } = await repeatable<Problem>(root, key, path, json, 409);
    assert.equal(body.code, "idempotency_conflict");
  }
  const tokens = await tokensOf(root, user);
  assert.deepEqual(
    tokens.map(({ status }) => status),
    ["valid"],
  );
});

test("a_key_belongs_to_its_principal", async () => {
  const user = await newUser(root);
  const self = await asUser(root, user);
  const key = randomUUID();
  const order = { user_id: user };
  const ours = await repeatable<Minted>(root, key, "/v1/tokens", order, 201);
  const theirs = await repeatable<Minted>(self, key, "/v1/tokens", order, 201);
  assert.equal(replayed(theirs), false);
  assert.notEqual(theirs.body.token, ours.body.token);
});

test("a_key_belongs_to_the_user_acted_on", async () => {
  const key = randomUUID();
  const minted = [];
  for (const user of [await newUser(root), await newUser(root)]) {
    minted.push(await repeatable<Minted>(root, key, "/v1/tokens", { user_id: user }, 201));
  }
  assert.deepEqual(minted.map(replayed), [false, false]);
});

test("a_refusal_is_not_remembered", async () => {
  const user = await newUser(root, { connectable: false });
  const key = randomUUID();
  await repeatable(root, key, "/v1/tokens", { user_id: user }, 403);
  await root.put(userPath(user), { connectable: true });
  const { body } = await repeatable<Minted>(root, key, "/v1/tokens", { user_id: user }, 201);
  assert.equal((await check(root, body.token)).status, "valid");
});

test("what_was_answered_survives_a_restart", async () => {
  const user = await newUser(root);
  const key = randomUUID();
  const first = await repeatable<Minted>(root, key, "/v1/tokens", { user_id: user }, 201);
  await service.restart();
  const again = await repeatable<Minted>(root, key, "/v1/tokens", { user_id: user }, 201);
  assert.deepEqual(again.body, first.body);
});

test("a_key_is_1_to_255_visible_ascii_characters", async () => {
  const user = await newUser(root);
  await repeatable(root, "!".repeat(255), "/v1/tokens", { user_id: user }, 201);
  for (const key of ["", "k".repeat(256), "two words", "tab\tbed", "clé"]) {
    const { body } = await repeatable<Problem>(root, key, "/v1/tokens", { user_id: user }, 400);
    assert.equal(body.code, "invalid_request");
  }
  assert.equal((await tokensOf(root, user)).length, 1);
});

function repeatable<T>(
  api: Api,
  key: string,
  path: string,
  json: unknown,
  status: number,
): Promise<Answer<T>> {
  return api.post<T>(path, json, status, { "idempotency-key": key });
}

function replayed(answer: Answer<unknown>): boolean {
  return answer.headers.get("idempotency-replayed") === "true";
}

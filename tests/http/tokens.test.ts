// The life of one token: minted, checked, and then consumed, revoked or expired for good.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import {
  check,
  checkAll,
  consume,
  eventsOf,
  forge,
  mint,
  newKey,
  newUser,
  partooSpelling,
  revoke,
} from "./kit/actions.ts";
import { serve } from "./kit/service.ts";
import type { Minted, Problem, Revoked, Verdict } from "./kit/shapes.ts";
import { times, until, untilTrue } from "./kit/wait.ts";

const DAY_S = 86_400;
const NOTHING: [string, string, undefined] = ["", "", undefined];

const service = await serve();
after(() => service.stop());
const { root } = service;

test("a_minted_token_is_valid_and_keeps_what_was_said_of_it", async () => {
  const user = await newUser(root);
  const order = {
    ttl: 600,
    scope: "calendar.read contacts.read",
    label: "für den Empfang ☎",
    metadata: { campaign: "spring", nested: { list: [1, "two", null, true], "": "" } },
  };
  const minted = await mint(root, user, order);
  const verdict = await check(root, minted.token);

  assert.equal(verdict.status, "valid");
  assert.equal(verdict.source, "ledger", "only the ledger may say valid");
  for (const said of [minted, verdict]) {
    assert.equal(said.user_id, user);
    assert.equal(said.created_by, "root");
    assert.equal(said.app_id, null);
    assert.equal(said.scope, order.scope);
    assert.equal(said.redirect_uri, null);
    assert.equal(said.label, order.label);
    assert.deepEqual(said.metadata, order.metadata);
  }
  assert.equal(verdict.token_id, minted.token_id);
  assert.deepEqual(
    [verdict.consumed_at, verdict.revoked_at, verdict.reason, verdict.by],
    [null, null, null, null],
  );
  assert.equal(lifetime(verdict), order.ttl);
});

test("a_token_lives_a_day_where_nothing_is_said", async () => {
  const minted = await mint(root, await newUser(root));
  assert.equal(lifetime(minted), DAY_S);
  assert.deepEqual(
    [minted.scope, minted.redirect_uri, minted.label, minted.metadata],
    [null, null, null, null],
  );
});

test("a_token_is_consumed_once", async () => {
  const user = await newUser(root, { groups: ["paris"], external_id: "crm|42" });
  const { token, token_id } = await mint(root, user);

  const first = await consume(root, token);
  assert.equal(first.status, 200);
  assert.equal(first.body.user.user_id, user);
  assert.deepEqual(first.body.user.groups, ["paris"]);
  assert.equal(first.body.user.external_id, "crm|42");
  assert.equal(first.body.by, "root");

  const second = await consume(root, token);
  assert.equal(second.status, 409);
  assert.equal(second.body.code, "token_consumed");
  assert.equal(second.body.verdict?.consumed_at, first.body.consumed_at);

  const verdict = await check(root, token);
  assert.equal(verdict.status, "consumed");
  assert.equal(verdict.consumed_at, first.body.consumed_at);
  assert.equal(verdict.revoked_at, null);
  assert.equal((await revoke(root, token)).changed, false);
  assert.equal((await check(root, token)).status, "consumed");

  const events = await eventsOf(root, user);
  assert.deepEqual(
    events.filter((event) => event.token_id === token_id).map((event) => event.type),
    ["token.consumed", "token.created"],
  );
});

test("a_revoked_token_is_never_valid_again", async () => {
  const user = await newUser(root);
  const { token } = await mint(root, user);
  const revoked = await revoke(root, token, "sent to the wrong address");
  assert.deepEqual([revoked.changed, revoked.previous, revoked.status], [true, "valid", "revoked"]);

  const verdict = await check(root, token);
  assert.equal(verdict.status, "revoked");
  assert.equal(verdict.revoked_at, revoked.revoked_at);
  assert.equal(verdict.reason, "sent to the wrong address");
  assert.equal(verdict.by, "root");
  assert.equal(verdict.consumed_at, null);

  const late = await consume(root, token);
  assert.equal(late.status, 409);
  assert.equal(late.body.code, "token_revoked");

  const again = await revoke(root, token, "another reason");
  assert.deepEqual([again.changed, again.previous, again.status], [false, "revoked", "revoked"]);
  assert.equal(again.reason, "sent to the wrong address", "the first recorded wins");
  assert.equal((await eventsOf(root, user, "token.revoked")).length, 1);
});

test("a_token_expires_by_itself_and_that_is_told_once", async () => {
  const user = await newUser(root);
  const [left, tried] = [await mint(root, user, { ttl: 1 }), await mint(root, user, { ttl: 1 })];
  await untilTrue(
    "the token expires",
    async () => (await check(root, tried.token)).status === "expired",
  );

  const late = await consume(root, tried.token);
  assert.equal(late.status, 409);
  assert.equal(late.body.code, "token_expired");
  const revoked = await revoke(root, tried.token);
  assert.deepEqual(
    [revoked.changed, revoked.previous, revoked.status],
    [false, "expired", "expired"],
  );

  const verdict = await check(root, tried.token);
  assert.deepEqual(
    [verdict.status, verdict.consumed_at, verdict.revoked_at],
    ["expired", null, null],
  );

  const told = await until("both tokens are told of", async () => {
    const events = await eventsOf(root, user, "token.expired");
    return events.length >= 2 ? events : undefined;
  });
  assert.deepEqual(
    told.map((event) => event.token_id).sort(),
    [left.token_id, tried.token_id].sort(),
  );
  assert.ok(told.every((event) => event.actor === "system"));
});

test("the_second_spelling_is_accepted_everywhere", async () => {
  const user = await newUser(root);
  const [used, taken] = [await mint(root, user), await mint(root, user)];
  assert.equal((await check(root, partooSpelling(used.token))).token_id, used.token_id);
  const [verdict] = await checkAll(root, [partooSpelling(used.token)]);
  assert.equal(verdict?.status, "valid");
  assert.equal((await consume(root, partooSpelling(used.token))).status, 200);
  assert.equal((await check(root, used.token)).status, "consumed");
  assert.equal((await revoke(root, partooSpelling(taken.token))).changed, true);
  assert.equal((await check(root, taken.token)).status, "revoked");
});

test("a_token_id_looks_up_and_revokes_and_never_consumes", async () => {
  const user = await newUser(root);
  const { token, token_id } = await mint(root, user);
  for (const json of [{ token_id }, { token_id, user_id: user }]) {
    const { body } = await root.post<Verdict>("/v1/tokens/check", json);
    assert.deepEqual([body.status, body.token_id], ["valid", token_id]);
  }
  assert.equal((await consume(root, token_id)).status, 400);
  assert.equal((await check(root, token)).status, "valid");

  const { body } = await root.post<Revoked>("/v1/tokens/revoke", {
    token_id,
    user_id: user,
    reason: "lost",
  });
  assert.deepEqual([body.changed, body.status, body.reason], [true, "revoked", "lost"]);
  assert.equal((await check(root, token)).status, "revoked");
});

test("a_token_id_is_known_for_its_own_user_only", async () => {
  const [user, other] = [await newUser(root), await newUser(root)];
  const { token, token_id } = await mint(root, user);
  for (const path of ["/v1/tokens/check", "/v1/tokens/revoke"]) {
    const { body } = await root.post<Problem>(path, { token_id, user_id: other }, 404);
    assert.equal(body.code, "token_not_found");
  }
  assert.equal((await check(root, token)).status, "valid");
});

test("a_hundred_tokens_are_checked_in_the_order_asked", async () => {
  const users = [await newUser(root), await newUser(root), await newUser(root)];
  const owner = (index: number): string => users[index % users.length] ?? "";
  const live = await Promise.all(times(30, (index) => mint(root, owner(index))));
  const consumed = await Promise.all(times(20, (index) => mint(root, owner(index))));
  const revoked = await Promise.all(times(20, (index) => mint(root, owner(index))));
  await Promise.all(consumed.map(({ token }) => consume(root, token)));
  await Promise.all(revoked.map(({ token }) => revoke(root, token)));
  const key = await newKey(root, owner(0));

  const asked: [string, string, string | undefined][] = [
    ...live.map(({ token, token_id }): [string, string, string] => [token, "valid", token_id]),
    ...consumed.map(({ token, token_id }): [string, string, string] => [
      partooSpelling(token),
      "consumed",
      token_id,
    ]),
    ...revoked.map(({ token_id }): [string, string, string] => [token_id, "revoked", token_id]),
    ...live
      .slice(0, 20)
      .map(({ token }): [string, string, undefined] => [forge(token), "unknown", undefined]),
    ...times(9, (index): [string, string, undefined] => [
      "x".repeat(index + 1),
      "unknown",
      undefined,
    ]),
    [key.api_key, "valid", key.token_id],
  ];
  // Not kind by kind: neighbours belong to different ledgers and have different fates.
  const order = times(asked.length, (index) => asked.at((index * 37) % asked.length) ?? NOTHING);
  assert.equal(order.length, 100);

  const items = await checkAll(
    root,
    order.map(([token]) => token),
  );
  assert.deepEqual(
    items.map((item) => [item.status, "token_id" in item ? item.token_id : undefined]),
    order.map(([, status, tokenId]) => [status, tokenId]),
  );
});

test("a_verdict_says_who_said_so", async () => {
  const { token } = await mint(root, await newUser(root));
  assert.equal((await check(root, token)).source, "ledger");
  const [live, forged] = await checkAll(root, [token, forge(token)]);
  assert.deepEqual([live?.source, forged?.source], ["ledger", undefined]);
});

test("a_whole_number_may_be_written_with_a_fraction_of_nought", async () => {
  const user = await newUser(root);
  // To JSON Schema, and so to our description, 60.0 is an integer.
  const body = `{"user_id":"${user}","ttl":60.0}`;
  const { status, body: minted } = await root.send<Minted>("POST", "/v1/tokens", { body });
  assert.equal(status, 201);
  assert.equal(lifetime(minted), 60);
});

test("a_token_asked_for_twice_in_a_batch_is_answered_twice", async () => {
  const { token } = await mint(root, await newUser(root));
  const items = await checkAll(root, [token, token, partooSpelling(token)]);
  assert.deepEqual(
    items.map(({ status }) => status),
    ["valid", "valid", "valid"],
  );
});

test("only_a_connection_token_is_consumed", async () => {
  const user = await newUser(root);
  const key = await newKey(root, user);
  for (const handle of [key.api_key, key.token_id]) {
    const { status, body } = await consume(root, handle);
    assert.deepEqual([status, body.code], [400, "not_a_connection_token"]);
  }
  assert.equal((await check(root, key.api_key)).status, "valid");
});

test("an_api_key_is_checked_and_revoked_like_any_token", async () => {
  const user = await newUser(root);
  const key = await newKey(root, user, { label: "production", ttl: 3600 });
  const verdict = await check(root, key.api_key);
  assert.deepEqual(
    [verdict.kind, verdict.status, verdict.label],
    ["api_key", "valid", "production"],
  );
  assert.equal(lifetime(verdict), 3600);
  assert.equal((await newKey(root, user)).expires_at, null, "for ever, where nothing is said");

  assert.equal((await revoke(root, key.api_key)).changed, true);
  const refused = await root.as(key.api_key).get<Problem>("/v1/users/" + user, 401);
  assert.equal(refused.body.code, "unauthenticated");
});

test("a_forged_token_is_unknown", async () => {
  const { token } = await mint(root, await newUser(root));
  // A digit each of the masked shard, the random part and the mac.
  for (const forged of [
    forge(token, 4),
    forge(token, 30),
    forge(token, -1),
    token.slice(0, -2),
    `${token}00`,
    token.slice(4),
  ]) {
    for (const path of ["/v1/tokens/check", "/v1/tokens/consume", "/v1/tokens/revoke"]) {
      const { body } = await root.post<Problem>(path, { token: forged }, 404);
      assert.equal(body.code, "token_not_found");
    }
  }
  assert.equal((await check(root, token)).status, "valid");
});

test("a_token_does_not_pass_for_one_of_another_kind", async () => {
  const { token, token_id } = await mint(root, await newUser(root));
  for (const disguised of [
    token.replace("hct_", "hak_"),
    token_id.replace("tok_", "hct_"),
    token.replace("hct_", "tok_"),
  ]) {
    await root.post("/v1/tokens/check", { token: disguised }, 404);
  }
});

test("two_tokens_of_a_user_look_unrelated", async () => {
  const user = await newUser(root);
  const minted = await Promise.all(times(20, () => mint(root, user)));
  const prefixes = minted.flatMap(({ token, token_id }) => [
    token.slice(4, 12),
    token_id.slice(4, 12),
  ]);
  assert.equal(new Set(prefixes).size, prefixes.length);
});

function lifetime({
  created_at,
  expires_at,
}: {
  created_at: string;
  expires_at: string | null;
}): number {
  assert.ok(expires_at !== null);
  assert.equal(created_at.slice(-4), expires_at.slice(-4), "to the microsecond");
  return (Date.parse(expires_at) - Date.parse(created_at)) / 1000;
}

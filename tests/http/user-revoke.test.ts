// Everything of a user is revoked in one write and one event.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import {
  asUser,
  check,
  checkAll,
  consume,
  eventsOf,
  mint,
  newKey,
  newUser,
  revoke,
  tokensOf,
} from "./kit/actions.ts";
import { userPath } from "./kit/api.ts";
import { serve } from "./kit/service.ts";
import type { Event, Problem, UserRevoked, Verdict } from "./kit/shapes.ts";
import { inParallel, sleep, times, until } from "./kit/wait.ts";

const THOUSAND = 1_000;
const LANES = 16;
const NONE = { connection_token: 0, access_token: 0, refresh_token: 0, api_key: 0, connection: 0 };

const service = await serve();
after(() => service.stop());
const { root } = service;

test("everything_of_a_user_is_revoked_and_nothing_that_was_dead", async () => {
  const user = await newUser(root);
  const live = [await mint(root, user), await mint(root, user)];
  const [used, taken] = [await mint(root, user), await mint(root, user)];
  await consume(root, used.token);
  await revoke(root, taken.token, "earlier");
  const key = await newKey(root, user);

  const counted = await revokeUser(user, { dry_run: true });
  assert.deepEqual([counted.dry_run, counted.total], [true, 3]);
  assert.deepEqual(counted.revoked, { ...NONE, connection_token: 2, api_key: 1 });
  for (const { token } of live) assert.equal((await check(root, token)).status, "valid");
  assert.equal((await eventsOf(root, user, "user.revoked")).length, 0, "counting changes nothing");

  const done = await revokeUser(user, { reason: "left the company" });
  assert.deepEqual([done.dry_run, done.revoked, done.total], [false, counted.revoked, 3]);
  for (const token of [live[0]?.token ?? "", live[1]?.token ?? "", key.api_key]) {
    const { status, reason, by, revoked_at } = await check(root, token);
    assert.deepEqual([status, reason, by], ["revoked", "left the company", "root"]);
    assert.ok(revoked_at !== null && revoked_at >= done.before);
  }
  assert.equal((await check(root, used.token)).status, "consumed");
  assert.equal((await check(root, taken.token)).reason, "earlier");
  assert.equal((await consume(root, live[0]?.token ?? "")).body.code, "token_revoked");

  const after = await mint(root, user);
  assert.equal((await check(root, after.token)).status, "valid", "what is minted afterwards lives");

  await sleep(1_500);
  const events = await eventsOf(root, user, "token.revoked");
  assert.deepEqual(idsOf(events), [taken.token_id], "tokens of a cascade get no event");
  assert.equal((await eventsOf(root, user, "user.revoked")).length, 1);
});

test("a_second_revocation_finds_nothing_to_do", async () => {
  const user = await newUser(root);
  await mint(root, user);
  assert.equal((await revokeUser(user)).total, 1);
  const again = await revokeUser(user);
  assert.deepEqual([again.revoked, again.total], [NONE, 0]);
  const nothing = await revokeUser(await newUser(root), { dry_run: true });
  assert.equal(nothing.total, 0);
});

test("only_what_was_minted_up_to_before_is_revoked", async () => {
  const user = await newUser(root);
  const [first, second, third] = [
    await mint(root, user),
    await mint(root, user),
    await mint(root, user),
  ];
  const before = second.created_at;
  assert.equal((await revokeUser(user, { before, dry_run: true })).total, 2);
  const done = await revokeUser(user, { before });
  assert.deepEqual([done.before, done.total], [before, 2]);
  const statuses = (await checkAll(root, [first.token, second.token, third.token])).map(
    ({ status }) => status,
  );
  assert.deepEqual(statuses, ["revoked", "revoked", "valid"]);

  const inCairo = new Date(Date.parse(third.created_at) + 2 * 3_600_000).toISOString();
  const offset = `${inCairo.slice(0, 19)}${third.created_at.slice(19, 26)}+02:00`;
  assert.equal((await revokeUser(user, { before: offset })).total, 1, "with an offset, too");
});

test("a_time_to_come_is_refused", async () => {
  const user = await newUser(root);
  const { token } = await mint(root, user);
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  for (const before of [tomorrow, "9999-12-31T23:59:59Z", "yesterday", "2026-11-21", "", 1]) {
    const { body } = await root.post<Problem>(userPath(user, "/revoke"), { before }, 400);
    assert.deepEqual([body.code, Object.keys(body.errors ?? {})], ["invalid_request", ["before"]]);
  }
  assert.equal((await check(root, token)).status, "valid");
});

test("kinds_narrow_what_is_revoked", async () => {
  const user = await newUser(root);
  const [token, key] = [await mint(root, user), await newKey(root, user)];
  const untouched = await revokeUser(user, {
    kinds: ["access_token", "refresh_token"],
  });
  assert.equal(untouched.total, 0);

  const tokens = await revokeUser(user, { kinds: ["connection_token"] });
  assert.deepEqual(tokens.revoked, { ...NONE, connection_token: 1 });
  assert.equal((await check(root, token.token)).status, "revoked");
  assert.equal((await check(root, key.api_key)).status, "valid");

  const survivor = await mint(root, user);
  const keys = await revokeUser(user, { kinds: ["api_key", "refresh_token"] });
  assert.deepEqual(keys.revoked, { ...NONE, api_key: 1 });
  assert.equal((await check(root, survivor.token)).status, "valid");
  assert.equal((await check(root, key.api_key)).status, "revoked");
});

test("kinds_are_a_list_of_known_kinds", async () => {
  const user = await newUser(root);
  for (const kinds of [[], ["token"], "api_key", [1], {}, ["api_key", "nonsense"]]) {
    const { body } = await root.post<Problem>(userPath(user, "/revoke"), { kinds }, 400);
    assert.deepEqual(Object.keys(body.errors ?? {}), ["kinds"]);
  }
});

test("the_keys_of_a_revoked_user_are_dead", async () => {
  const user = await newUser(root, { role: "admin" });
  const { api_key } = await newKey(root, user);
  await root.as(api_key).get(userPath(user));
  await revokeUser(user);
  // An isolate remembers a key for ten seconds: a fresh one knows nothing of it.
  await service.restart();
  await root.as(api_key).get(userPath(user), 401);
  const api = await asUser(root, user);
  await api.get(userPath(user));
});

test("a_key_that_revokes_its_own_user_is_dead_itself", async () => {
  const user = await newUser(root);
  const { api_key } = await newKey(root, user);
  const { body } = await root.as(api_key).post<UserRevoked>(userPath(user, "/revoke"), {});
  assert.equal(body.total, 1);
  const { status, by } = await check(root, api_key);
  assert.deepEqual([status, by], ["revoked", user]);
});

test("no_check_sees_half_of_a_revocation", async () => {
  const user = await newUser(root);
  const minted = await inParallel(
    LANES,
    times(50, () => () => mint(root, user)),
  );
  const tokens = minted.map(({ token }) => token);
  const watch = times(10, async () => {
    const seen = new Set((await checkAll(root, tokens)).map(({ status }) => status));
    assert.equal(seen.size, 1, `${[...seen].join(" and ")} at the same time`);
  });
  await Promise.all([...watch, revokeUser(user)]);
  const after = new Set((await checkAll(root, tokens)).map(({ status }) => status));
  assert.deepEqual([...after], ["revoked"]);
});

test("a_thousand_tokens_that_end_with_their_user_are_one_event", async () => {
  const user = await newUser(root);
  const minted = await mintMany(user);
  const done = await revokeUser(user);
  assert.equal(done.revoked.connection_token, THOUSAND);

  const sample = minted.filter((_, index) => index % 10 === 0).map(({ token }) => token);
  assert.ok((await checkAll(root, sample)).every(({ status }) => status === "revoked"));

  await sleep(1_500);
  assert.equal((await eventsOf(root, user, "token.revoked")).length, 0);
  const [event] = await eventsOf(root, user, "user.revoked");
  assert.deepEqual(event?.data["revoked"], { ...NONE, connection_token: THOUSAND });
});

test("a_thousand_tokens_that_expire_are_each_told_once", async () => {
  const user = await newUser(root);
  const minted = await mintMany(user, 2);
  const told = await toldOfAll(user, "token.expired", THOUSAND);
  assert.deepEqual(idsOf(told), idsOf(minted));
  const listed = await tokensOf(root, user, { status: "expired" });
  assert.equal(listed.length, THOUSAND);
});

async function revokeUser(user: string, json: object = {}): Promise<UserRevoked> {
  return (await root.post<UserRevoked>(userPath(user, "/revoke"), json)).body;
}

function mintMany(user: string, ttl = 3_600): Promise<{ token: string; token_id: string }[]> {
  return inParallel(
    LANES,
    times(THOUSAND, () => () => mint(root, user, { ttl })),
  );
}

/** The events of this type, as soon as there are so many; never more. */
async function toldOfAll(user: string, type: string, count: number): Promise<Event[]> {
  const events = await until(
    `${count} events ${type}`,
    async () => {
      const found = await eventsOf(root, user, type);
      return found.length >= count ? found : undefined;
    },
    60_000,
  );
  assert.equal(events.length, count);
  return events;
}

function idsOf(named: (Event | Verdict | { token_id: string })[]): (string | null)[] {
  return named.map(({ token_id }) => token_id).sort();
}

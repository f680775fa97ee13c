// What a user has of an app, revoked in one write; and what of it, narrowed by kinds.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { check, checkAll, consume, mint, newKey, newUser, tokensOf } from "./kit/actions.ts";
import { userPath } from "./kit/api.ts";
import {
  connect,
  connectionsOf,
  disable,
  enable,
  issuePair,
  newApp,
  readConnection,
  revokeConnection,
} from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import type { Problem, UserRevoked } from "./kit/shapes.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

const NONE = { connection_token: 0, access_token: 0, refresh_token: 0, api_key: 0, connection: 0 };

interface OfApp {
  app_id: string;
  active: string;
  /** Of an active connection: a connection token, an access token, and a refresh token. */
  tokens: [string, string, string];
}

/** A user with two apps, a key and a token of no app. */
async function newCase(): Promise<{ user: string; one: OfApp; two: OfApp; beside: string[] }> {
  const user = await newUser(root);
  const [one, two] = [await connectTo(user), await connectTo(user)];
  const beside = [(await mint(root, user)).token, (await newKey(root, user)).api_key];
  return { user, one, two, beside };
}

async function connectTo(user: string): Promise<OfApp> {
  const { app_id } = await newApp(root);
  const { id } = await connect(root, user, app_id);
  const { token } = await mint(root, user, { app_id });
  return { app_id, active: id, tokens: [token, ...(await issuePair(root, id))] };
}

test("everything_of_a_user_is_counted_and_revoked_connections_among_it", async () => {
  const { user, one, two, beside } = await newCase();
  const counted = await revokeUser(user, { dry_run: true });
  const expected = {
    connection_token: 3,
    access_token: 2,
    refresh_token: 2,
    api_key: 1,
    connection: 2,
  };
  assert.deepEqual([counted.revoked, counted.total], [expected, 10]);
  assert.deepEqual(await fates([...one.tokens, ...two.tokens, ...beside]), new Set(["valid"]));

  const done = await revokeUser(user, { reason: "left the company" });
  assert.deepEqual([done.revoked, done.total], [expected, 10]);
  assert.deepEqual(await fates([...one.tokens, ...two.tokens, ...beside]), new Set(["revoked"]));
  for (const { active } of [one, two]) {
    const { status, status_reason, changed_by, revoked_at } = await readConnection(root, active);
    assert.deepEqual([status, status_reason, changed_by], ["revoked", "left the company", "root"]);
    assert.ok(revoked_at !== null && revoked_at >= done.before);
  }
  const again = await revokeUser(user);
  assert.deepEqual([again.revoked, again.total], [NONE, 0]);
});

test("an_app_narrows_it_to_what_is_of_the_app", async () => {
  const { user, one, two, beside } = await newCase();
  const counted = await revokeUser(user, { app_id: one.app_id, dry_run: true });
  const expected = { connection_token: 1, access_token: 1, refresh_token: 1, connection: 1 };
  assert.deepEqual([counted.revoked, counted.total], [{ ...NONE, ...expected }, 4]);
  const done = await revokeUser(user, { app_id: one.app_id });
  assert.deepEqual(done.revoked, counted.revoked);
  assert.deepEqual(await fates(one.tokens), new Set(["revoked"]));
  assert.deepEqual(await fates([...two.tokens, ...beside]), new Set(["valid"]));
  assert.equal((await readConnection(root, one.active)).status, "revoked");
  assert.equal((await readConnection(root, two.active)).status, "active");

  const other = await newApp(root);
  assert.equal((await revokeUser(user, { app_id: other.app_id })).total, 0);
});

test("connections_take_along_what_is_under_them", async () => {
  const { user, one, two, beside } = await newCase();
  const counted = await revokeUser(user, { kinds: ["connection"], dry_run: true });
  assert.equal(counted.revoked.connection, 2);
  assert.deepEqual((await connectionsOf(root, user, { status: "active" })).length, 2);
  const done = await revokeUser(user, { kinds: ["connection"] });
  assert.deepEqual(done.revoked, counted.revoked);
  assert.deepEqual(await fates([...one.tokens, ...two.tokens]), new Set(["revoked"]));
  assert.deepEqual(await fates(beside), new Set(["valid"]));
  assert.equal((await connectionsOf(root, user, { status: "revoked" })).length, 2);
});

test("connections_of_one_app_are_revoked_and_no_others", async () => {
  const { user, one, two } = await newCase();
  const second = await connect(root, user, one.app_id);
  const done = await revokeUser(user, { kinds: ["connection"], app_id: one.app_id });
  assert.equal(done.revoked.connection, 2);
  assert.deepEqual(await fates(one.tokens), new Set(["revoked"]));
  assert.deepEqual(await fates(two.tokens), new Set(["valid"]));
  assert.equal((await readConnection(root, second.id)).status, "revoked");
});

test("kinds_of_tokens_leave_the_connections", async () => {
  const { user, one, two, beside } = await newCase();
  const done = await revokeUser(user, { kinds: ["access_token"], app_id: one.app_id });
  assert.deepEqual([done.revoked, done.total], [{ ...NONE, access_token: 1 }, 1]);
  const [token, access, refresh] = one.tokens;
  assert.deepEqual(await fates([access]), new Set(["revoked"]));
  assert.deepEqual(await fates([token, refresh, ...two.tokens, ...beside]), new Set(["valid"]));
  assert.equal((await readConnection(root, one.active)).status, "active");

  const codes = await revokeUser(user, { kinds: ["connection_token", "refresh_token"] });
  assert.deepEqual(codes.revoked, { ...NONE, connection_token: 3, refresh_token: 2 });
  assert.equal((await consume(root, token)).body.code, "token_revoked");
  assert.equal((await tokensOf(root, user, { status: "valid" })).length, 2);
});

test("whatever_lives_is_counted_inactive_or_initiated", async () => {
  const user = await newUser(root);
  const off = await connectTo(user);
  await disable(root, off.active);
  const { app_id } = await newApp(root);
  const begun = await mint(root, user, { app_id });
  const gone = await connect(root, user, app_id);
  await revokeConnection(root, gone.id);

  const counted = await revokeUser(user, { dry_run: true });
  const expected = { connection_token: 2, access_token: 1, refresh_token: 1, connection: 2 };
  assert.deepEqual([counted.revoked, counted.total], [{ ...NONE, ...expected }, 6]);
  assert.deepEqual((await revokeUser(user)).revoked, counted.revoked);
  assert.equal((await readConnection(root, begun.connection_id ?? "")).status, "revoked");
  assert.equal((await readConnection(root, off.active)).status, "revoked");
  await root.post(`/v1/connections/${off.active}/enable`, {}, 409);
  assert.deepEqual(await fates([...off.tokens, begun.token]), new Set(["revoked"]));
});

test("only_connections_made_up_to_before_are_revoked", async () => {
  const user = await newUser(root);
  const { app_id } = await newApp(root);
  const [first, second] = [await connect(root, user, app_id), await connect(root, user, app_id)];
  const done = await revokeUser(user, { before: first.created_at, kinds: ["connection"] });
  assert.equal(done.revoked.connection, 1);
  assert.equal((await readConnection(root, first.id)).status, "revoked");
  assert.equal((await readConnection(root, second.id)).status, "active");
});

test("what_an_old_connection_issued_lately_dies_with_it", async () => {
  const user = await newUser(root);
  const { app_id } = await newApp(root);
  const { id, created_at } = await connect(root, user, app_id);
  const pair = await issuePair(root, id);
  await revokeUser(user, { before: created_at, kinds: ["connection"] });
  assert.deepEqual(await fates(pair), new Set(["revoked"]));
});

test("an_inactive_connection_that_was_spared_comes_back", async () => {
  const { user, one, two } = await newCase();
  await disable(root, two.active);
  await revokeUser(user, { app_id: one.app_id });
  assert.equal((await check(root, two.tokens[1])).status, "inactive");
  await enable(root, two.active);
  assert.deepEqual(await fates(two.tokens), new Set(["valid"]));
});

test("a_kind_that_there_is_not_is_refused", async () => {
  const { body } = await root.post<Problem>(
    userPath(await newUser(root), "/revoke"),
    { kinds: ["connection", "connections"] },
    400,
  );
  assert.deepEqual(Object.keys(body.errors ?? {}), ["kinds"]);
});

async function revokeUser(user: string, json: object = {}): Promise<UserRevoked> {
  return (await root.post<UserRevoked>(userPath(user, "/revoke"), json)).body;
}

async function fates(tokens: string[]): Promise<Set<string>> {
  return new Set((await checkAll(root, tokens)).map(({ status }) => status));
}

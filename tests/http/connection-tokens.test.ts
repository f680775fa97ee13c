// Access and refresh tokens: issued under a connection, within its scope, and only as alive as it is.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { check, checkAll, consume, mint, newUser, revoke, tokensOf } from "./kit/actions.ts";
import {
  connect,
  connectionPath,
  disable,
  enable,
  issue,
  issuePair,
  newApp,
  newConnection,
  readConnection,
  revokeConnection,
} from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import type { Connection, Problem, Verdict } from "./kit/shapes.ts";
import { untilTrue } from "./kit/wait.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

const QUARTER_S = 7_776_000;

test("tokens_are_issued_as_rfc_6749_spells_them", async () => {
  const user = await newUser(root);
  const { id, app_id } = await newConnection(root, user, { scopes: ["a", "b"] });
  const issued = await issue(root, id);
  assert.match(issued.access_token, /^hat_[0-9a-f]{48}$/);
  assert.match(issued.refresh_token ?? "", /^hrt_[0-9a-f]{48}$/);
  assert.deepEqual([issued.token_type, issued.expires_in, issued.scope], ["Bearer", 3_600, "a b"]);
  assert.deepEqual([issued.connection_id, issued.user_id, issued.app_id], [id, user, app_id]);

  const [access, refresh] = [
    await check(root, issued.access_token),
    await check(root, issued.refresh_token ?? ""),
  ];
  assert.deepEqual([access.token_id, access.kind], [issued.token_id, "access_token"]);
  assert.deepEqual([refresh.token_id, refresh.kind], [issued.refresh_token_id, "refresh_token"]);
  for (const verdict of [access, refresh]) {
    assert.deepEqual(
      [verdict.status, verdict.user_id, verdict.app_id, verdict.connection_id, verdict.scope],
      ["valid", user, app_id, id, "a b"],
    );
  }
  assert.deepEqual([lifetime(access), lifetime(refresh)], [3_600, QUARTER_S]);
});

test("what_is_issued_can_be_chosen", async () => {
  const { id } = await newConnection(root, await newUser(root));
  const alone = await issue(root, id, { refresh_token: false, ttl: 60 });
  assert.deepEqual(
    [alone.refresh_token, alone.refresh_token_id, alone.scope, alone.expires_in],
    [undefined, undefined, undefined, 60],
  );
  assert.equal(lifetime(await check(root, alone.access_token)), 60);
  const long = await issue(root, id, { ttl: 86_400, refresh_token_ttl: 31_536_000 });
  assert.equal(lifetime(await check(root, long.refresh_token ?? "")), 31_536_000);
  const empty = await root.send("POST", connectionPath(id, "/tokens"));
  assert.equal(empty.status, 201, "no body is needed");
});

test("a_token_has_no_more_scope_than_its_connection", async () => {
  const user = await newUser(root);
  const { app_id } = await newApp(root, { scopes: ["a", "b", "c"] });
  const { id } = await connect(root, user, app_id, { scope: "a b" });
  assert.equal((await issue(root, id, { scope: "b" })).scope, "b");
  assert.equal((await issue(root, id)).scope, "a b");
  for (const scope of ["c", "a c", "A", "ab"]) {
    const { body } = await root.post<Problem>(connectionPath(id, "/tokens"), { scope }, 400);
    assert.equal(body.code, "invalid_scope");
  }
  const bare = await newConnection(root, user);
  await root.post(connectionPath(bare.id, "/tokens"), { scope: "a" }, 400);
  assert.equal((await tokensOf(root, user)).length, 4);
});

test("an_access_token_lets_nobody_in", async () => {
  const { id } = await newConnection(root, await newUser(root));
  for (const token of await issuePair(root, id)) {
    const { status, body } = await consume(root, token);
    assert.deepEqual([status, body.code], [400, "not_a_connection_token"]);
    await root.as(token).get(connectionPath(id), 401);
    assert.equal((await check(root, token)).status, "valid");
  }
});

test("whatever_is_under_an_inactive_connection_is_inactive", async () => {
  const { user, connection } = await newPair();
  const { id, app_id } = connection;
  const { token } = await mint(root, user, { app_id });
  const under = [token, ...(await issuePair(root, id))];
  const beside = await mint(root, user);
  assert.deepEqual(await statuses([...under, beside.token]), ["valid", "valid", "valid", "valid"]);

  await disable(root, id);
  assert.deepEqual(await statuses([...under, beside.token]), [
    "inactive",
    "inactive",
    "inactive",
    "valid",
  ]);
  for (const one of under) {
    const { status, source, revoked_at, by } = await check(root, one);
    assert.deepEqual([status, source, revoked_at, by], ["inactive", "ledger", null, null]);
  }
  const listed = await tokensOf(root, user, { status: "inactive" });
  assert.deepEqual(listed.map(({ kind }) => kind).sort(), [
    "access_token",
    "connection_token",
    "refresh_token",
  ]);
  assert.equal((await tokensOf(root, user, { status: "valid" })).length, 1);
  const { body } = await root.post<Problem>(connectionPath(id, "/tokens"), {}, 409);
  assert.deepEqual([body.code, body.connection?.status], ["connection_inactive", "inactive"]);

  await enable(root, id);
  assert.deepEqual(await statuses(under), ["valid", "valid", "valid"]);
});

test("an_inactive_token_is_revoked_and_expires_like_any", async () => {
  const { connection } = await newPair();
  const { id } = connection;
  const taken = await issue(root, id, { refresh_token: false });
  const late = await issue(root, id, { refresh_token: false, ttl: 1 });
  await disable(root, id);
  const revoked = await revoke(root, taken.access_token, "lost");
  assert.deepEqual(
    [revoked.changed, revoked.previous, revoked.status],
    [true, "inactive", "revoked"],
  );
  await untilTrue(
    "the token expires",
    async () => (await check(root, late.access_token)).status === "expired",
  );
  await enable(root, id);
  assert.deepEqual(await statuses([taken.access_token, late.access_token]), ["revoked", "expired"]);
});

test("whatever_is_under_a_revoked_connection_is_revoked", async () => {
  const { user, connection } = await newPair();
  const { id, app_id } = connection;
  const { token } = await mint(root, user, { app_id });
  const under = [token, ...(await issuePair(root, id)), ...(await issuePair(root, id))];
  const other = await newConnection(root, user);
  const beside = [(await mint(root, user)).token, ...(await issuePair(root, other.id))];
  const dead = await issue(root, id);
  await revoke(root, dead.access_token, "earlier");

  const revoked = await revokeConnection(root, id, "the user asked for it");
  for (const one of under) {
    const { status, reason, by, revoked_at } = await check(root, one);
    assert.deepEqual(
      [status, reason, by, revoked_at],
      ["revoked", "the user asked for it", "root", revoked.revoked_at],
    );
  }
  assert.deepEqual(await statuses(beside), ["valid", "valid", "valid"]);
  assert.equal((await check(root, dead.access_token)).reason, "earlier", "the first recorded wins");
});

test("a_consumed_token_stays_consumed_when_its_connection_is_revoked", async () => {
  const { user, connection } = await newPair();
  const { token } = await mint(root, user, { app_id: connection.app_id });
  await consume(root, token);
  await revokeConnection(root, connection.id);
  assert.equal((await check(root, token)).status, "consumed");
});

test("a_refresh_token_takes_its_family_along_and_an_access_token_only_itself", async () => {
  const { connection } = await newPair();
  const [access, refresh] = await issuePair(root, connection.id);
  const others = await issuePair(root, connection.id);
  assert.equal((await revoke(root, access)).changed, true);
  assert.deepEqual(await statuses([access, refresh]), ["revoked", "valid"]);

  const second = await issuePair(root, connection.id);
  const taken = await revoke(root, second[1], "lost");
  assert.deepEqual([taken.changed, taken.kind], [true, "refresh_token"]);
  assert.deepEqual(await statuses([...second, ...others]), [
    "revoked",
    "revoked",
    "valid",
    "valid",
  ]);
  assert.equal((await check(root, second[0])).reason, "lost");
  assert.equal((await readConnection(root, connection.id)).status, "active");
});

test("no_check_sees_half_of_a_revoked_connection", async () => {
  const { connection } = await newPair();
  const pairs = await Promise.all(Array.from({ length: 20 }, () => issuePair(root, connection.id)));
  const tokens = pairs.flat();
  const watch = Array.from({ length: 10 }, async () => {
    const seen = new Set(await statuses(tokens));
    assert.equal(seen.size, 1, `${[...seen].join(" and ")} at the same time`);
  });
  await Promise.all([...watch, revokeConnection(root, connection.id)]);
  assert.deepEqual([...new Set(await statuses(tokens))], ["revoked"]);
});

async function newPair(): Promise<{ user: string; connection: Connection }> {
  const user = await newUser(root);
  return { user, connection: await newConnection(root, user, { scopes: ["a", "b"] }) };
}

async function statuses(tokens: string[]): Promise<string[]> {
  return (await checkAll(root, tokens)).map(({ status }) => status);
}

function lifetime({ created_at, expires_at }: Verdict): number {
  return (Date.parse(expires_at ?? "") - Date.parse(created_at)) / 1000;
}

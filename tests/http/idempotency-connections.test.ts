// The POSTs of apps and connections, sent again with the same Idempotency-Key: nothing happens twice.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";

import { check, consume, eventsOf, mint, newUser, tokensOf } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import {
  appPath,
  connectionPath,
  connectionsOf,
  disable,
  enable,
  newApp,
  newConnection,
  readConnection,
  revokeConnection,
} from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import type {
  App,
  ChangedConnection,
  Connection,
  Consumed,
  Issued,
  Minted,
  Problem,
} from "./kit/shapes.ts";
import { times } from "./kit/wait.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

const CONFLICT = "idempotency_conflict";

test("a_repeated_connection_is_one_connection", async () => {
  const user = await newUser(root);
  const { app_id } = await newApp(root, { scopes: ["a"] });
  const key = randomUUID();
  const order = { user_id: user, app_id, scope: "a", metadata: { n: 1 } };
  const [first, again] = await twice<Connection>(key, "/v1/connections", order, 201);
  assert.deepEqual(again.body, first.body);
  assert.equal((await connectionsOf(root, user)).length, 1);
  assert.equal((await eventsOf(root, user, "connection.created")).length, 1);
  const other = { ...order, metadata: { n: 2 } };
  assert.equal((await send<Problem>(key, "/v1/connections", other)).body.code, CONFLICT);
  assert.equal((await connectionsOf(root, user)).length, 1);
});

test("twenty_concurrent_connections_with_one_key_are_one", async () => {
  const user = await newUser(root);
  const { app_id } = await newApp(root);
  const key = randomUUID();
  const answers = await Promise.all(
    times(20, () => send<Connection>(key, "/v1/connections", { user_id: user, app_id })),
  );
  assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
  assert.equal((await connectionsOf(root, user)).length, 1);
});

test("tokens_that_are_issued_again_are_the_same_tokens", async () => {
  const user = await newUser(root);
  const { id } = await newConnection(root, user);
  const key = randomUUID();
  const [first, again] = await twice<Issued>(key, connectionPath(id, "/tokens"), { ttl: 60 }, 201);
  isTheSame(again.body, first.body);
  assert.equal((await check(root, again.body.access_token)).status, "valid");
  assert.equal((await check(root, again.body.refresh_token ?? "")).status, "valid");
  assert.equal((await tokensOf(root, user)).length, 2);
  const other = await send<Problem>(key, connectionPath(id, "/tokens"), { ttl: 61 });
  assert.deepEqual([other.status, other.body.code], [409, CONFLICT]);
  assert.equal(other.body.connection, undefined);
  assert.equal((await tokensOf(root, user)).length, 2);
});

test("tokens_that_are_issued_again_after_a_restart_are_the_same_tokens", async () => {
  const { id } = await newConnection(root, await newUser(root));
  const key = randomUUID();
  const path = connectionPath(id, "/tokens");
  const first = await send<Issued>(key, path, {});
  await service.restart();
  isTheSame((await send<Issued>(key, path, {})).body, first.body);
});

test("a_replay_brings_no_revoked_connection_back", async () => {
  const { id } = await newConnection(root, await newUser(root));
  const key = randomUUID();
  const path = connectionPath(id, "/tokens");
  const first = await send<Issued>(key, path, {});
  await revokeConnection(root, id);
  const again = await send<Issued>(key, path, {});
  // It is told as it was, or refused; what it tells of is dead in any case.
  if (again.status === 201) isTheSame(again.body, first.body);
  else assert.equal(again.status, 409);
  assert.equal((await check(root, first.body.access_token)).status, "revoked");
});

test("repeated_changes_keep_saying_that_they_changed_it", async () => {
  const user = await newUser(root);
  const { id } = await newConnection(root, user);
  for (const [rest, type] of [
    ["/disable", "connection.disabled"],
    ["/enable", "connection.enabled"],
    ["/revoke", "connection.revoked"],
  ] as const) {
    const json = { reason: "a reason" };
    const [first, again] = await twice<ChangedConnection>(
      randomUUID(),
      connectionPath(id, rest),
      json,
      200,
    );
    assert.equal(first.body.changed, true, rest);
    assert.deepEqual(again.body, first.body, rest);
    assert.equal((await eventsOf(root, user, type)).length, 1, type);
  }
});

test("a_repeated_disable_does_not_switch_off_what_was_switched_on_since", async () => {
  const { id } = await newConnection(root, await newUser(root));
  const key = randomUUID();
  await send(key, connectionPath(id, "/disable"), {});
  await enable(root, id);
  const again = await send<ChangedConnection>(key, connectionPath(id, "/disable"), {});
  assert.deepEqual([again.body.changed, again.body.status], [true, "inactive"], "as it was then");
  assert.equal((await readConnection(root, id)).status, "active");
});

test("one_key_for_two_connections_of_a_user_is_a_conflict", async () => {
  const user = await newUser(root);
  const [one, two] = [await newConnection(root, user), await newConnection(root, user)];
  const key = randomUUID();
  assert.equal((await send(key, connectionPath(one.id, "/revoke"), {})).status, 200);
  for (const path of [connectionPath(two.id, "/revoke"), connectionPath(one.id, "/disable")]) {
    const { status, body } = await send<Problem>(key, path, {});
    assert.deepEqual([status, body.code], [409, CONFLICT]);
  }
  assert.equal((await readConnection(root, two.id)).status, "active");
});

test("a_refused_change_is_not_remembered", async () => {
  const user = await newUser(root);
  const { app_id } = await newApp(root);
  const { token, connection_id } = await mint(root, user, { app_id });
  const key = randomUUID();
  const path = connectionPath(connection_id ?? "", "/tokens");
  assert.equal((await send<Problem>(key, path, {})).body.code, "connection_initiated");
  await consume(root, token);
  await disable(root, connection_id ?? "");
  assert.equal((await send<Problem>(key, path, {})).body.code, "connection_inactive");
  await enable(root, connection_id ?? "");
  assert.equal((await send(key, path, {})).status, 201);
});

test("a_repeated_consume_tells_of_the_same_connection", async () => {
  const user = await newUser(root);
  const { app_id } = await newApp(root, { scopes: ["a"] });
  const { token } = await mint(root, user, { app_id });
  const [first, again] = await twice<Consumed>(randomUUID(), "/v1/tokens/consume", { token }, 200);
  assert.equal(first.body.connection?.status, "active");
  assert.deepEqual(again.body, first.body);
  assert.equal((await eventsOf(root, user, "connection.activated")).length, 1);
});

test("a_repeated_mint_for_an_app_begins_one_connection", async () => {
  const user = await newUser(root);
  const { app_id } = await newApp(root);
  const order = { user_id: user, app_id };
  const [first, again] = await twice<Minted>(randomUUID(), "/v1/tokens", order, 201);
  assert.deepEqual(again.body, first.body);
  assert.equal((await connectionsOf(root, user)).length, 1);
});

test("a_repeated_rotation_makes_one_secret", async () => {
  const { app_id } = await newApp(root);
  const path = appPath(app_id, "/client-secret");
  const key = randomUUID();
  const [first, again] = await twice<App>(key, path, { previous_ttl: 60 }, 201);
  assert.deepEqual(again.body, first.body);
  const other = await send<Problem>(key, path, { previous_ttl: 61 });
  assert.deepEqual([other.status, other.body.code], [409, CONFLICT]);
  const next = await root.post<App>(path, {}, 201);
  assert.notEqual(next.body.client_secret, first.body.client_secret);
});

/** The same tokens; but that time runs out for the access token. */
function isTheSame(again: Issued, first: Issued): void {
  assert.ok(again.expires_in <= first.expires_in);
  assert.deepEqual({ ...again, expires_in: first.expires_in }, first);
}

function send<T>(key: string, path: string, json: unknown): Promise<Answer<T>> {
  return root.send<T>("POST", path, { json, headers: { "idempotency-key": key } });
}

/** Sends it twice with one key: the first is answered, the second replayed. */
async function twice<T>(
  key: string,
  path: string,
  json: unknown,
  status: number,
): Promise<[Answer<T>, Answer<T>]> {
  const [first, again] = [await send<T>(key, path, json), await send<T>(key, path, json)];
  assert.deepEqual([first.status, again.status], [status, status], first.text);
  const replayed = [first, again].map(({ headers }) => headers.get("idempotency-replayed"));
  assert.deepEqual(replayed, [null, "true"]);
  return [first, again];
}

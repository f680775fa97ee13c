// The life of one connection: made, switched off and on, and revoked for good.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";

import { asNew, asUser, forge, mint, newUser } from "./kit/actions.ts";
import type { Api } from "./kit/api.ts";
import {
  connect,
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
import type { Connection, Problem } from "./kit/shapes.ts";
import { untilTrue } from "./kit/wait.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

const CHANGES = ["/revoke", "/disable", "/enable"];

test("a_connection_is_active_at_once_and_keeps_what_was_said_of_it", async () => {
  const user = await newUser(root);
  const { app_id } = await newApp(root, { scopes: ["a", "b", "c"] });
  const metadata = { plan: "team", nested: { list: [1, "two", null, true] } };
  const made = await connect(root, user, app_id, { scope: "b a", metadata });
  assert.match(made.id, /^ca_[0-9a-f]{48}$/);
  const { id, as_of, created_at, activated_at, changed_at, ...rest } = made;
  assert.deepEqual([activated_at, changed_at], [created_at, created_at]);
  assert.deepEqual(rest, {
    user_id: user,
    app_id,
    status: "active",
    status_reason: null,
    scope: "b a",
    created_by: "root",
    expires_at: null,
    changed_by: "root",
    revoked_at: null,
    metadata,
    upstream: null,
  });
  const read = await readConnection(root, id);
  assert.ok(read.as_of >= as_of);
  assert.deepEqual(read, { ...made, as_of: read.as_of });
});

test("a_connection_has_all_scopes_of_its_app_where_none_is_named", async () => {
  const user = await newUser(root);
  assert.equal((await newConnection(root, user, { scopes: ["a", "b"] })).scope, "a b");
  assert.equal((await newConnection(root, user)).scope, null);
});

test("a_scope_that_the_app_has_not_is_refused", async () => {
  const user = await newUser(root);
  const { app_id } = await newApp(root, { scopes: ["a", "b"] });
  const bare = await newApp(root);
  for (const json of [
    { user_id: user, app_id, scope: "a c" },
    { user_id: user, app_id, scope: "A" },
    { user_id: user, app_id: bare.app_id, scope: "a" },
  ]) {
    for (const path of ["/v1/connections", "/v1/tokens"]) {
      const { body } = await root.post<Problem>(path, json, 400);
      assert.equal(body.code, "invalid_scope");
    }
  }
  assert.deepEqual(await connectionsOf(root, user), []);
});

test("every_connection_that_is_made_is_a_new_one", async () => {
  const user = await newUser(root);
  const { app_id } = await newApp(root);
  const ids = [await connect(root, user, app_id), await connect(root, user, app_id)];
  assert.notEqual(ids[0]?.id, ids[1]?.id);
  assert.equal((await connectionsOf(root, user, { app_id })).length, 2);
});

test("a_connection_is_switched_off_and_on", async () => {
  const made = await newConnection(root, await newUser(root));
  const off = await disable(root, made.id, "under review");
  assert.deepEqual(
    [off.changed, off.previous, off.status, off.status_reason],
    [true, "active", "inactive", "under review"],
  );
  assert.equal(off.changed_by, "root");
  assert.ok(off.changed_at > made.changed_at);
  assert.equal(off.activated_at, made.activated_at);

  const still = await disable(root, made.id, "another reason");
  assert.deepEqual([still.changed, still.previous, still.status], [false, "inactive", "inactive"]);
  assert.equal(still.status_reason, "under review", "the first said stays");

  const on = await enable(root, made.id);
  assert.deepEqual([on.changed, on.previous, on.status], [true, "inactive", "active"]);
  assert.equal(on.status_reason, null);
  assert.equal((await enable(root, made.id)).changed, false);
  assert.equal((await readConnection(root, made.id)).status, "active");
});

test("a_revoked_connection_stays_revoked", async () => {
  const made = await newConnection(root, await newUser(root));
  const revoked = await revokeConnection(root, made.id, "the user asked for it");
  assert.deepEqual(
    [revoked.changed, revoked.previous, revoked.status, revoked.status_reason],
    [true, "active", "revoked", "the user asked for it"],
  );
  assert.deepEqual([revoked.revoked_at, revoked.changed_by], [revoked.changed_at, "root"]);

  const again = await revokeConnection(root, made.id, "another reason");
  assert.deepEqual([again.changed, again.previous], [false, "revoked"]);
  assert.equal(again.status_reason, "the user asked for it", "the first recorded wins");
  assert.equal(again.revoked_at, revoked.revoked_at);

  for (const rest of ["/disable", "/enable", "/tokens"]) {
    const { body } = await root.post<Problem>(connectionPath(made.id, rest), {}, 409);
    assert.equal(body.code, "connection_revoked");
    assert.deepEqual([body.connection?.id, body.connection?.status], [made.id, "revoked"]);
  }
  const { as_of, ...after } = await readConnection(root, made.id);
  const { as_of: before, changed, previous, effective_at, ...told } = revoked;
  assert.ok(as_of >= before && changed && previous === "active");
  assert.equal(effective_at, told.changed_at, "without a lease, at once");
  assert.deepEqual(after, told);
});

test("an_inactive_connection_is_revoked_as_well", async () => {
  const { id } = await newConnection(root, await newUser(root));
  await disable(root, id);
  const revoked = await revokeConnection(root, id);
  assert.deepEqual(
    [revoked.changed, revoked.previous, revoked.status],
    [true, "inactive", "revoked"],
  );
});

test("an_initiated_connection_is_neither_on_nor_off", async () => {
  const user = await newUser(root);
  const { app_id } = await newApp(root);
  const { connection_id } = await mint(root, user, { app_id });
  const id = connection_id ?? "";
  for (const rest of ["/disable", "/enable", "/tokens"]) {
    const { body } = await root.post<Problem>(connectionPath(id, rest), {}, 409);
    assert.equal(body.code, "connection_initiated");
    assert.equal(body.connection?.status, "initiated");
  }
  const revoked = await revokeConnection(root, id);
  assert.deepEqual([revoked.changed, revoked.previous], [true, "initiated"]);
});

test("an_expired_connection_stays_expired", async () => {
  const user = await newUser(root);
  const { app_id } = await newApp(root);
  const { connection_id, expires_at } = await mint(root, user, { app_id, ttl: 1 });
  const id = connection_id ?? "";
  assert.equal((await readConnection(root, id)).expires_at, expires_at);
  await untilTrue(
    "the connection expires",
    async () => (await readConnection(root, id)).status === "expired",
  );
  const revoked = await revokeConnection(root, id, "too late");
  assert.deepEqual(
    [revoked.changed, revoked.previous, revoked.status, revoked.revoked_at],
    [false, "expired", "expired", null],
  );
  assert.deepEqual(
    [revoked.changed_at, revoked.changed_by, revoked.status_reason, revoked.expires_at],
    [expires_at, null, null, expires_at],
  );
  for (const rest of ["/disable", "/enable", "/tokens"]) {
    const { body } = await root.post<Problem>(connectionPath(id, rest), {}, 409);
    assert.equal(body.code, "connection_expired");
  }
});

test("of_32_concurrent_revokes_exactly_one_changes_it", async () => {
  const { id } = await newConnection(root, await newUser(root));
  const answers = await Promise.all(
    Array.from({ length: 32 }, (_, index) =>
      index % 4 === 3 ? disableIfPossible(id) : revokeConnection(root, id),
    ),
  );
  assert.equal(
    answers.filter((answer) => answer?.status === "revoked" && answer.changed).length,
    1,
  );
  assert.equal((await readConnection(root, id)).status, "revoked");
});

test("a_connection_is_of_who_may_write_its_user", async () => {
  const groups = ["paris"];
  const user = await newUser(root, { groups });
  const { id } = await newConnection(root, user);
  const forged = forge(id);
  const allowed: [string, Api, number][] = [
    ["the member itself", await asUser(root, user), 403],
    ["a manager", (await asNew(root, { role: "manager", groups })).api, 403],
    ["an admin", (await asNew(root, { role: "admin" })).api, 404],
    ["root", root, 404],
  ];
  for (const [name, api, unknown] of allowed) {
    assert.equal((await readConnection(api, id)).id, id, name);
    assert.equal((await disable(api, id)).changed, true, name);
    assert.equal((await enable(api, id)).changed, true, name);
    await api.post(connectionPath(id, "/tokens"), {}, name === "the member itself" ? 403 : 201);
    for (const gone of [forged, "ca_", "nonsense", id.slice(3), id.replace("ca_", "tok_")]) {
      const codes = { 403: "forbidden", 404: "connection_not_found" } as Record<number, string>;
      const read = await api.get<Problem>(connectionPath(gone), unknown);
      assert.equal(read.body.code, codes[unknown], name);
      for (const rest of [...CHANGES, "/tokens"]) {
        const { body } = await api.post<Problem>(connectionPath(gone, rest), {}, unknown);
        assert.equal(body.code, codes[unknown], name);
      }
    }
  }
  const refused: [string, Api][] = [
    ["another member", (await asNew(root, { groups })).api],
    ["a manager outside", (await asNew(root, { role: "manager", groups: ["lyon"] })).api],
    ["a user without a role", (await asNew(root, { role: "none", groups })).api],
  ];
  for (const [name, api] of refused) {
    const answers = [
      await api.get<Problem>(connectionPath(id), 403),
      await api.get<Problem>(connectionPath(forged), 403),
      await api.get<Problem>(`/v1/users/${user}/connections`, 403),
      await api.post<Problem>("/v1/connections", { user_id: user, app_id: "none" }, 403),
      await api.post<Problem>("/v1/connections", { user_id: randomUUID(), app_id: "none" }, 403),
    ];
    for (const rest of [...CHANGES, "/tokens"]) {
      answers.push(await api.post<Problem>(connectionPath(id, rest), {}, 403));
    }
    for (const { body } of answers) assert.equal(body.code, "forbidden", name);
  }
  await root.as(undefined).get(connectionPath(id), 401);
  assert.equal((await readConnection(root, id)).status, "active");
  const missing = { user_id: `nobody-${randomUUID()}`, app_id: "none" };
  const { body } = await root.post<Problem>("/v1/connections", missing, 404);
  assert.equal(body.code, "user_not_found", "the user comes before the app");
});

test("a_connection_survives_a_crash", async () => {
  const { id } = await newConnection(root, await newUser(root));
  const { id: dead } = await newConnection(root, await newUser(root));
  await disable(root, id, "under review");
  await revokeConnection(root, dead);
  await service.kill();
  await service.restart();
  assert.equal((await readConnection(root, id)).status_reason, "under review");
  assert.equal((await readConnection(root, dead)).status, "revoked");
});

/** Switches it off, unless it is revoked by then. */
async function disableIfPossible(
  id: string,
): Promise<(Connection & { changed: boolean }) | undefined> {
  const { status, body } = await root.send("POST", connectionPath(id, "/disable"), { json: {} });
  if (status === 200) return body as Connection & { changed: boolean };
  assert.deepEqual([status, (body as Problem).code], [409, "connection_revoked"]);
  return undefined;
}

// Whatever befalls a connection, and what is under it, is told once.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { asNew, consume, eventsOf, mint, newUser, revoke } from "./kit/actions.ts";
import { userPath } from "./kit/api.ts";
import {
  connect,
  disable,
  enable,
  issue,
  issuePair,
  newApp,
  revokeConnection,
} from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import type { Event } from "./kit/shapes.ts";
import { inParallel, sleep, times, until } from "./kit/wait.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

const MANY = 300;

test("the_life_of_a_connection_is_told_step_by_step", async () => {
  const { user, app_id } = await newPair();
  const { token, connection_id } = await mint(root, user, { app_id });
  const id = connection_id ?? "";
  await consume(root, token);
  await disable(root, id, "under review");
  await enable(root, id);
  await revokeConnection(root, id, "the user asked for it");

  const told = (await eventsOf(root, user)).filter((event) => event.connection_id === id);
  const oldestFirst = [...told].reverse();
  const types = oldestFirst.map(({ type }) => type);
  assert.deepEqual(
    types.filter((type) => type.startsWith("connection.")),
    [
      "connection.created",
      "connection.activated",
      "connection.disabled",
      "connection.enabled",
      "connection.revoked",
    ],
  );
  const of = (type: string): Event | undefined => told.find((event) => event.type === type);
  assert.equal(of("connection.created")?.data["status"], "initiated");
  assert.equal(of("connection.disabled")?.data["reason"], "under review");
  assert.equal(of("connection.revoked")?.data["reason"], "the user asked for it");
  for (const event of told) {
    assert.deepEqual([event.actor, event.user_id], ["root", user], event.type);
    const isOfToken = event.type.startsWith("token.");
    assert.equal(event.token_id !== null && event.kind === "connection_token", isOfToken);
  }
  assert.deepEqual(types.filter((type) => type.startsWith("token.")).sort(), [
    "token.consumed",
    "token.created",
  ]);
});

test("a_connection_that_is_made_active_is_told_as_such", async () => {
  const { user, app_id } = await newPair();
  const { api, userId } = await asNew(root, { role: "admin" });
  const { id } = await connect(api, user, app_id);
  const told = (await eventsOf(root, user)).filter(({ connection_id }) => connection_id === id);
  assert.deepEqual(
    told.map(({ type, actor, token_id, kind, data }) => [
      type,
      actor,
      token_id,
      kind,
      data["status"],
    ]),
    [["connection.created", userId, null, null, "active"]],
  );
});

test("what_changes_nothing_is_not_told", async () => {
  const { user, app_id } = await newPair();
  const { id } = await connect(root, user, app_id);
  await enable(root, id);
  await disable(root, id);
  await disable(root, id);
  const before = await mint(root, user, { app_id: (await newApp(root)).app_id });
  await revokeConnection(root, id);
  await revokeConnection(root, id);
  await root.send("POST", `/v1/connections/${id}/enable`, { json: {} });
  const counts = await countsOf(user);
  assert.deepEqual(
    [counts["connection.disabled"], counts["connection.enabled"], counts["connection.revoked"]],
    [1, undefined, 1],
  );
  assert.equal(counts["connection.created"], 2);
  assert.notEqual(before.connection_id, id);
});

test("a_second_authorization_of_an_active_connection_is_not_told_as_a_first", async () => {
  const { user, app_id } = await newPair();
  for (const _ of [1, 2]) {
    const { token } = await mint(root, user, { app_id });
    await consume(root, token);
  }
  const counts = await countsOf(user);
  assert.deepEqual(
    [counts["connection.created"], counts["connection.activated"], counts["token.consumed"]],
    [1, 1, 2],
  );
});

test("every_token_that_is_issued_is_told", async () => {
  const { user, app_id } = await newPair();
  const { id } = await connect(root, user, app_id);
  const issued = await issue(root, id);
  const created = await eventsOf(root, user, "token.created");
  assert.deepEqual(
    created.map(({ token_id, kind, connection_id }) => [token_id, kind, connection_id]).sort(),
    [
      [issued.token_id, "access_token", id],
      [issued.refresh_token_id, "refresh_token", id],
    ].sort(),
  );
});

test("a_revoked_family_is_told_token_by_token", async () => {
  const { user, app_id } = await newPair();
  const { id } = await connect(root, user, app_id);
  const issued = await issue(root, id);
  await revoke(root, issued.refresh_token ?? "", "lost");
  const told = await toldOf(user, "token.revoked", 2);
  assert.deepEqual(idsOf(told), [issued.token_id, issued.refresh_token_id].sort());
  assert.ok(
    told.every(({ connection_id, data }) => connection_id === id && data["reason"] === "lost"),
  );
});

test("all_that_dies_with_a_connection_is_told_once", async () => {
  const { user, app_id } = await newPair();
  const { id } = await connect(root, user, app_id);
  const issued = await inParallel(
    8,
    times(MANY, () => () => issue(root, id, { refresh_token: false })),
  );
  const pending = await mint(root, user, { app_id });
  const dead = issued.slice(0, 5);
  for (const { access_token } of dead) await revoke(root, access_token);
  const spared = await mint(root, user);
  await revokeConnection(root, id);

  const told = await toldOf(user, "token.revoked", MANY + 1);
  const expected = [...issued.map(({ token_id }) => token_id), pending.token_id].sort();
  assert.deepEqual(idsOf(told), expected);
  assert.ok(!idsOf(told).includes(spared.token_id));
  assert.ok(told.every(({ connection_id, actor }) => connection_id === id && actor === "root"));
  assert.equal((await eventsOf(root, user, "connection.revoked")).length, 1);
});

test("connections_that_die_with_their_user_are_each_told_once", async () => {
  const { user, app_id } = await newPair();
  const ids = [];
  for (const _ of [1, 2, 3]) ids.push((await connect(root, user, app_id)).id);
  const pairs = [];
  for (const id of ids) pairs.push(await issuePair(root, id));
  const early = ids[0] ?? "";
  await revokeConnection(root, early);
  await root.post(userPath(user, "/revoke"), { reason: "left the company" });

  const told = await toldOf(user, "connection.revoked", ids.length);
  assert.deepEqual(told.map(({ connection_id }) => connection_id).sort(), [...ids].sort());
  for (const { connection_id, data } of told) {
    assert.equal(data["reason"], connection_id === early ? undefined : "left the company");
  }
  await toldOf(user, "token.revoked", pairs.flat().length);
  assert.equal((await eventsOf(root, user, "user.revoked")).length, 1);
});

test("many_connections_that_die_with_their_user_are_each_told_once", async () => {
  const { user, app_id } = await newPair();
  const made = await inParallel(
    8,
    times(MANY / 2, () => async () => {
      const { id } = await connect(root, user, app_id);
      return { id, ...(await issue(root, id, { refresh_token: false })) };
    }),
  );
  const beside = await mint(root, user);
  await root.post(userPath(user, "/revoke"), { kinds: ["connection"], app_id });
  const ids = made.map(({ id }) => id).sort();
  const connections = await toldOf(user, "connection.revoked", ids.length);
  assert.deepEqual(connections.map(({ connection_id }) => connection_id).sort(), ids);
  const tokens = await toldOf(user, "token.revoked", ids.length);
  assert.deepEqual(idsOf(tokens), made.map(({ token_id }) => token_id).sort());
  await sleep(1_500);
  const counts = await countsOf(user);
  assert.deepEqual(
    [counts["connection.revoked"], counts["token.revoked"]],
    [ids.length, ids.length],
  );
  assert.ok(!idsOf(tokens).includes(beside.token_id));
});

test("a_connection_that_nobody_authorized_is_told_to_have_expired", async () => {
  const { user, app_id } = await newPair();
  const { connection_id, token_id } = await mint(root, user, { app_id, ttl: 1 });
  const [told] = await toldOf(user, "connection.expired", 1);
  assert.deepEqual([told?.connection_id, told?.actor], [connection_id, "system"]);
  const [token] = await toldOf(user, "token.expired", 1);
  assert.deepEqual([token?.token_id, token?.connection_id], [token_id, connection_id]);
});

test("tokens_that_expire_while_inactive_are_told_once", async () => {
  const { user, app_id } = await newPair();
  const { id } = await connect(root, user, app_id);
  const late = await issue(root, id, { refresh_token: false, ttl: 1 });
  await disable(root, id);
  const told = await toldOf(user, "token.expired", 1);
  assert.deepEqual(idsOf(told), [late.token_id]);
  await revokeConnection(root, id);
  await sleep(1_500);
  const counts = await countsOf(user);
  assert.deepEqual([counts["token.expired"], counts["token.revoked"]], [1, undefined]);
});

test("events_are_filtered_by_the_types_of_connections", async () => {
  const { user, app_id } = await newPair();
  await connect(root, user, app_id);
  for (const [type, count] of [
    ["connection.created", 1],
    ["connection.activated", 0],
    ["token.replayed", 0],
    ["connection.expired", 0],
  ] as const) {
    assert.equal((await eventsOf(root, user, type)).length, count, type);
  }
  await root.get(`${userPath(user, "/events")}?type=connection`, 400);
});

async function newPair(): Promise<{ user: string; app_id: string }> {
  return { user: await newUser(root), app_id: (await newApp(root)).app_id };
}

/** How often each type was told. */
async function countsOf(user: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { type } of await eventsOf(root, user)) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

/** The events of this type, as soon as there are so many; never more. */
async function toldOf(user: string, type: string, count: number): Promise<Event[]> {
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

function idsOf(events: Event[]): (string | null)[] {
  return events.map(({ token_id }) => token_id).sort();
}

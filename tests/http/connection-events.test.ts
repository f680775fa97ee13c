// Each change of a connection, or of a token under it, emits one event. A cascade is one change.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { asNew, check, consume, eventsOf, mint, newUser, revoke } from "./kit/actions.ts";
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
/** By then the alarm has recorded what it would record. */
const SETTLED_MS = 1_500;

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

test("issuing_a_pair_of_tokens_emits_one_event_that_names_both", async () => {
  const { user, app_id } = await newPair();
  const { id } = await connect(root, user, app_id);
  const issued = await issue(root, id);
  const created = await eventsOf(root, user, "token.created");
  assert.deepEqual(
    created.map(({ token_id, kind, connection_id, data }) => [
      token_id,
      kind,
      connection_id,
      data["refresh_token_id"],
    ]),
    [[issued.token_id, "access_token", id, issued.refresh_token_id]],
  );
});

test("revoking_a_family_emits_one_event_for_the_refresh_token", async () => {
  const { user, app_id } = await newPair();
  const { id } = await connect(root, user, app_id);
  const issued = await issue(root, id);
  await revoke(root, issued.refresh_token ?? "", "lost");
  assert.equal((await check(root, issued.access_token)).status, "revoked");
  await sleep(SETTLED_MS);
  const events = await eventsOf(root, user, "token.revoked");
  assert.deepEqual(
    events.map(({ token_id, connection_id, data }) => [token_id, connection_id, data["reason"]]),
    [[issued.refresh_token_id, id, "lost"]],
  );
});

test("tokens_that_end_with_their_connection_get_no_event_of_their_own", async () => {
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

  await sleep(SETTLED_MS);
  const events = await eventsOf(root, user, "token.revoked");
  assert.deepEqual(idsOf(events), dead.map(({ token_id }) => token_id).sort());
  assert.equal((await eventsOf(root, user, "connection.revoked")).length, 1);
  assert.equal((await check(root, pending.token)).status, "revoked");
  assert.equal((await check(root, spared.token)).status, "valid");
});

test("revoking_a_user_emits_one_event_that_lists_its_connections", async () => {
  const { user, app_id } = await newPair();
  const ids = [];
  for (const _ of [1, 2, 3]) ids.push((await connect(root, user, app_id)).id);
  const pairs = [];
  for (const id of ids) pairs.push(await issuePair(root, id));
  const early = ids[0] ?? "";
  await revokeConnection(root, early);
  await root.post(userPath(user, "/revoke"), { reason: "left the company" });

  await sleep(SETTLED_MS);
  const counts = await countsOf(user);
  assert.deepEqual(
    [counts["user.revoked"], counts["connection.revoked"], counts["token.revoked"]],
    [1, 1, undefined],
  );
  const [event] = await eventsOf(root, user, "user.revoked");
  assert.equal(event?.data["reason"], "left the company");
  const listed = event?.data["connections"] as string[];
  assert.deepEqual([...listed].sort(), ids.filter((id) => id !== early).sort());
  for (const token of pairs.flat()) assert.equal((await check(root, token)).status, "revoked");
});

test("revoking_many_connections_of_a_user_emits_one_event_with_their_number", async () => {
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
  await sleep(SETTLED_MS);
  const counts = await countsOf(user);
  assert.deepEqual(
    [counts["user.revoked"], counts["connection.revoked"], counts["token.revoked"]],
    [1, undefined, undefined],
  );
  const [event] = await eventsOf(root, user, "user.revoked");
  const ids = new Set(made.map(({ id }) => id));
  const listed = event?.data["connections"] as string[];
  assert.equal(listed.length, 100);
  assert.ok(listed.every((id) => ids.has(id)));
  assert.equal((event?.data["revoked"] as { connection: number }).connection, made.length);
  for (const { access_token } of made.slice(0, 3)) {
    assert.equal((await check(root, access_token)).status, "revoked");
  }
  assert.equal((await check(root, beside.token)).status, "valid");
});

test("a_connection_that_nobody_authorized_is_told_to_have_expired", async () => {
  const { user, app_id } = await newPair();
  const { connection_id, token_id } = await mint(root, user, { app_id, ttl: 1 });
  const [told] = await toldOf(user, "connection.expired", 1);
  assert.deepEqual([told?.connection_id, told?.actor], [connection_id, "system"]);
  const [token] = await toldOf(user, "token.expired", 1);
  assert.deepEqual([token?.token_id, token?.connection_id], [token_id, connection_id]);
});

test("an_access_token_that_expires_emits_no_event", async () => {
  const { user, app_id } = await newPair();
  const { id } = await connect(root, user, app_id);
  const late = await issue(root, id, { refresh_token: false, ttl: 1 });
  await disable(root, id);
  await until("the token is expired", async () => {
    const { status } = await check(root, late.access_token);
    return status === "expired" ? status : undefined;
  });
  await revokeConnection(root, id);
  await sleep(SETTLED_MS);
  const counts = await countsOf(user);
  assert.deepEqual([counts["token.expired"], counts["token.revoked"]], [undefined, undefined]);
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

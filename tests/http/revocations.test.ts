// Revocations that could not be completed: listed until somebody tries them again, or leaves it at that.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { asNew, asUser, eventsOf, newUser } from "./kit/actions.ts";
import { userPath } from "./kit/api.ts";
import { revokeConnection } from "./kit/connections.ts";
import { Provider, type Reaction } from "./kit/provider.ts";
import { serve } from "./kit/service.ts";
import type { App, Page, Problem } from "./kit/shapes.ts";
import {
  abandoned,
  appOf,
  hold,
  newProvider,
  readHolder,
  settled,
  type Holder,
  type Revocation,
} from "./kit/upstream.ts";
import { times, until, untilTrue } from "./kit/wait.ts";

const service = await serve({ vars: { UPSTREAM_RETRY_MS: "60" } });
after(() => service.stop());
const { root } = service;
const provider = await Provider.start();
after(() => provider.stop());

let app: App;

before(async () => {
  const url = `${provider.origin}/revoke`;
  const revocation = { method: "rfc7009", url, auth: "none" } as const;
  app = await appOf(root, await newProvider(root, { revocation }));
});

interface Left {
  held: Holder;
  id: string;
  path: string;
  token: string;
}

/** A connection whose one credential the provider refuses to revoke, once, and then does as it is told. */
async function refused(after: Reaction[] = [200], userId?: string): Promise<Left> {
  const token = provider.token(400, ...after);
  const held = await hold(root, app, { access_token: token }, userId);
  await revokeConnection(root, held.id, "a reason");
  const [credential] = (await settled(root, held.id)).upstream?.credentials ?? [];
  assert.equal(credential?.state, "abandoned");
  const id = credential.revocation_id ?? "";
  return { held, id, path: `/v1/revocations/${id}`, token };
}

async function act(path: string, verb: "retry" | "dismiss"): Promise<Revocation> {
  return (await root.post<Revocation>(`${path}/${verb}`, {})).body;
}

/** What is on the list of it, once that is so. */
function listed(id: string, isListed: boolean): Promise<void> {
  return untilTrue(
    `${id} is ${isListed ? "" : "not "}listed`,
    async () => (await abandoned(root)).some((revocation) => revocation.id === id) === isListed,
  );
}

async function typesOf({ held }: Left): Promise<string[]> {
  const ours = /^connection\.revok|^revocation/;
  const types = (await eventsOf(root, held.user_id)).map(({ type }) => type);
  return types.filter((type) => ours.test(type)).reverse();
}

test("what_could_not_be_revoked_is_listed_with_what_there_is_to_know", async () => {
  const { held, id, path, token } = await refused();
  await listed(id, true);
  const item = (await abandoned(root)).find((revocation) => revocation.id === id);
  const { body, text } = await root.get<Revocation>(path);
  assert.deepEqual(item, body);
  const { changed_at, ...rest } = body;
  assert.match(id, /^rev_[0-9a-f]{24,}$/);
  assert.deepEqual(rest, {
    id,
    user_id: held.user_id,
    connection_id: held.id,
    app_id: app.app_id,
    provider: app.provider,
    token_type: "access_token",
    state: "abandoned",
    attempts: 1,
    next_attempt_at: null,
    error: "HTTP 400",
  });
  const [event] = await eventsOf(root, held.user_id, "revocation.abandoned");
  assert.equal(event?.at, changed_at);
  assert.ok(!text.includes(token));
});

test("the_list_is_read_page_by_page_the_newest_first", async () => {
  const user = await newUser(root);
  const left: string[] = [];
  for (const _ of times(5, () => 0)) {
    const { id } = await refused([200], user);
    await listed(id, true);
    left.unshift(id);
  }
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `&cursor=${cursor}`;
    const target = `/v1/revocations?state=abandoned&limit=2${query}`;
    const page: Page<Revocation> = (await root.get<Page<Revocation>>(target)).body;
    assert.ok(page.items.length <= 2);
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  assert.deepEqual(seen.slice(0, 5), left);
  for (const id of left) await act(`/v1/revocations/${id}`, "dismiss");
});

test("a_retry_tells_the_provider_at_once_and_again", async () => {
  const left = await refused();
  await listed(left.id, true);
  const after = await act(left.path, "retry");
  assert.deepEqual(
    [after.id, after.state, after.attempts, after.error],
    [left.id, "revoked", 1, null],
  );
  assert.equal(provider.askedOf(left.token).length, 2);
  assert.equal((await readHolder(root, left.held.id)).status, "revoked");
  await listed(left.id, false);
  const types = ["connection.revoking", "revocation.abandoned", "connection.revoked"];
  assert.deepEqual(await typesOf(left), types);
});

test("a_retry_that_fails_has_all_attempts_again", async () => {
  const left = await refused([500]);
  const under = await act(left.path, "retry");
  assert.deepEqual([under.state, under.attempts, under.error], ["revoking", 1, "HTTP 500"]);
  assert.ok(under.next_attempt_at);
  await listed(left.id, false);
  const end = await settled(root, left.held.id);
  assert.equal(end.status, "revoking");
  await listed(left.id, true);
  const { body } = await root.get<Revocation>(left.path);
  assert.deepEqual([body.state, body.attempts, body.error], ["abandoned", 6, "HTTP 500"]);
  assert.equal(provider.askedOf(left.token).length, 7);
  assert.deepEqual(await typesOf(left), [
    "connection.revoking",
    "revocation.abandoned",
    "revocation.abandoned",
  ]);
});

test("a_retry_that_is_sent_again_tells_the_provider_once", async () => {
  const left = await refused();
  const headers = { "idempotency-key": `key-${randomUUID()}` };
  for (const _ of [1, 2]) {
    const { body } = await root.post<Revocation>(`${left.path}/retry`, {}, 200, headers);
    assert.equal(body.state, "revoked");
  }
  assert.equal(provider.askedOf(left.token).length, 2);
});

test("of_many_retries_at_once_one_is_done", async () => {
  const left = await refused();
  const answers = await Promise.all(
    times(10, () => root.send<Revocation>("POST", `${left.path}/retry`, { json: {} })),
  );
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, ...times(9, () => 409)]);
  assert.equal(provider.askedOf(left.token).length, 2);
});

test("what_is_dismissed_is_left_alive_there_and_erased_here", async () => {
  const left = await refused();
  await listed(left.id, true);
  const after = await act(left.path, "dismiss");
  assert.deepEqual([after.state, after.attempts], ["dismissed", 1]);
  assert.equal((await readHolder(root, left.held.id)).status, "revoked");
  await listed(left.id, false);
  const again = await act(left.path, "dismiss");
  assert.deepEqual(again, after);
  assert.equal(provider.askedOf(left.token).length, 1);
  const types = ["connection.revoking", "revocation.abandoned", "connection.revoked"];
  assert.deepEqual(await typesOf(left), types);
});

test("what_is_still_tried_can_be_dismissed", async () => {
  const token = provider.token({ status: 503, headers: { "retry-after": "3600" } });
  const held = await hold(root, app, { access_token: token });
  await revokeConnection(root, held.id);
  const waits = await readHolder(root, held.id);
  const [credential] = waits.upstream?.credentials ?? [];
  assert.deepEqual([waits.status, credential?.state], ["revoking", "revoking"]);
  const path = `/v1/revocations/${credential?.revocation_id}`;
  await root.post(`${path}/retry`, {}, 409);
  assert.equal((await act(path, "dismiss")).state, "dismissed");
  assert.equal((await readHolder(root, held.id)).status, "revoked");
});

test("a_connection_is_revoked_when_nothing_is_left_to_be_done_for_any_credential", async () => {
  const [refresh_token, access_token] = [provider.token(400, 200), provider.token(400)];
  const held = await hold(root, app, { refresh_token, access_token });
  await revokeConnection(root, held.id);
  const [first, second] = (await settled(root, held.id)).upstream?.credentials ?? [];
  await act(`/v1/revocations/${second?.revocation_id}`, "dismiss");
  assert.equal((await readHolder(root, held.id)).status, "revoking");
  await act(`/v1/revocations/${first?.revocation_id}`, "retry");
  assert.equal((await readHolder(root, held.id)).status, "revoked");
  assert.equal((await eventsOf(root, held.user_id, "connection.revoked")).length, 1);
});

test("what_has_ended_is_tried_no_more", async () => {
  const [told, left] = [await refused(), await refused()];
  await act(told.path, "retry");
  await act(left.path, "dismiss");
  for (const [path, verb] of [
    [told.path, "retry"],
    [told.path, "dismiss"],
    [left.path, "retry"],
  ]) {
    const { body } = await root.post<Problem>(`${path}/${verb}`, {}, 409);
    assert.equal(body.code, "revocation_not_abandoned", body.detail);
  }
});

test("what_is_no_revocation_is_not_found", async () => {
  const left = await refused();
  const held = await hold(root, app, { access_token: provider.token() }, left.held.user_id);
  assert.equal(held.upstream?.credentials[0]?.revocation_id, null);
  // The next place in the user's ledger, which a connection that lives holds.
  const next = (Number.parseInt(left.id.slice(20), 16) + 1).toString(16).padStart(8, "0");
  const [theirs, nobodys] = [left.id.slice(0, 20) + next, `rev_${"0".repeat(24)}`];
  for (const id of [theirs, nobodys, left.id.slice(0, 20) + "ffffffff"]) {
    const path = `/v1/revocations/${id}`;
    await root.get(path, 404);
    for (const verb of ["retry", "dismiss"]) await root.post(`${path}/${verb}`, {}, 404);
  }
  for (const id of [
    "rev_",
    "rev_0",
    left.held.id,
    `rev_${"z".repeat(24)}`,
    `${left.id}${"0".repeat(16)}`,
  ]) {
    await root.get(`/v1/revocations/${id}`, 400);
  }
  for (const query of ["state=revoking", "state=", "limit=0", "limit=101", "cursor=x", "page=1"]) {
    await root.get(`/v1/revocations?${query}`, 400);
  }
});

test("revocations_are_for_admins_and_root", async () => {
  const left = await refused();
  const nobody = root.as(undefined);
  const member = await asUser(root, left.held.user_id);
  const manager = (await asNew(root, { role: "manager", groups: ["g"] })).api;
  for (const [api, status] of [
    [nobody, 401],
    [member, 403],
    [manager, 403],
  ] as const) {
    await api.get("/v1/revocations", status);
    await api.get(left.path, status);
    for (const verb of ["retry", "dismiss"]) await api.post(`${left.path}/${verb}`, {}, status);
  }
  const admin = (await asNew(root, { role: "admin" })).api;
  assert.equal((await admin.get<Revocation>(left.path)).body.state, "abandoned");
  assert.equal((await admin.post<Revocation>(`${left.path}/retry`, {})).body.state, "revoked");
});

test("what_a_user_who_ends_leaves_behind_is_listed_too", async () => {
  const token = provider.token(400);
  const held = await hold(root, app, { refresh_token: token });
  await root.post(userPath(held.user_id, "/revoke"), {});
  assert.equal((await readHolder(root, held.id)).status, "revoking");
  const ours = await until("it is listed", async () =>
    (await abandoned(root)).find(({ connection_id }) => connection_id === held.id),
  );
  assert.deepEqual([ours.state, ours.error], ["abandoned", "HTTP 400"]);
});

test("the_list_outlives_a_restart", async () => {
  const left = await refused();
  await listed(left.id, true);
  await service.restart();
  await listed(left.id, true);
  assert.equal((await act(left.path, "retry")).state, "revoked");
  await listed(left.id, false);
});

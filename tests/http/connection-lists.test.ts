// The list of a user's connections: whole, in order, page by page, filtered, and without a secret.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { asNew, everyPage, mint, newUser, withQuery } from "./kit/actions.ts";
import { userPath } from "./kit/api.ts";
import {
  connect,
  connectionsOf,
  disable,
  issue,
  newApp,
  readConnection,
  revokeConnection,
} from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import type { Connection, Page, Problem } from "./kit/shapes.ts";
import { untilTrue } from "./kit/wait.ts";

const COUNT = 12;

const service = await serve();
after(() => service.stop());
const { root } = service;

let user: string;
let apps: [string, string];
/** The ids, the oldest first: of the first app and of the second in turn. */
let made: string[];

before(async () => {
  user = await newUser(root);
  apps = [(await newApp(root)).app_id, (await newApp(root)).app_id];
  made = [];
  for (let index = 0; index < COUNT; index += 1) {
    const connection = await connect(root, user, apps[index % 2 === 0 ? 0 : 1]);
    made.push(connection.id);
  }
  for (const id of made.slice(0, 3)) await revokeConnection(root, id, "a reason");
  for (const id of made.slice(3, 5)) await disable(root, id);
});

const newestFirst = (ids: string[]): string[] => [...ids].reverse();

test("connections_are_listed_newest_first", async () => {
  const listed = await connectionsOf(root, user);
  assert.deepEqual(
    listed.map(({ id }) => id),
    newestFirst(made),
  );
  for (const item of listed) {
    const read = await readConnection(root, item.id);
    assert.deepEqual(item, { ...read, as_of: item.as_of });
  }
});

test("pages_of_connections_make_the_whole_list", async () => {
  const path = userPath(user, "/connections");
  for (const limit of ["1", "5", "11", "12", "13"]) {
    const paged = await everyPage<Connection>(root, path, { limit });
    assert.deepEqual(
      paged.map(({ id }) => id),
      newestFirst(made),
      `limit ${limit}`,
    );
  }
  const { body } = await root.get<Page<Connection>>(withQuery(path, { limit: "5" }));
  assert.equal(body.items.length, 5);
  assert.notEqual(body.next_cursor, null);
});

test("a_cursor_keeps_its_place_while_connections_are_made", async () => {
  const other = await newUser(root);
  const ids = [];
  for (const _ of [1, 2, 3, 4, 5]) ids.push((await connect(root, other, apps[0])).id);
  const path = userPath(other, "/connections");
  const { body } = await root.get<Page<Connection>>(withQuery(path, { limit: "2" }));
  await connect(root, other, apps[0]);
  const cursor = body.next_cursor ?? "";
  const remaining = await everyPage<Connection>(root, path, { limit: "2", cursor });
  assert.deepEqual(
    [...body.items, ...remaining].map(({ id }) => id),
    newestFirst(ids),
  );
});

test("connections_are_filtered_by_status_and_app_whatever_the_limit", async () => {
  for (const limit of ["2", "100"]) {
    const ids = async (query: Record<string, string>): Promise<string[]> =>
      (await connectionsOf(root, user, { limit, ...query })).map(({ id }) => id);
    assert.deepEqual(await ids({ status: "revoked" }), newestFirst(made.slice(0, 3)));
    assert.deepEqual(await ids({ status: "inactive" }), newestFirst(made.slice(3, 5)));
    assert.deepEqual(await ids({ status: "active" }), newestFirst(made.slice(5)));
    assert.deepEqual(
      await ids({ app_id: apps[1] }),
      newestFirst(made.filter((_, index) => index % 2 === 1)),
    );
    assert.deepEqual(await ids({ app_id: apps[0], status: "revoked" }), [made[2], made[0]]);
    assert.deepEqual(await ids({ app_id: "another" }), []);
  }
});

test("the_status_that_is_filtered_by_is_that_of_now", async () => {
  const other = await newUser(root);
  const waiting = await mint(root, other, { app_id: apps[0] });
  const late = await mint(root, other, { app_id: apps[1], ttl: 1 });
  const cut = await connect(root, other, (await newApp(root)).app_id);
  await root.post(userPath(other, "/revoke"), { app_id: cut.app_id });
  const ids = async (status: string): Promise<string[]> =>
    (await connectionsOf(root, other, { status })).map(({ id }) => id);
  assert.deepEqual(await ids("revoked"), [cut.id]);
  await untilTrue("one expires", async () => (await ids("expired")).length === 1);
  assert.deepEqual(await ids("expired"), [late.connection_id]);
  assert.deepEqual(await ids("initiated"), [waiting.connection_id]);
  assert.deepEqual(await ids("active"), []);
});

test("a_list_of_connections_refuses_what_it_does_not_know", async () => {
  for (const query of [
    "limit=0",
    "limit=101",
    "limit=ten",
    "cursor=garbage",
    "cursor=",
    "status=valid",
    "status=failed",
    "status=ACTIVE",
    "status=",
    "app_id=",
    `app_id=${"x".repeat(129)}`,
    "app_id=a%00b",
    "unknown=1",
    "kind=access_token",
    "limit=5&limit=5",
  ]) {
    const path = `${userPath(user, "/connections")}?${query}`;
    const { status, body } = await root.send<Problem>("GET", path);
    assert.deepEqual([status, body.code], [400, "invalid_request"], query);
  }
});

test("a_user_without_connections_has_an_empty_list", async () => {
  const { body } = await root.get(userPath(await newUser(root), "/connections"));
  assert.deepEqual(body, { items: [], next_cursor: null });
  await root.get(userPath("nobody", "/connections"), 404);
  const { api } = await asNew(root, {});
  await api.get(userPath(user, "/connections"), 403);
});

test("no_list_shows_what_was_issued", async () => {
  const other = await newUser(root);
  const { id } = await connect(root, other, apps[0]);
  const { access_token, refresh_token = "" } = await issue(root, id);
  const { token } = await mint(root, other, { app_id: apps[0] });
  for (const rest of ["/connections", "/tokens", "/events"]) {
    const { text } = await root.get(userPath(other, rest));
    for (const secret of [access_token, refresh_token, token]) {
      assert.ok(!text.toLowerCase().includes(secret.slice(4)));
    }
  }
});

// Lists of tokens and events: whole, in order, page by page, and without a secret.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import {
  consume,
  eventsOf,
  everyPage,
  mint,
  newKey,
  newUser,
  revoke,
  tokensOf,
  withQuery,
} from "./kit/actions.ts";
import { userPath } from "./kit/api.ts";
import { serve } from "./kit/service.ts";
import type { Event, Minted, Page, Problem, Verdict } from "./kit/shapes.ts";

const COUNT = 25;

const service = await serve();
after(() => service.stop());
const { root } = service;

let user: string;
let minted: Minted[];

before(async () => {
  user = await newUser(root);
  minted = [];
  for (let index = 0; index < COUNT; index += 1) {
    minted.push(await mint(root, user, { label: `number ${index}` }));
  }
  for (const { token } of minted.slice(0, 5)) await consume(root, token);
  for (const { token } of minted.slice(5, 8)) await revoke(root, token, "a reason");
});

const LISTS = [
  { rest: "/tokens", id: (item: Verdict & Event): string => item.token_id },
  { rest: "/events", id: (item: Verdict & Event): string => item.id },
];

for (const { rest, id } of LISTS) {
  test(`pages_make_the_whole_list: ${rest}`, async () => {
    const path = userPath(user, rest);
    const whole = (await everyPage<Verdict & Event>(root, path, { limit: "100" })).map(id);
    assert.equal(new Set(whole).size, whole.length);
    for (const limit of ["1", "7", "10", "24", "25", "26"]) {
      const paged = (await everyPage<Verdict & Event>(root, path, { limit })).map(id);
      assert.deepEqual(paged, whole, `limit ${limit}`);
    }
    const { body } = await root.get<Page<unknown>>(withQuery(path, { limit: "7" }));
    assert.equal(body.items.length, 7);
    assert.notEqual(body.next_cursor, null);
  });

  test(`a_cursor_keeps_its_place_while_the_list_grows: ${rest}`, async () => {
    const other = await newUser(root);
    for (let index = 0; index < 6; index += 1) await mint(root, other);
    const path = userPath(other, rest);
    const first = (await root.get<Page<Verdict & Event>>(withQuery(path, { limit: "3" }))).body;
    const whole = (await everyPage<Verdict & Event>(root, path)).map(id);
    await mint(root, other);
    await mint(root, other);
    const cursor = first.next_cursor ?? "";
    const remaining = await everyPage<Verdict & Event>(root, path, { limit: "3", cursor });
    assert.deepEqual([...first.items, ...remaining].map(id), whole);
  });

  test(`a_list_is_of_50_where_nothing_is_said: ${rest}`, async () => {
    const other = await newUser(root);
    for (let index = 0; index < 51; index += 1) await mint(root, other);
    const { body } = await root.get<Page<unknown>>(userPath(other, rest));
    assert.equal(body.items.length, 50);
  });

  test(`a_list_refuses_what_it_does_not_know: ${rest}`, async () => {
    const queries = [
      ...["0", "101", "-1", "1.5", "ten", "", " 5", "1e1", "99999999999999999999"].map(
        (limit) => `limit=${encodeURIComponent(limit)}`,
      ),
      ...["", "garbage", "-1", "1.5", "null", "0x10", "99999999999999999999", "%00"].map(
        (cursor) => `cursor=${cursor}`,
      ),
      "status=alive",
      "kind=token",
      "type=token.created.",
      "unknown=1",
      "Limit=5",
      "limit=5&limit=5",
      "limit=5&limit=6",
      "=",
      "limit",
    ];
    for (const query of queries) {
      const { status, body } = await root.send<Problem>("GET", `${userPath(user, rest)}?${query}`);
      assert.deepEqual([status, body.code], [400, "invalid_request"], query);
    }
  });

  test(`an_empty_list_is_a_list: ${rest}`, async () => {
    const other = await newUser(root);
    const query = rest === "/tokens" ? {} : { type: "token.expired" };
    const { body } = await root.get<Page<unknown>>(withQuery(userPath(other, rest), query));
    assert.deepEqual(body, { items: [], next_cursor: null });
  });
}

test("tokens_are_listed_newest_first_with_their_verdicts", async () => {
  const listed = await tokensOf(root, user);
  const expected = minted.map(({ token_id }) => token_id).reverse();
  assert.deepEqual(
    listed.map(({ token_id }) => token_id),
    expected,
  );
  const statuses = listed.map(({ status }) => status).reverse();
  assert.deepEqual(statuses.slice(0, 9), [
    ...Array<string>(5).fill("consumed"),
    ...Array<string>(3).fill("revoked"),
    "valid",
  ]);
  assert.equal(listed.at(-6)?.reason, "a reason");
  assert.equal(listed.at(-1)?.label, "number 0");
});

test("tokens_are_filtered_by_status_and_kind_whatever_the_limit", async () => {
  const key = await newKey(root, user);
  for (const limit of ["2", "100"]) {
    const ids = async (query: Record<string, string>): Promise<string[]> =>
      (await everyPage<Verdict>(root, userPath(user, "/tokens"), { ...query, limit })).map(
        ({ token_id }) => token_id,
      );
    const of = (from: number, to: number): string[] =>
      minted
        .slice(from, to)
        .map(({ token_id }) => token_id)
        .reverse();
    assert.deepEqual(await ids({ status: "consumed" }), of(0, 5));
    assert.deepEqual(await ids({ status: "revoked" }), of(5, 8));
    assert.deepEqual(await ids({ status: "valid", kind: "connection_token" }), of(8, COUNT));
    assert.deepEqual(await ids({ kind: "api_key" }), [key.token_id]);
    assert.deepEqual(await ids({ status: "expired" }), []);
    assert.deepEqual(await ids({ kind: "refresh_token" }), []);
  }
  await revoke(root, key.api_key);
});

test("events_are_listed_newest_first_and_filtered_by_type", async () => {
  const events = await eventsOf(root, user);
  const times = events.map(({ at }) => at);
  assert.deepEqual(times, [...times].sort().reverse());
  assert.equal(events.at(-1)?.type, "user.created");
  const consumed = await eventsOf(root, user, "token.consumed");
  const ids = minted.slice(0, 5).map(({ token_id }) => token_id);
  assert.deepEqual(
    consumed.map(({ token_id }) => token_id),
    ids.reverse(),
  );
  assert.ok(consumed.every(({ kind, actor }) => kind === "connection_token" && actor === "root"));
});

test("an_event_says_who_did_what_to_whom", async () => {
  const other = await newUser(root);
  const key = await newKey(root, other);
  const self = root.as(key.api_key);
  const token = await mint(self, other);
  await revoke(self, token.token, "changed my mind");
  const [revoked, created, made] = await eventsOf(root, other);
  assert.deepEqual(
    [revoked?.type, revoked?.actor, revoked?.token_id, revoked?.data["reason"]],
    ["token.revoked", other, token.token_id, "changed my mind"],
  );
  assert.deepEqual(
    [created?.type, created?.actor, created?.user_id],
    ["token.created", other, other],
  );
  assert.deepEqual([made?.type, made?.actor, made?.kind], ["token.created", "root", "api_key"]);
});

test("no_list_shows_a_secret", async () => {
  const other = await newUser(root);
  const key = await newKey(root, other);
  const token = await mint(root, other, { label: "a label", metadata: { a: 1 } });
  await consume(root, token.token);
  for (const rest of ["/tokens", "/events", ""]) {
    const { text } = await root.get(userPath(other, rest));
    for (const secret of [token.token, key.api_key]) {
      assert.ok(!text.toLowerCase().includes(secret.slice(4)));
    }
  }
});

test("a_user_sees_nothing_of_another", async () => {
  const [one, other] = [await newUser(root), await newUser(root)];
  const [mine] = [await mint(root, one), await mint(root, other)];
  assert.deepEqual(
    (await tokensOf(root, one)).map(({ token_id }) => token_id),
    [mine?.token_id],
  );
  assert.ok((await eventsOf(root, one)).every(({ user_id }) => user_id === one));
});

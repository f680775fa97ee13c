// Users: put and read, and never given more than whoever puts them has.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";

import { asNew, asUser, consume, eventsOf, mint, newKey, newUser } from "./kit/actions.ts";
import { userPath, type Api } from "./kit/api.ts";
import { serve } from "./kit/service.ts";
import type { Problem, Profile, User } from "./kit/shapes.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

test("a_user_is_what_was_put", async () => {
  const id = `user-${randomUUID()}`;
  const profile: Profile = {
    role: "manager",
    groups: ["lyon", "paris"],
    external_id: "crm|4.2_x-y",
    connectable: false,
  };
  const made = await root.put<User>(userPath(id), profile, 201);
  assert.equal(made.headers.get("location"), userPath(id));
  const { user_id, created_at, updated_at, ...rest } = made.body;
  assert.deepEqual([user_id, rest], [id, profile]);
  assert.equal(created_at, updated_at);
  assert.deepEqual((await root.get<User>(userPath(id))).body, made.body);
});

test("a_put_replaces_all_of_a_user", async () => {
  const id = await newUser(root, {
    role: "manager",
    groups: ["paris"],
    external_id: "x",
    connectable: false,
  });
  const { body: before } = await root.get<User>(userPath(id));
  const { body, headers } = await root.put<User>(userPath(id), {});
  const { role, groups, external_id, connectable } = body;
  assert.deepEqual(
    { role, groups, external_id, connectable },
    {
      role: "member",
      groups: [],
      external_id: null,
      connectable: true,
    },
  );
  assert.equal(body.created_at, before.created_at);
  assert.ok(body.updated_at > before.updated_at);
  assert.equal(headers.get("location"), null);
});

test("a_put_that_changes_nothing_is_told_of_nobody", async () => {
  const id = await newUser(root, { groups: ["paris"] });
  const { body: before } = await root.get<User>(userPath(id));
  const { body } = await root.put<User>(userPath(id), { groups: ["paris"] });
  assert.deepEqual(body, before);
  await root.put(userPath(id), { groups: ["lyon"] });
  const types = (await eventsOf(root, id)).map(({ type }) => type);
  assert.deepEqual(types, ["user.updated", "user.created"]);
});

test("any_user_id_survives_the_way_through_a_path", async () => {
  const ids = [
    "a/b",
    "a%2Fb",
    "ü☎😀",
    "a b",
    "a?b#c",
    "a+b&c=d",
    "..a",
    "'\"<>\\",
    "x".repeat(128),
    "é".repeat(64),
  ];
  for (const id of ids.map((id) => (id.length < 60 ? `${id}-${randomUUID()}` : id))) {
    const made = await root.put<User>(userPath(id), {}, 201);
    assert.equal(made.body.user_id, id);
    const location = made.headers.get("location") ?? "";
    assert.equal((await root.get<User>(location)).body.user_id, id);
    const { token, user_id } = await mint(root, id);
    assert.equal(user_id, id);
    assert.equal((await consume(root, token)).body.user.user_id, id);
  }
});

test("two_concurrent_puts_make_one_user", async () => {
  const path = userPath(`user-${randomUUID()}`);
  const answers = await Promise.all(
    [1, 2, 3, 4, 5, 6].map(() => root.send("PUT", path, { json: {} })),
  );
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 201]);
});

test("a_user_that_is_not_connectable_gets_no_connection_token", async () => {
  const id = await newUser(root, { connectable: false });
  const { body } = await root.post<Problem>("/v1/tokens", { user_id: id }, 403);
  assert.equal(body.code, "user_not_connectable");
  await root.partoo().post("/v2/connection/generate_token", { user_id: id }, 403);
  const self = await asUser(root, id);
  await self.post("/v1/tokens", { user_id: id }, 403);
  await self.get(userPath(id));

  await root.put(userPath(id), { connectable: true });
  await mint(root, id);
});

test("a_manager_gives_nobody_more_than_it_has", async () => {
  const { api, userId } = await asNew(root, { role: "manager", groups: ["lyon", "paris"] });
  const theirs = await newUser(root, { groups: ["paris", "rome"] });
  const ours = await newUser(root, { groups: ["paris"] });
  const wider = await newUser(root, { role: "manager", groups: ["paris", "rome"] });
  const refused: [string, string, Partial<Profile>][] = [
    ["make a user", `user-${randomUUID()}`, { groups: ["paris"] }],
    ["make a manager of a foreign group", theirs, { role: "manager", groups: ["paris", "rome"] }],
    ["make one an admin", theirs, { role: "admin", groups: ["paris", "rome"] }],
    ["add a foreign group", theirs, { groups: ["paris", "rome", "oslo"] }],
    ["take a foreign group away", theirs, { groups: ["paris"] }],
    ["demote a manager of more groups", wider, { role: "none", groups: ["paris", "rome"] }],
    ["let go of the last group that they share", theirs, { groups: ["rome"] }],
    ["make itself an admin", userId, { role: "admin", groups: ["lyon", "paris"] }],
    ["take a group for itself", userId, { role: "manager", groups: ["lyon", "paris", "rome"] }],
  ];
  for (const [what, user, profile] of refused) await forbidden(what, api, user, profile);

  const allowed: [string, string, Partial<Profile>, number][] = [
    ["keep a foreign group that was there", theirs, { groups: ["paris", "rome"] }, 200],
    ["add a group of its own", theirs, { groups: ["lyon", "paris", "rome"] }, 200],
    ["take a group of its own away", theirs, { groups: ["lyon", "rome"] }, 200],
    ["make a manager of its own groups", ours, { role: "manager", groups: ["lyon"] }, 200],
    ["demote a manager of its own groups", ours, { role: "member", groups: ["lyon"] }, 200],
  ];
  for (const [what, user, profile, status] of allowed) {
    const answer = await api.send("PUT", userPath(user), { json: profile });
    assert.equal(answer.status, status, what);
  }
});

test("a_manager_has_no_power_over_an_admin_of_its_group", async () => {
  const { api } = await asNew(root, { role: "manager", groups: ["paris"] });
  const admin = await newUser(root, { role: "admin", groups: ["paris"] });
  const { token } = await mint(root, admin);
  await forbidden("demote it", api, admin, { role: "member", groups: ["paris"] });
  for (const [path, json] of [
    ["/v1/api-keys", { user_id: admin }],
    ["/v1/tokens", { user_id: admin }],
    ["/v1/tokens/consume", { token }],
    [userPath(admin, "/revoke"), {}],
  ] as const) {
    assert.equal((await api.post<Problem>(path, json, 403)).body.code, "forbidden");
  }
});

test("a_key_that_a_manager_makes_opens_nothing_new_to_it", async () => {
  const { api } = await asNew(root, { role: "manager", groups: ["paris"] });
  const inRome = await newUser(root, { groups: ["rome"] });
  const both = await newUser(root, { role: "manager", groups: ["paris", "rome"] });
  await api.get(userPath(inRome), 403);
  const made = await api.send<{ api_key: string }>("POST", "/v1/api-keys", {
    json: { user_id: both },
  });
  if (made.status === 201) await root.as(made.body.api_key).get(userPath(inRome), 403);
  else assert.equal(made.status, 403);
});

test("members_and_users_without_a_role_put_nobody", async () => {
  for (const role of ["member", "none"] as const) {
    const { api, userId } = await asNew(root, { role, groups: ["paris"] });
    await forbidden("promote itself", api, userId, { role: "admin", groups: ["paris"] });
    await forbidden("put itself as it is", api, userId, { role, groups: ["paris"] });
    await forbidden("put another", api, await newUser(root, { groups: ["paris"] }), {});
    await forbidden("make one", api, `user-${randomUUID()}`, { groups: ["paris"] });
  }
});

test("a_user_without_a_role_may_not_even_read_itself", async () => {
  const { api, userId } = await asNew(root, { role: "none", groups: ["paris"] });
  await api.get(userPath(userId), 403);
  await api.post("/v1/tokens", { user_id: userId }, 403);
});

test("a_role_that_was_taken_away_is_gone", async () => {
  const admin = await newUser(root, { role: "admin" });
  const { api_key } = await newKey(root, admin);
  const other = await newUser(root);
  await root.as(api_key).get(userPath(other));
  await root.put(userPath(admin), { role: "member" });
  // An isolate remembers a key for ten seconds: a fresh one knows nothing of it.
  await service.restart();
  await root.as(api_key).get(userPath(other), 403);
  await root.as(api_key).get(userPath(admin), 200);
});

async function forbidden(
  what: string,
  api: Api,
  user: string,
  profile: Partial<Profile>,
): Promise<void> {
  const told = (await root.send<{ items: unknown[] }>("GET", userPath(user, "/events"))).body.items
    ?.length;
  const { status, body } = await api.send<Problem>("PUT", userPath(user), { json: profile });
  assert.deepEqual([status, body.code], [403, "forbidden"], what);
  const now = (await root.send<{ items: unknown[] }>("GET", userPath(user, "/events"))).body.items
    ?.length;
  assert.equal(now, told, what);
}

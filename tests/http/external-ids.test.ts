// External ids: another system's name for a user, set by root and admins, and each of one user alone.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";

import { asNew, eventsOf, newUser } from "./kit/actions.ts";
import { userPath, type Answer } from "./kit/api.ts";
import { serve } from "./kit/service.ts";
import type { Problem, User } from "./kit/shapes.ts";
import { sleep, times } from "./kit/wait.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

const newExternalId = (): string => `crm|${randomUUID()}`;

/** PUT of a user, each of whose calls of a ledger is answered half a second late. */
function putSlowly(userId: string, external_id: string): Promise<Answer<User & Problem>> {
  const headers = { "x-test-fault": "ledger-late" };
  return root.send("PUT", userPath(userId), { json: { external_id }, headers });
}

test("an_external_id_is_of_one_user", async () => {
  const external_id = newExternalId();
  const owner = await newUser(root, { external_id });
  const other = await newUser(root, { groups: ["paris"] });
  for (const [path, json] of [
    [userPath(other), { external_id }],
    [userPath(`user-${randomUUID()}`), { external_id, role: "admin" }],
  ] as const) {
    const { status, body } = await root.send<Problem>("PUT", path, { json });
    assert.deepEqual([status, body.code], [409, "external_id_taken"]);
  }
  const { body } = await root.get<User>(userPath(other));
  assert.deepEqual([body.external_id, body.groups], [null, ["paris"]], "nothing has changed");
  assert.equal((await eventsOf(root, other)).length, 1);
  const again = await root.put<User>(userPath(owner), { external_id });
  assert.equal(again.body.external_id, external_id, "its owner may say it again");
});

test("a_user_that_was_refused_an_external_id_is_not_made", async () => {
  const external_id = newExternalId();
  await newUser(root, { external_id });
  const path = userPath(`user-${randomUUID()}`);
  assert.equal((await root.send("PUT", path, { json: { external_id } })).status, 409);
  await root.get(path, 404);
  await root.put(path, { external_id: newExternalId() }, 201);
});

test("an_external_id_that_was_given_up_is_free", async () => {
  const external_id = newExternalId();
  const owner = await newUser(root, { external_id });
  const [second, third] = [await newUser(root), await newUser(root)];
  await root.put(userPath(owner), {});
  await root.put(userPath(second), { external_id });
  assert.equal((await root.send("PUT", userPath(owner), { json: { external_id } })).status, 409);
  await root.put(userPath(second), { external_id: newExternalId() });
  const { body } = await root.put<User>(userPath(third), { external_id });
  assert.equal(body.external_id, external_id);
});

test("of_many_who_claim_an_external_id_at_once_one_gets_it", async () => {
  const external_id = newExternalId();
  const users = await Promise.all(times(8, () => newUser(root)));
  const answers = await Promise.all(
    users.map((user) => root.send("PUT", userPath(user), { json: { external_id } })),
  );
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
  const read = await Promise.all(users.map((user) => root.get<User>(userPath(user))));
  assert.equal(read.filter(({ body }) => body.external_id === external_id).length, 1);
});

for (const [what, make] of [
  ["is_made", async () => `user-${randomUUID()}`],
  ["is_changed", () => newUser(root)],
] as const) {
  test(`who_${what}_slowly_shares_its_external_id_with_nobody`, async () => {
    const external_id = newExternalId();
    const users = [await make(), await make(), await make()] as const;
    const [slow, ...others] = users;
    const slowly = putSlowly(slow, external_id);
    // It has claimed the external id by then, and is not put yet.
    await sleep(200);
    const answers = await Promise.all(
      others.map((user) => root.send<Problem>("PUT", userPath(user), { json: { external_id } })),
    );
    answers.push(await slowly);
    const won = answers.filter(({ status }) => status < 300);
    assert.equal(won.length, 1, `${won.length} of them got it`);
    for (const { status, body } of answers) {
      if (status >= 300) assert.deepEqual([status, body.code], [409, "external_id_taken"]);
    }
    const read = await Promise.all(users.map((user) => root.send<User>("GET", userPath(user))));
    assert.equal(read.filter(({ body }) => body.external_id === external_id).length, 1);
  });
}

test("of_two_who_slowly_claim_what_was_given_up_one_gets_it", async () => {
  const external_id = newExternalId();
  const owner = await newUser(root, { external_id });
  const [first, second] = [await newUser(root), await newUser(root)];
  await root.put(userPath(owner), {});
  const answers = await Promise.all([
    putSlowly(first, external_id),
    putSlowly(second, external_id),
  ]);
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, 409]);
});

test("whoever_claimed_an_external_id_and_lost_the_answer_may_ask_again_at_once", async () => {
  const external_id = newExternalId();
  const user = await newUser(root);
  const headers = { "x-test-fault": "ledger-lost" };
  const lost = await root.send("PUT", userPath(user), { json: { external_id }, headers });
  assert.equal(lost.status, 503, lost.text);
  const other = await newUser(root);
  const json = { external_id };
  const taken = await root.send<Problem>("PUT", userPath(other), { json });
  assert.deepEqual([taken.status, taken.body.code], [409, "external_id_taken"]);
  assert.equal((await root.put<User>(userPath(user), json)).body.external_id, external_id);
});

test("external_ids_are_told_apart_by_case", async () => {
  const external_id = `Crm-${randomUUID()}`;
  await newUser(root, { external_id });
  await newUser(root, { external_id: external_id.toLowerCase() });
});

test("only_root_and_admins_set_an_external_id", async () => {
  const groups = ["paris"];
  const { api: admin } = await asNew(root, { role: "admin" });
  const { api: manager } = await asNew(root, { role: "manager", groups });
  const external_id = newExternalId();
  const [named, unnamed] = [
    await newUser(root, { groups, external_id }),
    await newUser(root, { groups }),
  ];
  for (const [user, changed] of [
    [unnamed, newExternalId()],
    [named, newExternalId()],
    [named, null],
    [named, undefined],
    // Whether another user has it is nothing that a manager learns.
    [unnamed, external_id],
  ] as const) {
    const json = changed === undefined ? { groups } : { groups, external_id: changed };
    const { status, body } = await manager.send<Problem>("PUT", userPath(user), { json });
    assert.deepEqual([status, body.code], [403, "forbidden"], String(changed));
  }
  assert.equal((await root.get<User>(userPath(named))).body.external_id, external_id);

  // What leaves it as it is, a manager may.
  const role = "none";
  await manager.put(userPath(named), { groups, external_id, role });
  await manager.put(userPath(unnamed), { groups, role });
  await manager.put(userPath(unnamed), { groups, external_id: null });
  await admin.put(userPath(unnamed), { groups, external_id: newExternalId() });
});

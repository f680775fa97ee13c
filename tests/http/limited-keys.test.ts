// A key that a manager makes for somebody else is limited: it acts as a member at most, whatever becomes of its owner,
// and so does every key that is made with it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { asNew, newKey, newUser } from "./kit/actions.ts";
import { userPath, type Api } from "./kit/api.ts";
import { serve } from "./kit/service.ts";
import type { Role } from "./kit/shapes.ts";

const GROUPS = ["paris"];

const service = await serve();
after(() => service.stop());
const { root } = service;

let manager: Api;
let other: string;
before(async () => {
  manager = (await asNew(root, { role: "manager", groups: GROUPS })).api;
  other = await newUser(root, { groups: GROUPS });
});

/** A member, and whoever holds a key of it that the manager made. */
async function newMember(): Promise<{ member: string; limited: Api }> {
  const member = await newUser(root, { groups: GROUPS });
  return { member, limited: await keyOf(manager, member) };
}

/** Whoever holds a new key of the user that `api` makes. */
async function keyOf(api: Api, userId: string): Promise<Api> {
  return root.as((await newKey(api, userId)).api_key);
}

/** Gives the user a role, at once: the isolate forgets who held which key. */
async function promote(userId: string, role: Role): Promise<void> {
  await root.put(userPath(userId), { role, groups: GROUPS });
  await service.restart();
}

/** Whether it reads another user than its own. */
async function readsOthers(api: Api): Promise<boolean> {
  const { status, text } = await api.send("GET", userPath(other));
  assert.ok([200, 403].includes(status), text);
  return status === 200;
}

for (const role of ["admin", "manager"] as const) {
  test(`a_key_of_a_limited_key_is_limited_when_its_owner_becomes_${role}`, async () => {
    const { member, limited } = await newMember();
    const second = await keyOf(limited, member);
    const third = await keyOf(second, member);
    const own = await keyOf(root, member);
    const ofOwn = await keyOf(own, member);
    await promote(member, role);

    for (const api of [limited, second, third]) {
      assert.equal(await readsOthers(api), false);
      await api.get(userPath(member));
    }
    assert.equal(await readsOthers(own), true);
    assert.equal(await readsOthers(ofOwn), true, "what its owner made has no limit");
  });

  test(`a_limited_key_makes_limited_keys_once_its_owner_is_${role}`, async () => {
    const { member, limited } = await newMember();
    await promote(member, role);
    const made = await keyOf(limited, member);
    assert.equal(await readsOthers(made), false);
    assert.equal(await readsOthers(await keyOf(made, member)), false);
    const { status } = await limited.send("POST", "/v1/api-keys", { json: { user_id: other } });
    assert.equal(status, 403, "and none of another user");
    const put = { role: "admin", groups: GROUPS };
    for (const userId of [member, other]) {
      assert.equal((await limited.send("PUT", userPath(userId), { json: put })).status, 403);
    }
  });
}

test("a_limited_key_does_what_a_member_does", async () => {
  const { member, limited } = await newMember();
  await promote(member, "admin");
  await limited.get(userPath(member));
  await limited.post("/v1/tokens", { user_id: member }, 201);
  await promote(member, "none");
  assert.equal(
    (await limited.send("GET", userPath(member))).status,
    403,
    "and no more than its owner",
  );
});

test("a_key_that_an_admin_makes_is_not_limited", async () => {
  const { api: admin } = await asNew(root, { role: "admin" });
  const member = await newUser(root, { groups: GROUPS });
  const key = await keyOf(admin, member);
  const ofKey = await keyOf(key, member);
  await promote(member, "manager");
  assert.equal(await readsOthers(key), true);
  assert.equal(await readsOthers(ofKey), true);
});

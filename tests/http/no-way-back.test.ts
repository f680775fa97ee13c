// A revoked connection issues nothing, ever: who wants back in completes a new authorization, and gets a new one.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { check, checkAll, consume, mint, newUser, tokensOf } from "./kit/actions.ts";
import { userPath } from "./kit/api.ts";
import {
  connect,
  connectionPath,
  connectionsOf,
  issue,
  issuePair,
  newApp,
  readConnection,
  revokeConnection,
} from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import type { Problem } from "./kit/shapes.ts";
import { times } from "./kit/wait.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

/** The ways in which a connection is revoked. */
const WAYS: [string, (user: string, id: string, app: string) => Promise<unknown>][] = [
  ["by itself", (_, id) => revokeConnection(root, id)],
  ["with its user", (user) => root.post(userPath(user, "/revoke"), {})],
  [
    "with all connections of its user",
    (user) => root.post(userPath(user, "/revoke"), { kinds: ["connection"] }),
  ],
  [
    "with all that the user has of its app",
    (user, _, app_id) => root.post(userPath(user, "/revoke"), { app_id }),
  ],
];

for (const [name, revokeIt] of WAYS) {
  test(`a_revoked_connection_issues_nothing: ${name}`, async () => {
    const { user, app_id } = await newPair();
    const { id } = await connect(root, user, app_id);
    const [access, refresh] = await issuePair(root, id);
    // Two authorizations were under way: what they began ends here, too.
    const pending = [await mint(root, user, { app_id }), await mint(root, user, { app_id })];
    assert.ok(pending.every(({ connection_id }) => connection_id === id));
    await revokeIt(user, id, app_id);

    for (const { token } of pending) {
      assert.equal((await check(root, token)).status, "revoked");
      assert.equal((await consume(root, token)).body.code, "token_revoked");
    }
    const dead = await checkAll(root, [access, refresh]);
    assert.deepEqual(
      dead.map(({ status }) => status),
      ["revoked", "revoked"],
    );
    for (const rest of ["/tokens", "/enable", "/disable"]) {
      const { body } = await root.post<Problem>(connectionPath(id, rest), {}, 409);
      assert.equal(body.code, "connection_revoked");
    }
    assert.equal((await tokensOf(root, user, { status: "valid" })).length, 0);
    assert.equal((await readConnection(root, id)).status, "revoked");
  });

  test(`a_new_authorization_makes_a_new_connection: ${name}`, async () => {
    const { user, app_id } = await newPair();
    const first = await mint(root, user, { app_id });
    const old = (await consume(root, first.token)).body.connection?.id ?? "";
    const [access] = await issuePair(root, old);
    await revokeIt(user, old, app_id);

    const second = await mint(root, user, { app_id });
    assert.notEqual(second.connection_id, old);
    const fresh = (await consume(root, second.token)).body.connection?.id ?? "";
    assert.equal(fresh, second.connection_id);
    const issued = await issue(root, fresh);
    assert.equal((await check(root, issued.access_token)).status, "valid");
    assert.equal((await check(root, access)).status, "revoked", "the old ones stay dead");
    const states = (await connectionsOf(root, user, { app_id })).map(({ id, status }) => [
      id,
      status,
    ]);
    assert.deepEqual(states, [
      [fresh, "active"],
      [old, "revoked"],
    ]);
  });
}

test("an_authorization_that_was_pending_dies_with_its_initiated_connection", async () => {
  const { user, app_id } = await newPair();
  const { token, connection_id } = await mint(root, user, { app_id });
  await root.post(userPath(user, "/revoke"), { kinds: ["connection"], app_id });
  assert.equal((await readConnection(root, connection_id ?? "")).status, "revoked");
  assert.equal((await consume(root, token)).body.code, "token_revoked");
});

test("nothing_is_issued_after_a_revocation_was_answered", async () => {
  const { user, app_id } = await newPair();
  const { id } = await connect(root, user, app_id);
  const path = connectionPath(id, "/tokens");
  let isRevoked = false;
  const issuing = times(30, async () => {
    const late = isRevoked;
    const { status, body } = await root.send<{ access_token: string }>("POST", path, { json: {} });
    assert.ok(status === 201 || status === 409, String(status));
    assert.ok(!late || status === 409);
    return status === 201 ? body.access_token : undefined;
  });
  const revoking = revokeConnection(root, id).then(() => {
    isRevoked = true;
  });
  const issued = (await Promise.all(issuing)).filter((token) => token !== undefined);
  await revoking;
  assert.equal((await root.send("POST", path, { json: {} })).status, 409);
  if (issued.length > 0) {
    const seen = new Set((await checkAll(root, issued)).map(({ status }) => status));
    assert.deepEqual([...seen], ["revoked"]);
  }
});

test("a_restart_brings_nothing_back", async () => {
  const { user, app_id } = await newPair();
  const { id } = await connect(root, user, app_id);
  const pair = await issuePair(root, id);
  await revokeConnection(root, id);
  await service.kill();
  await service.restart();
  for (const token of pair) assert.equal((await check(root, token)).status, "revoked");
  await root.post(connectionPath(id, "/tokens"), {}, 409);
});

async function newPair(): Promise<{ user: string; app_id: string }> {
  return { user: await newUser(root), app_id: (await newApp(root)).app_id };
}

// Partoo's calls on a connection token that names an app, of which Partoo knows nothing.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { check, mint, newUser, partooSpelling } from "./kit/actions.ts";
import { connect, disable, issuePair, newApp, readConnection } from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import type { PartooChecked } from "./kit/shapes.ts";

const REVOKE = "/v2/connection/revoke_token";

const service = await serve();
after(() => service.stop());
const { root } = service;
const partoo = root.partoo();

test("a_token_of_an_app_is_checked_and_revoked_like_any", async () => {
  const { user, token, id } = await newCase();
  const query = new URLSearchParams({ user_id: user, token: partooSpelling(token) });
  const { body } = await partoo.get<PartooChecked>(`/connection/check_token?${query}`);
  assert.equal(body.status, "valid");
  await partoo.post(REVOKE, { user_id: user, token: partooSpelling(token) });
  assert.equal((await check(root, token)).status, "revoked");
  assert.equal((await readConnection(root, id)).status, "active");
});

test("revoking_without_a_token_leaves_connections_and_what_they_issued", async () => {
  const { user, token, id } = await newCase();
  const pair = await issuePair(root, id);
  await partoo.post(REVOKE, { user_id: user });
  assert.equal((await check(root, token)).status, "revoked");
  for (const one of pair) assert.equal((await check(root, one)).status, "valid");
  assert.equal((await readConnection(root, id)).status, "active");
  await partoo.post(REVOKE, { user_id: user }, 404);
});

test("what_is_refused_has_changed_nothing_of_an_inactive_token_either", async () => {
  const { user, token, id } = await newCase();
  await disable(root, id);
  const { status } = await partoo.send("POST", REVOKE, {
    json: { user_id: user, token: partooSpelling(token) },
  });
  assert.ok(status === 200 || status === 400, String(status));
  const now = (await check(root, token)).status;
  assert.equal(now, status === 200 ? "revoked" : "inactive");
});

test("an_access_token_is_no_connection_token", async () => {
  const { user, id } = await newCase();
  for (const token of await issuePair(root, id)) {
    const query = new URLSearchParams({ user_id: user, token });
    await partoo.get(`/v2/connection/check_token?${query}`, 404);
    await partoo.post(REVOKE, { user_id: user, token }, 404);
    assert.equal((await check(root, token)).status, "valid");
  }
});

async function newCase(): Promise<{ user: string; token: string; id: string }> {
  const user = await newUser(root);
  const { app_id } = await newApp(root);
  const { id } = await connect(root, user, app_id);
  return { user, id, token: (await mint(root, user, { app_id })).token };
}

// `null` means that a field is absent: on PUT, the field gets its default.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { mint, newUser } from "./kit/actions.ts";
import { userPath } from "./kit/api.ts";
import { appPath, newApp } from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import type { App, Minted, Problem, User } from "./kit/shapes.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

let user: string;
before(async () => {
  user = await newUser(root, { role: "manager", groups: ["a"], connectable: false });
});

test("a_null_field_of_a_put_gets_its_default", async () => {
  const profile = { role: null, groups: null, external_id: null, connectable: null };
  const { body } = await root.put<User>(userPath(user), profile);
  assert.deepEqual(
    [body.role, body.groups, body.external_id, body.connectable],
    ["member", [], null, true],
  );

  const { app_id } = await newApp(root, { scopes: ["a"], client_type: "public" });
  const registration = { name: "App", redirect_uris: null, scopes: null, client_type: null };
  const app = (await root.put<App>(appPath(app_id), registration)).body;
  assert.deepEqual([app.redirect_uris, app.scopes, app.client_type], [[], [], "confidential"]);
});

test("a_null_field_of_a_post_counts_as_absent", async () => {
  const order = { user_id: user, ttl: null, label: null, metadata: null, scope: null };
  const { body } = await root.post<Minted>("/v1/tokens", order, 201);
  assert.deepEqual([body.label, body.metadata, body.scope], [null, null, null]);
  const { token } = await mint(root, user);
  const named = { token, token_id: null, tokens: null, user_id: null };
  await root.post("/v1/tokens/check", named, 200);
});

test("a_null_field_that_is_required_is_missing", async () => {
  const { status, body } = await root.send<Problem>("POST", "/v1/tokens", {
    json: { user_id: null },
  });
  assert.deepEqual([status, body.errors], [400, { user_id: "is required" }]);
});

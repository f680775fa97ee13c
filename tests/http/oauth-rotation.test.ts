// The deployment's secrets are rotated while clients go on; dropping one ends what it made.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { newUser } from "./kit/actions.ts";
import { appPath } from "./kit/connections.ts";
import {
  Client,
  authorized,
  isActive,
  newClientApp,
  newCode,
  newPublicApp,
  type Code,
  type Granted,
} from "./kit/oauth.ts";
import { PREVIOUS, SECRET, newSecret, serve } from "./kit/service.ts";
import type { App } from "./kit/shapes.ts";

const [A, B] = [newSecret(), newSecret()];

const service = await serve({ vars: { [SECRET]: A, REFRESH_GRACE_SECONDS: "300" } });
after(() => service.stop());
const { root } = service;

let client: Client;
let open: Client;
let user: string;
let code: Code;
let granted: Granted;
let rotating: Granted;

before(async () => {
  client = new Client(root, await newClientApp(root));
  open = new Client(root, await newPublicApp(root));
  user = await newUser(root);
  code = await newCode(root, user, client.app);
  granted = await authorized(root, user, client);
  rotating = await authorized(root, user, open);
});

test("clients_go_on_after_a_rotation", async () => {
  const early = (await open.refresh(rotating.refresh_token)).body;
  const key = { "idempotency-key": randomUUID() };
  const first = (await client.refresh(granted.refresh_token, {}, key)).body;

  await service.restart({ [SECRET]: B, [PREVIOUS]: A });
  assert.equal((await client.introspect(granted.access_token)).body.active, true);
  const late = (await open.refresh(rotating.refresh_token)).body;
  assert.equal(late.refresh_token, early.refresh_token, "the same answer, whichever secret mints");
  assert.equal(late.access_token, early.access_token);
  const again = (await client.refresh(granted.refresh_token, {}, key)).body;
  assert.equal(again.access_token, first.access_token);

  const exchanged = await client.exchange(code.token);
  assert.equal(exchanged.status, 200, exchanged.text);
  assert.equal((await open.refresh(late.refresh_token)).status, 200);
});

test("a_dropped_secret_ends_what_it_made_and_a_new_client_secret_goes_on", async () => {
  await service.restart({ [SECRET]: B, [PREVIOUS]: undefined });
  const refused = await client.introspect(granted.access_token);
  assert.deepEqual([refused.status, refused.cost.ledgerCalls], [401, 0]);
  assert.equal(await isActive(root, granted.access_token), false);

  const { app_id } = client.app;
  const { body } = await root.post<App>(appPath(app_id, "/client-secret"), {}, 201);
  const renewed = new Client(root, { ...client.app, client_secret: body.client_secret ?? "" });
  const fresh = await authorized(root, user, renewed);
  assert.equal((await renewed.introspect(fresh.access_token)).body.active, true);
  assert.equal((await renewed.refresh(granted.refresh_token)).body.error, "invalid_grant");
});

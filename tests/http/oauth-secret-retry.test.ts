// A new client secret whose answer comes again: the retry shows what was answered then, and changes nothing of which
// secret is live now. One isolate serves all of this, so what it remembers of the app is what is looked at.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { newUser } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import { appPath } from "./kit/connections.ts";
import { Client, authorized, newClientApp } from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import type { App } from "./kit/shapes.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

let user: string;
before(async () => {
  user = await newUser(root);
});

/** A new secret of the app; with `key`, so that it can be asked for again. */
function rotate(app: App, key?: string, json: object = {}): Promise<Answer<App>> {
  const headers: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
  return root.post<App>(appPath(app.app_id, "/client-secret"), json, 201, headers);
}

/** The client of the app with the secret of this answer. */
function clientWith(app: App, { body }: Answer<App>): Client {
  return new Client(root, { ...app, client_secret: body.client_secret ?? "" });
}

test("a_replayed_answer_brings_no_replaced_secret_back", async () => {
  const app = await newClientApp(root);
  const key = randomUUID();
  const first = await rotate(app, key);
  const replaced = clientWith(app, first);
  const live = clientWith(app, await rotate(app));
  const { access_token, refresh_token } = await authorized(root, user, live);

  const again = await rotate(app, key);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.equal(again.body.client_secret, first.body.client_secret);
  for (const answer of [
    await replaced.refresh(refresh_token),
    await replaced.introspect(access_token),
    await replaced.revoke(access_token),
  ]) {
    assert.deepEqual([answer.status, answer.body.error], [401, "invalid_client"], answer.text);
  }
});

test("a_replayed_answer_refuses_no_live_secret", async () => {
  const app = await newClientApp(root);
  const key = randomUUID();
  await rotate(app, key);
  const live = clientWith(app, await rotate(app));
  const { access_token, refresh_token } = await authorized(root, user, live);

  await rotate(app, key);
  const seen = await live.introspect(access_token);
  assert.deepEqual([seen.status, seen.body.active], [200, true], seen.text);
  assert.equal((await live.refresh(refresh_token)).status, 200);
});

test("a_replayed_answer_gives_a_replaced_secret_no_longer_grace", async () => {
  const app = await newClientApp(root);
  const key = randomUUID();
  const original = new Client(root, app);
  await rotate(app, key, { previous_ttl: 600 });
  const { access_token } = await authorized(root, user, original);
  const live = clientWith(app, await rotate(app));

  await rotate(app, key, { previous_ttl: 600 });
  assert.equal((await original.introspect(access_token)).status, 401);
  assert.equal((await live.introspect(access_token)).status, 200);
});

test("a_replayed_answer_leaves_a_newer_registration_as_it_is", async () => {
  const app = await newClientApp(root);
  const key = randomUUID();
  await rotate(app, key);
  const { name, client_type } = app;
  await root.put(appPath(app.app_id), { name, client_type, scopes: ["read"] });

  await rotate(app, key);
  const order = { user_id: user, app_id: app.app_id };
  assert.equal(
    (await root.post<App & { scope: string }>("/v1/tokens", order, 201)).body.scope,
    "read",
  );
});

// Too many requests of one client are refused, in the words of each dialect that it may speak.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { forge } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import { appPath } from "./kit/connections.ts";
import { Client, newClientApp, type Granted } from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import type { App } from "./kit/shapes.ts";
import { times } from "./kit/wait.ts";

const LIMIT = 5;

const service = await serve({ rateLimit: LIMIT });
after(() => service.stop());
const { root } = service;
const nobody = root.as(undefined);

let client: Client;
before(async () => {
  client = new Client(root, await newClientApp(root));
});

async function refused(call: () => Promise<Answer<Granted>>): Promise<Answer<Granted>[]> {
  const answers = await Promise.all(times(LIMIT * 3, call));
  const limited = answers.filter(({ status }) => status === 429);
  // The window may turn over once while they come in.
  assert.ok(limited.length >= LIMIT, `${limited.length} were refused`);
  for (const { headers } of limited) assert.ok(Number(headers.get("retry-after")) >= 1);
  return limited;
}

test("oauths_clients_are_refused_until_later", async () => {
  for (const { body } of await refused(() => client.revoke("nonsense"))) {
    assert.deepEqual(Object.keys(body).sort(), ["error", "error_description"]);
  }
});

test("flinks_clients_are_refused_until_later", async () => {
  const { app_id: client_id, client_secret } = client.app;
  const json = { grant_type: "nonsense", client_id, client_secret };
  for (const { body } of await refused(() => nobody.send("POST", "/api/v1/token", { json }))) {
    assert.equal(body.error, "temporarily_unavailable");
  }
  const headers = { authorization: "Bearer nonsense" };
  for (const { body } of await refused(() =>
    nobody.send("DELETE", "/api/v1/revoke", { headers }),
  )) {
    assert.equal(body.error, "temporarily_unavailable");
  }
});

test("stytchs_clients_are_refused_until_later", async () => {
  const custom = new Client(root, client.app, "post", "/v1/oauth2");
  for (const { body } of await refused(() => custom.introspect("nonsense") as never)) {
    assert.equal((body as unknown as { status_code: number }).status_code, 429);
  }
});

test("a_replaced_secret_uses_up_nothing_of_the_live_one", async () => {
  const app = await newClientApp(root);
  const replaced = new Client(root, app);
  const { body } = await root.post<App>(appPath(app.app_id, "/client-secret"), {}, 201);
  const live = new Client(root, { ...app, client_secret: body.client_secret ?? "" });
  for (const { body } of await refused(() => replaced.revoke("nonsense"))) {
    assert.equal(body.error, "temporarily_unavailable");
  }
  const answer = await live.revoke("nonsense");
  assert.equal(answer.status, 200, answer.text);
  await refused(() => live.revoke("nonsense"));
});

test("a_forged_secret_uses_up_nothing_of_the_right_one", async () => {
  const app = await newClientApp(root);
  const guess = new Client(root, { ...app, client_secret: forge(app.client_secret ?? "") });
  for (const { status } of await Promise.all(times(LIMIT * 3, () => guess.revoke("nonsense")))) {
    assert.ok([401, 429].includes(status), String(status));
  }
  const answer = await new Client(root, app).revoke("nonsense");
  assert.equal(answer.status, 200, answer.text);
});

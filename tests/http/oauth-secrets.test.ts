// After a run of what clients do, none of their codes, tokens, secrets and verifiers is in the logs or in storage; and
// no error repeats one that was put in the wrong place.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { findSecrets } from "../support/secrets.ts";
import { newUser } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import { appPath, issuePair, readConnection } from "./kit/connections.ts";
import {
  Client,
  newClientApp,
  newCode,
  newPublicApp,
  pkce,
  postForm,
  rawBasic,
  type Granted,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import type { App } from "./kit/shapes.ts";
import { Stytch } from "./kit/stytch.ts";
import { sleep } from "./kit/wait.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;
const nobody = root.as(undefined);

const secrets: Record<string, string> = {};

/** Remembers a secret, to look for it in the end. */
function keep(name: string, secret: string): string {
  secrets[`${name} ${Object.keys(secrets).length}`] = secret;
  return secret;
}

function keepTokens(answer: Answer<Granted>): Granted {
  assert.equal(answer.status, 200, answer.text);
  keep("access token", answer.body.access_token);
  if (answer.body.refresh_token !== undefined) keep("refresh token", answer.body.refresh_token);
  return answer.body;
}

before(async () => {
  const user = await newUser(root);
  const app = await newClientApp(root);
  keep("client secret", app.client_secret ?? "");
  const rotated = await root.post<App>(appPath(app.app_id, "/client-secret"), {}, 201);
  app.client_secret = keep("client secret", rotated.body.client_secret ?? "");
  const open = await newPublicApp(root);
  const bases = ["/oauth", `/v1/public/${service.projectId}/oauth2`];

  for (const [one, base] of [app, open].flatMap((one) => bases.map((base) => [one, base] as const)))
    await walk(new Client(root, one, undefined, base), user);
  await walkFlinks(app, user);
  const connection = await readConnection(
    root,
    (await newCode(root, user, app)).connection_id ?? "",
  );
  const code = await newCode(root, user, app);
  keep("code", code.token);
  assert.equal(connection.user_id, user);
  keepTokens(await new Client(root, app, "basic").exchange(code.token));
  for (const token of await issuePair(root, code.connection_id)) keep("token", token);
  await new Stytch(root, service.projectId, service.secrets.rootKey).revoke(user, app.app_id);
  // The replicas follow; then the files are those of a service at rest.
  await sleep(2_000);
});

/** A client's life: exchange, lost answers, refreshes, replays, introspection, revocation. */
async function walk(client: Client, user: string): Promise<void> {
  const { verifier, challenge } = pkce();
  keep("verifier", verifier);
  const code = await newCode(root, user, client.app, { code_challenge: challenge });
  keep("code", code.token);
  const idempotency = { "idempotency-key": crypto.randomUUID() };
  const proof = { code_verifier: verifier };
  const first = keepTokens(await client.exchange(code.token, proof, idempotency));
  keepTokens(await client.exchange(code.token, proof, idempotency));
  const second = keepTokens(await client.refresh(first.refresh_token));
  keepTokens(await client.refresh(first.refresh_token));
  const current = second.refresh_token ?? first.refresh_token;
  await client.refresh(current, {}, { "x-test-fault": "ledger-lost" });
  await client.introspect(second.access_token);
  await client.exchange(code.token, proof);
  await client.revoke(current);

  // Secrets where they do not belong.
  for (const misplaced of [first.access_token, code.token, client.app.client_secret ?? verifier]) {
    for (const answer of [
      await client.post("token", { grant_type: misplaced }),
      await client.post("token", { grant_type: "refresh_token", [misplaced]: misplaced }),
      await client.refresh(first.refresh_token, { scope: misplaced }),
      await client.introspect(`${misplaced}x`),
      await postForm(nobody, "/oauth/token", { client_id: misplaced, client_secret: misplaced }),
      await postForm(nobody, "/oauth/revoke", `token=${misplaced}&token=${misplaced}`),
      await postForm(nobody, `/oauth/${misplaced}`, {}),
      await nobody.send("POST", "/v1/oauth2/token", { body: `{"code":"${misplaced}` }),
      await postForm(nobody, `/v1/public/${misplaced}/oauth2/token`, { code: misplaced }),
      await nobody.send("DELETE", "/api/v1/revoke", {
        headers: { authorization: rawBasic(misplaced, misplaced) },
      }),
    ]) {
      assert.equal(answer.text.includes(misplaced), false, `${answer.path}: ${answer.status}`);
    }
  }
}

async function walkFlinks(app: App, user: string): Promise<void> {
  const code = await newCode(root, user, app);
  keep("code", code.token);
  const { app_id: client_id, client_secret } = app;
  const json = { grant_type: "authorization_code", code: code.token, client_id, client_secret };
  const { access_token } = keepTokens(await nobody.send("POST", "/api/v1/token", { json }));
  const headers = { authorization: `Bearer ${access_token}` };
  assert.equal((await nobody.send("DELETE", "/api/v1/revoke", { headers })).status, 204);
}

test("no_secret_of_a_client_is_in_the_logs_or_in_storage", () => {
  assert.ok(Object.keys(secrets).length >= 30);
  const places = { persistPath: service.persistPath, logs: service.logs() };
  assert.deepEqual(findSecrets(places, secrets), []);
});

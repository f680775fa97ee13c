// A client for Flinks that its users made, unmodified: Flinks itself publishes none for these calls.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { FlinksClient, FlinksError } from "@rizwannur/flinks";

import { check, newUser } from "../http/kit/actions.ts";
import { readConnection } from "../http/kit/connections.ts";
import { CALLBACK, newClientApp, newCode } from "../http/kit/oauth.ts";
import { serve } from "../http/kit/service.ts";
import type { App } from "../http/kit/shapes.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

let app: App;
before(async () => {
  app = await newClientApp(root);
});

function newClient(): FlinksClient {
  const hosts = { outbound: service.url };
  return new FlinksClient({ instance: "toolbox", customerId: crypto.randomUUID(), hosts });
}

const credentials = (): { clientId: string; clientSecret: string } => ({
  clientId: app.app_id,
  clientSecret: app.client_secret ?? "",
});

/** The error that a call ends with: its status and its `error`. */
async function failure(call: Promise<unknown>): Promise<unknown[]> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof FlinksError, String(error));
    const body = error.body as { error?: string; error_description?: string };
    assert.ok(body.error_description);
    return [error.httpStatusCode, body.error];
  }
  return assert.fail("it succeeded");
}

test("a_connection_is_made_and_revoked", async () => {
  const flinks = newClient();
  const code = await newCode(root, await newUser(root), app, { redirect_uri: CALLBACK });
  const tokens = await flinks.outbound.token({
    grantType: "authorization_code",
    code: code.token,
    redirectUri: CALLBACK,
    ...credentials(),
  });
  assert.deepEqual(
    [tokens.tokenType, tokens.expiresIn, tokens.scope],
    ["Bearer", 300, "read write"],
  );
  assert.match(tokens.accessToken, /^hat_/);
  assert.match(tokens.refreshToken ?? "", /^hrt_/);
  assert.equal((await readConnection(root, code.connection_id)).status, "active");

  // The client keeps the access token, and sends a body along that Flinks does not describe.
  await flinks.outbound.revokeConnection("a-login-id");
  assert.equal((await readConnection(root, code.connection_id)).status, "revoked");
  assert.equal((await check(root, tokens.refreshToken ?? "")).status, "revoked");
  assert.deepEqual(await failure(flinks.outbound.revokeConnection("a-login-id")), [
    400,
    "invalid_grant",
  ]);
});

test("every_refusal_is_400", async () => {
  const flinks = newClient();
  const code = await newCode(root, await newUser(root), app, { redirect_uri: CALLBACK });
  const right = {
    grantType: "authorization_code" as const,
    code: code.token,
    redirectUri: CALLBACK,
    ...credentials(),
  };
  const { code: _, ...without } = right;
  for (const [options, error] of [
    [{ ...right, clientSecret: "nonsense" }, "invalid_client"],
    [{ ...right, clientId: "nobody" }, "invalid_client"],
    [{ ...right, code: "nonsense" }, "invalid_grant"],
    [{ ...right, redirectUri: "https://evil.example/" }, "invalid_grant"],
    [without, "invalid_request"],
    [{ ...right, grantType: "client_credentials" as const }, "unsupported_grant_type"],
  ] as const) {
    assert.deepEqual(await failure(flinks.outbound.token(options)), [400, error]);
  }
  flinks.outbound.setAccessToken("nonsense");
  assert.deepEqual(await failure(flinks.outbound.revokeConnection("x")), [400, "invalid_grant"]);
  assert.ok((await flinks.outbound.token(right)).accessToken);
});

// Stytch's own client for Node, unmodified, with nothing but its base URL changed.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, mock, test } from "node:test";

import { Client as StytchClient, ClientError, StytchError } from "stytch";

import { asNew, check, newKey, newUser } from "../http/kit/actions.ts";
import { connect, issue, revokeConnection } from "../http/kit/connections.ts";
import { Client, authorized, newClientApp, newCode, newPublicApp } from "../http/kit/oauth.ts";
import { serve } from "../http/kit/service.ts";
import type { App } from "../http/kit/shapes.ts";

const REQUEST_ID = /^request-id-test-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const service = await serve();
after(() => service.stop());
const { root } = service;

let stytch: StytchClient;
let app: App;

before(async () => {
  // It warns of any base URL but its own two.
  mock.method(console, "warn", () => undefined);
  const admin = await asNew(root, { role: "admin" });
  stytch = clientWith((await newKey(root, admin.userId)).api_key);
  app = await newClientApp(root, { name: "Calendar", description: "Reads a calendar." });
});

function clientWith(secret: string, project_id = service.projectId): StytchClient {
  return new StytchClient({ project_id, secret, env: `${service.url}/` });
}

async function appIds(user_id: string): Promise<string[]> {
  const { connected_apps, status_code, request_id } = await stytch.users.connectedApps({ user_id });
  assert.equal(status_code, 200);
  assert.match(request_id, REQUEST_ID);
  return connected_apps.map(({ connected_app_id }) => connected_app_id);
}

/** The error that a call ends with. */
async function failure(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  return assert.fail("it succeeded");
}

/** That it is Stytch's error, with all that the client reads of it. */
function failsWith(error: unknown, status: number, type: string, message: string): void {
  assert.ok(error instanceof StytchError, String(error));
  assert.deepEqual(
    [error.status_code, error.error_type, error.error_message, error.error_url],
    [status, type, message, `https://stytch.com/docs/api/errors/${status}#${type}`],
  );
  assert.match(error.request_id, REQUEST_ID);
}

test("a_connected_app_is_listed_and_revoked", async () => {
  const user_id = await newUser(root);
  assert.deepEqual(await appIds(user_id), []);
  const { access_token, refresh_token } = await authorized(root, user_id, new Client(root, app));
  const { connected_apps } = await stytch.users.connectedApps({ user_id });
  assert.deepEqual(connected_apps, [
    {
      connected_app_id: app.app_id,
      name: "Calendar",
      description: "Reads a calendar.",
      client_type: "third_party",
      scopes_granted: "read write",
      logo_url: null,
    },
  ]);

  const revoked = await stytch.users.revoke({ user_id, connected_app_id: app.app_id });
  assert.equal(revoked.status_code, 200);
  assert.match(revoked.request_id, REQUEST_ID);
  assert.deepEqual(await appIds(user_id), []);
  for (const token of [access_token, refresh_token]) {
    assert.equal((await check(root, token)).status, "revoked");
  }
  const again = await stytch.users.revoke({ user_id, connected_app_id: app.app_id });
  assert.equal(again.status_code, 200);
});

test("an_app_that_was_never_connected_is_revoked_as_it_is", async () => {
  const user_id = await newUser(root);
  const { token } = await newCode(root, user_id, app);
  const { status_code } = await stytch.users.revoke({ user_id, connected_app_id: app.app_id });
  assert.equal(status_code, 200);
  assert.equal((await check(root, token)).status, "revoked");
});

test("a_user_is_found_by_its_external_id", async () => {
  const external_id = `crm|42.a_b-${randomUUID()}`;
  const user = await newUser(root, { external_id });
  await connect(root, user, app.app_id);
  assert.deepEqual(await appIds(external_id), [app.app_id]);
  await stytch.users.revoke({ user_id: external_id, connected_app_id: app.app_id });
  assert.deepEqual(await appIds(user), []);
});

test("ids_may_hold_what_has_to_be_encoded", async () => {
  for (const odd of ["a b", "a/b", "100%2F", "a+b?c#d", "ünï", "a|b", "a;b=c&d"]) {
    const user_id = `${odd}-${randomUUID()}`;
    await root.put(`/v1/users/${encodeURIComponent(user_id)}`, {}, 201);
    const { app_id } = await newClientApp(root, { app_id: `${odd}-${randomUUID()}` });
    await connect(root, user_id, app_id);
    assert.deepEqual(await appIds(user_id), [app_id], odd);
    await stytch.users.revoke({ user_id, connected_app_id: app_id });
    assert.deepEqual(await appIds(user_id), [], odd);
  }
});

test("a_wrong_secret_or_project_is_unauthorized", async () => {
  const user_id = await newUser(root);
  const { api_key } = await newKey(root, user_id);
  for (const stranger of [
    clientWith("nonsense"),
    clientWith(api_key),
    clientWith(service.secrets.rootKey, `project-test-${randomUUID()}`),
  ]) {
    for (const error of [
      await failure(stranger.users.connectedApps({ user_id })),
      await failure(stranger.users.revoke({ user_id, connected_app_id: app.app_id })),
    ]) {
      failsWith(error, 401, "unauthorized_credentials", "Unauthorized credentials.");
    }
  }
});

test("a_user_or_an_app_that_is_not_there_is_not_found", async () => {
  const nobody = `user-test-${randomUUID()}`;
  const known = { user_id: await newUser(root), connected_app_id: app.app_id };
  const text = "User could not be found.";
  for (const error of [
    await failure(stytch.users.connectedApps({ user_id: nobody })),
    await failure(stytch.users.revoke({ ...known, user_id: nobody })),
  ]) {
    failsWith(error, 404, "user_not_found", text);
  }
  failsWith(
    await failure(stytch.users.revoke({ ...known, connected_app_id: `app-${randomUUID()}` })),
    404,
    "connected_app_not_found",
    "The Connected App requested could not be found.",
  );
});

test("a_token_is_introspected_until_it_is_revoked", async () => {
  const user = await newUser(root);
  const { app_id: client_id, client_secret = "" } = app;
  const { access_token, refresh_token } = await authorized(root, user, new Client(root, app));
  const introspect = (token: string, hint?: string): Promise<Claims> =>
    stytch.idp.introspectTokenNetwork({
      token,
      client_id,
      client_secret,
      ...(hint === undefined ? {} : { token_type_hint: hint }),
    });
  const claims = await introspect(access_token, "access_token");
  assert.deepEqual(
    [claims.subject, claims.scope, claims.audience, claims.token_type, claims.custom_claims],
    [user, "read write", [service.projectId], "access_token", {}],
  );
  assert.equal(claims.expires_at - claims.issued_at, 3600);
  assert.equal(claims.not_before, claims.issued_at);
  assert.equal((await introspect(refresh_token)).token_type, "refresh_token");

  await stytch.users.revoke({ user_id: user, connected_app_id: app.app_id });
  for (const token of [access_token, refresh_token, "nonsense"]) {
    const error = await failure(introspect(token));
    assert.ok(error instanceof ClientError, String(error));
    assert.equal(error.code, "token_invalid");
    assert.match(error.message, /not active/);
  }
});

test("a_public_client_introspects_without_a_secret", async () => {
  const open = await newPublicApp(root);
  const user = await newUser(root);
  const { access_token: token } = await authorized(root, user, new Client(root, open));
  const claims = await stytch.idp.introspectTokenNetwork({ token, client_id: open.app_id });
  assert.equal(claims.subject, user);
});

test("introspection_with_a_wrong_secret_is_an_error_with_its_cause", async () => {
  const connection = await connect(root, await newUser(root), app.app_id);
  const { access_token: token } = await issue(root, connection.id);
  const { app_id: client_id } = app;
  const error = await failure(
    stytch.idp.introspectTokenNetwork({ token, client_id, client_secret: "nonsense" }),
  );
  assert.ok(error instanceof ClientError, String(error));
  assert.ok(error.cause instanceof StytchError, String(error.cause));
  const { status_code, error_type, error_message, error_url, request_id } = error.cause;
  assert.deepEqual([status_code, error_type], [401, "invalid_client"]);
  assert.ok(error_message);
  assert.equal(error_url, "https://stytch.com/docs/api/errors/401#invalid_client");
  assert.match(request_id, REQUEST_ID);
  await revokeConnection(root, connection.id);
});

type Claims = Awaited<ReturnType<StytchClient["idp"]["introspectTokenNetwork"]>>;

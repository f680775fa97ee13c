// `oauth4webapi`, unmodified: from the metadata over authorization and PKCE to introspection and revocation.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import * as oauth from "oauth4webapi";

import { newKey, newUser } from "../http/kit/actions.ts";
import { accept, Browser, LOGIN_URL } from "../http/kit/authorize.ts";
import { sent } from "../http/kit/link.ts";
import { CALLBACK, form, newClientApp, newPublicApp } from "../http/kit/oauth.ts";
import { serve } from "../http/kit/service.ts";
import type { App } from "../http/kit/shapes.ts";

const RESOURCE = "https://mcp.example/mcp";
const HTTP = { [oauth.allowInsecureRequests]: true };

const service = await serve({ vars: { LOGIN_URL } });
after(() => service.stop());
const { root } = service;

const issuer = new URL(service.url);
const server = await oauth.processDiscoveryResponse(
  issuer,
  await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...HTTP }),
);

interface Registered {
  client: oauth.Client;
  authentication: oauth.ClientAuth;
}

const registered = (app: App): Registered => ({
  client: { client_id: app.app_id },
  authentication:
    app.client_secret === undefined ? oauth.None() : oauth.ClientSecretPost(app.client_secret),
});

/** Authorizes a client and exchanges its code; the library checks `state`, `iss` and the token response. */
async function authorize(
  { client, authentication }: Registered,
  user: string,
): Promise<oauth.TokenEndpointResponse> {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const browser = new Browser(root);
  assert.equal(server.authorization_endpoint, `${service.url}/oauth/authorize`);
  const challenge = await browser.authorize({
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: CALLBACK,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    scope: "read",
    resource: RESOURCE,
    state,
  });
  const page = await browser.open(await accept(root, challenge, user));
  const { to, query } = sent(await browser.press(page));
  const returned = new URL(`${to}?${form(query)}`);
  // The metadata promises `iss`, so the library insists on it.
  assert.equal(server.authorization_response_iss_parameter_supported, true);
  const parameters = oauth.validateAuthResponse(server, client, returned, state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    parameters,
    CALLBACK,
    verifier,
    { additionalParameters: { resource: RESOURCE }, ...HTTP },
  );
  return oauth.processAuthorizationCodeResponse(server, client, response);
}

async function introspect(
  { client, authentication }: Registered,
  token: string,
): Promise<oauth.IntrospectionResponse> {
  const response = await oauth.introspectionRequest(server, client, authentication, token, HTTP);
  return oauth.processIntrospectionResponse(server, client, response);
}

async function refresh(
  { client, authentication }: Registered,
  token: string,
): Promise<oauth.TokenEndpointResponse> {
  const response = await oauth.refreshTokenGrantRequest(
    server,
    client,
    authentication,
    token,
    HTTP,
  );
  return oauth.processRefreshTokenResponse(server, client, response);
}

async function revoke({ client, authentication }: Registered, token: string): Promise<void> {
  const response = await oauth.revocationRequest(server, client, authentication, token, HTTP);
  await oauth.processRevocationResponse(response);
}

test("a_confidential_client_goes_all_the_way", async () => {
  const user = await newUser(root);
  const app = registered(await newClientApp(root));
  const tokens = await authorize(app, user);
  const seen = await introspect(app, tokens.access_token);
  assert.deepEqual(
    [seen.active, seen.sub, seen.client_id, seen.iss, seen.scope, seen["aud"]],
    [true, user, app.client.client_id, server.issuer, "read", RESOURCE],
  );
  const refreshed = await refresh(app, tokens.refresh_token ?? "");
  assert.equal((await introspect(app, refreshed.access_token)).active, true);
  await revoke(app, tokens.refresh_token ?? "");
  for (const token of [tokens.access_token, refreshed.access_token, tokens.refresh_token ?? ""]) {
    assert.deepEqual(await introspect(app, token), { active: false });
  }
});

test("a_public_client_goes_all_the_way_and_a_resource_server_introspects", async () => {
  const user = await newUser(root, { role: "admin" });
  const app = registered(await newPublicApp(root));
  const { api_key } = await newKey(root, user);
  const resourceServer = {
    client: { client_id: "resource-server" },
    authentication: oauth.ClientSecretBasic(api_key),
  };
  const tokens = await authorize(app, await newUser(root));
  const rotated = await refresh(app, tokens.refresh_token ?? "");
  assert.notEqual(rotated.refresh_token, tokens.refresh_token);
  assert.equal((await introspect(resourceServer, rotated.access_token)).active, true);
  await revoke(app, rotated.refresh_token ?? "");
  assert.deepEqual(await introspect(resourceServer, rotated.access_token), { active: false });
  await assert.rejects(refresh(app, rotated.refresh_token ?? ""), (error: unknown) => {
    assert.ok(error instanceof oauth.ResponseBodyError);
    return error.error === "invalid_grant" && error.status === 400;
  });
});

test("a_client_acts_for_itself", async () => {
  const app = registered(await newClientApp(root));
  const parameters = new URLSearchParams({ scope: "write", resource: RESOURCE });
  const response = await oauth.clientCredentialsGrantRequest(
    server,
    app.client,
    app.authentication,
    parameters,
    HTTP,
  );
  const tokens = await oauth.processClientCredentialsResponse(server, app.client, response);
  const seen = await introspect(app, tokens.access_token);
  assert.deepEqual([seen.sub, seen["aud"]], [`app:${app.client.client_id}`, RESOURCE]);
});

test("an_error_of_the_authorize_endpoint_is_read_by_the_client", async () => {
  const { client } = registered(await newPublicApp(root));
  const state = oauth.generateRandomState();
  const answer = await new Browser(root).send(
    "GET",
    `/oauth/authorize?${new URLSearchParams({
      response_type: "code",
      client_id: client.client_id,
      redirect_uri: CALLBACK,
      scope: "admin",
      state,
    }).toString()}`,
  );
  const returned = new URL(answer.headers.get("location") ?? "");
  assert.throws(
    () => oauth.validateAuthResponse(server, client, returned, state),
    (error: unknown) => error instanceof oauth.AuthorizationResponseError,
  );
});

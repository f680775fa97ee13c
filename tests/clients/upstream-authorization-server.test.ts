// A certified authorization server, unmodified, as the provider: a token that it granted to a real client is dead by its own answer
// once the connection that stores it is revoked.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, mock, test } from "node:test";

import Provider from "oidc-provider";
import * as oauth from "openid-client";

import { newUser } from "../http/kit/actions.ts";
import { userPath } from "../http/kit/api.ts";
import { revokeConnection } from "../http/kit/connections.ts";
import { serve } from "../http/kit/service.ts";
import {
  appOf,
  hold,
  newProvider,
  readHolder,
  settled,
  statesOf,
  type Call,
  type ProviderOrder,
  type Revocation,
  type Upstream,
} from "../http/kit/upstream.ts";

const REDIRECT = "https://app.example/callback";
/** With what HTTP Basic has to encode (RFC 6749 §2.3.1). */
const SECRET = "s3cr+t/&%:=~";
const AUTHENTICATIONS = {
  basic: { client_id: "our+client/1", method: "client_secret_basic", of: oauth.ClientSecretBasic },
  post: { client_id: "another:client", method: "client_secret_post", of: oauth.ClientSecretPost },
  none: { client_id: "public", method: "none", of: oauth.None },
} as const;
type Authentication = keyof typeof AUTHENTICATIONS;

const service = await serve({ vars: { UPSTREAM_RETRY_MS: "100" } });
after(() => service.stop());
const { root } = service;

const server = createServer();
after(() => {
  server.closeAllConnections();
  server.close();
});
let issuer: string;

before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // It warns of what is for development alone.
  for (const method of ["warn", "info"] as const) mock.method(console, method, () => undefined);
  const authorizationServer = new Provider(issuer, {
    clients: Object.entries(AUTHENTICATIONS).map(([name, { client_id, method }]) => ({
      client_id,
      ...(name === "none" ? {} : { client_secret: SECRET }),
      redirect_uris: [REDIRECT],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: method,
    })),
    features: { revocation: { enabled: true }, introspection: { enabled: true } },
    issueRefreshToken: () => true,
    rotateRefreshToken: false,
  });
  server.on("request", authorizationServer.callback());
});

function discover(name: Authentication, secret = SECRET): Promise<oauth.Configuration> {
  const { client_id, of } = AUTHENTICATIONS[name];
  return oauth.discovery(new URL(issuer), client_id, undefined, of(secret), {
    execute: [oauth.allowInsecureRequests],
  });
}

interface Granted {
  access_token: string;
  refresh_token: string;
}

/** Authorizes the client as a user does in a browser: signs in, consents, and is sent back with a code. */
async function authorize(config: oauth.Configuration): Promise<Granted> {
  const pkceCodeVerifier = oauth.randomPKCECodeVerifier();
  const expectedState = oauth.randomState();
  let at = oauth.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT,
    scope: "openid",
    state: expectedState,
    code_challenge: await oauth.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  });
  const jar = new Map<string, string>();
  const visit = async (body?: URLSearchParams): Promise<Response> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const sent = body === undefined ? {} : { method: "POST", body };
    const response = await fetch(at, { ...sent, headers: { cookie }, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [name = "", value = ""] = line.split(";", 1)[0]?.split("=", 2) ?? [];
      jar.set(name, value);
    }
    const location = response.headers.get("location");
    if (location !== null) at = new URL(location, at);
    return response;
  };
  for (let steps = 0; !at.href.startsWith(REDIRECT); steps += 1) {
    assert.ok(steps < 12, `the browser is stuck at ${at.href}`);
    const response = await visit();
    if (response.status !== 200) continue;
    const prompt = /name="prompt" value="(\w+)"/.exec(await response.text())?.[1] ?? "";
    await visit(new URLSearchParams({ prompt, login: "alice", password: "x" }));
  }
  const granted = await oauth.authorizationCodeGrant(config, at, {
    pkceCodeVerifier,
    expectedState,
  });
  assert.ok(granted.refresh_token);
  return { access_token: granted.access_token, refresh_token: granted.refresh_token };
}

/** The answer of the authorization server itself about each. */
async function alive(config: oauth.Configuration, granted: Granted): Promise<[boolean, boolean]> {
  const { access_token, refresh_token } = granted;
  const [access, refresh] = await Promise.all(
    [access_token, refresh_token].map((token) => oauth.tokenIntrospection(config, token)),
  );
  return [access?.active === true, refresh?.active === true];
}

/** The provider as an operator configures it, from the metadata of the server. */
function order(
  config: oauth.Configuration,
  auth: Authentication,
  more: Partial<Call> = {},
): ProviderOrder {
  const url = config.serverMetadata().revocation_endpoint ?? "";
  const client_secret = auth === "none" ? {} : { client_secret: SECRET };
  return {
    name: "A real one",
    revocation: { method: "rfc7009", url, auth, ...more },
    client_id: AUTHENTICATIONS[auth].client_id,
    ...client_secret,
  };
}

for (const auth of ["basic", "post"] as const) {
  const ways: [what: string, upstream: (granted: Granted) => Upstream][] = [
    ["both", (granted) => ({ ...granted })],
    ["the refresh token", ({ refresh_token }) => ({ refresh_token })],
    ["the access token", ({ access_token }) => ({ access_token })],
  ];
  for (const [what, upstream] of ways) {
    test(`what_a_connection_held_is_dead_at_the_server (${auth}, ${what})`, async () => {
      const config = await discover(auth);
      const [granted, another] = [await authorize(config), await authorize(config)];
      assert.deepEqual(await alive(config, granted), [true, true]);
      const app = await appOf(root, await newProvider(root, order(config, auth)));
      const { id } = await hold(root, app, upstream(granted));
      const { status } = await revokeConnection(root, id);
      assert.equal(status, "revoked", statesOf(await readHolder(root, id)).join());
      // With any of its tokens this server ends all that it granted with them, and nothing else.
      assert.deepEqual(await alive(config, granted), [false, false]);
      assert.deepEqual(await alive(config, another), [true, true]);
      const refresh = oauth.refreshTokenGrant(config, granted.refresh_token);
      await assert.rejects(refresh, { error: "invalid_grant" });
    });
  }
}

test("each_credential_of_a_connection_is_told_of", async () => {
  const config = await discover("basic");
  const [one, other] = [await authorize(config), await authorize(config)];
  const app = await appOf(root, await newProvider(root, order(config, "basic")));
  const { access_token } = one;
  const { id } = await hold(root, app, { access_token, refresh_token: other.refresh_token });
  assert.equal((await revokeConnection(root, id)).status, "revoked");
  for (const granted of [one, other])
    assert.deepEqual(await alive(config, granted), [false, false]);
});

test("what_a_user_who_ends_leaves_behind_is_dead_at_the_server", async () => {
  const config = await discover("basic");
  const app = await appOf(root, await newProvider(root, order(config, "basic")));
  const user = await newUser(root);
  const all = [await authorize(config), await authorize(config)];
  const held = await Promise.all(all.map((granted) => hold(root, app, granted, user)));
  await root.post(userPath(user, "/revoke"), {});
  for (const { id } of held) assert.equal((await settled(root, id)).status, "revoked");
  for (const granted of all) assert.deepEqual(await alive(config, granted), [false, false]);
});

test("a_token_that_is_dead_at_the_server_already_is_no_trouble", async () => {
  const config = await discover("post");
  const granted = await authorize(config);
  await oauth.tokenRevocation(config, granted.refresh_token);
  const app = await appOf(root, await newProvider(root, order(config, "post")));
  const { id } = await hold(root, app, granted);
  assert.equal((await revokeConnection(root, id)).status, "revoked");
});

test("a_client_that_the_server_does_not_believe_is_mended_and_tried_again", async () => {
  const config = await discover("basic");
  const granted = await authorize(config);
  const right = order(config, "basic");
  const slug = await newProvider(root, { ...right, client_secret: "wrong" });
  const { id } = await hold(root, await appOf(root, slug), {
    refresh_token: granted.refresh_token,
  });
  assert.equal((await revokeConnection(root, id)).status, "revoking");
  const [credential] = (await readHolder(root, id)).upstream?.credentials ?? [];
  assert.deepEqual(
    [credential?.state, credential?.error],
    ["abandoned", "HTTP 401, invalid_client"],
  );
  assert.deepEqual(await alive(config, granted), [true, true]);

  await root.put(`/v1/providers/${slug}`, right);
  const path = `/v1/revocations/${credential?.revocation_id}/retry`;
  assert.equal((await root.post<Revocation>(path, {})).body.state, "revoked");
  assert.deepEqual(await alive(config, granted), [false, false]);
  assert.equal((await readHolder(root, id)).status, "revoked");
});

test("a_public_client_names_itself_alone", async () => {
  const config = await discover("none");
  const granted = await authorize(config);
  const app = await appOf(root, await newProvider(root, order(config, "none", { auth: "post" })));
  const { id } = await hold(root, app, granted);
  assert.equal((await revokeConnection(root, id)).status, "revoked");
  const refresh = oauth.refreshTokenGrant(config, granted.refresh_token);
  await assert.rejects(refresh, { error: "invalid_grant" });
});

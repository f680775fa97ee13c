// A certified OAuth client, unmodified, from discovery to revocation.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import * as oauth from "openid-client";

import { check, newUser } from "../http/kit/actions.ts";
import { connect, issue } from "../http/kit/connections.ts";
import { open, press } from "../http/kit/link.ts";
import { CALLBACK, newClientApp, newCode, newPublicApp } from "../http/kit/oauth.ts";
import { serve } from "../http/kit/service.ts";
import type { App } from "../http/kit/shapes.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

type Tokens = Awaited<ReturnType<typeof oauth.refreshTokenGrant>>;

function discover(
  app: App,
  authentication?: oauth.ClientAuth,
  secret = app.client_secret,
): Promise<oauth.Configuration> {
  return oauth.discovery(new URL(service.url), app.app_id, secret, authentication, {
    algorithm: "oauth2",
    execute: [oauth.allowInsecureRequests],
  });
}

/** Connects the user as an app does, with a challenge: the redirect has the code. */
async function connected(config: oauth.Configuration, app: App, user: string): Promise<Tokens> {
  const pkceCodeVerifier = oauth.randomPKCECodeVerifier();
  const { token } = await newCode(root, user, app, {
    redirect_uri: CALLBACK,
    code_challenge: await oauth.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  });
  const expectedState = oauth.randomState();
  const redirected = new URL(CALLBACK);
  redirected.search = new URLSearchParams({ code: token, state: expectedState }).toString();
  return oauth.authorizationCodeGrant(config, redirected, { pkceCodeVerifier, expectedState });
}

/** Connects the user by the link page: the holder of the link approves, and returns to the app. */
async function connectedByLink(
  config: oauth.Configuration,
  app: App,
  user: string,
): Promise<Tokens> {
  const pkceCodeVerifier = oauth.randomPKCECodeVerifier();
  const { token } = await newCode(root, user, app, {
    redirect_uri: CALLBACK,
    code_challenge: await oauth.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  });
  const expectedState = oauth.randomState();
  const page = await open(root, token, { state: expectedState });
  const redirected = new URL((await press(root, page)).headers.get("location") ?? "");
  assert.equal(redirected.searchParams.get("iss"), config.serverMetadata().issuer);
  return oauth.authorizationCodeGrant(config, redirected, { pkceCodeVerifier, expectedState });
}

/** The error of OAuth that a call ends with. */
async function refusal(call: Promise<unknown>): Promise<oauth.ResponseBodyError> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof oauth.ResponseBodyError, String(error));
    return error;
  }
  return assert.fail("it succeeded");
}

test("a_client_goes_all_the_way_by_the_link_page", async () => {
  const user = await newUser(root);
  for (const app of [await newClientApp(root), await newPublicApp(root)]) {
    const tokens = await connectedByLink(
      await discover(app, app.client_secret === undefined ? oauth.None() : undefined),
      app,
      user,
    );
    assert.equal(tokens.scope, "read write");
    assert.equal((await check(root, tokens.access_token)).status, "valid");
  }
});

test("the_server_is_discovered", async () => {
  const metadata = (await discover(await newClientApp(root))).serverMetadata();
  assert.equal(metadata.issuer, service.url);
  assert.equal(metadata.token_endpoint, `${service.url}/oauth/token`);
  assert.equal(metadata.revocation_endpoint, `${service.url}/oauth/revoke`);
  assert.equal(metadata.introspection_endpoint, `${service.url}/oauth/introspect`);
  assert.equal(metadata.supportsPKCE(), true);
});

for (const [name, authentication] of [
  ["client_secret_post", undefined],
  ["client_secret_basic", oauth.ClientSecretBasic],
] as const) {
  test(`a_confidential_client_goes_all_the_way (${name})`, async () => {
    const app = await newClientApp(root);
    const config = await discover(app, authentication?.(app.client_secret));
    const user = await newUser(root);
    const tokens = await connected(config, app, user);
    assert.equal(tokens.token_type, "bearer");
    assert.equal(tokens.expires_in, 3600);
    assert.equal(tokens.scope, "read write");

    const refreshed = await oauth.refreshTokenGrant(config, tokens.refresh_token ?? "");
    assert.equal(refreshed.refresh_token, tokens.refresh_token);
    assert.notEqual(refreshed.access_token, tokens.access_token);
    const narrow = await oauth.refreshTokenGrant(config, tokens.refresh_token ?? "", {
      scope: "read",
    });
    assert.equal(narrow.scope, "read");

    const seen = await oauth.tokenIntrospection(config, tokens.access_token);
    assert.deepEqual(
      [seen.active, seen.sub, seen.client_id, seen.iss, seen.scope, seen.token_type],
      [true, user, app.app_id, service.url, "read write", "Bearer"],
    );
    assert.equal((seen.exp ?? 0) - (seen.iat ?? 0), 3600);

    await oauth.tokenRevocation(config, tokens.access_token);
    await oauth.tokenRevocation(config, tokens.access_token);
    await oauth.tokenRevocation(config, "nonsense");
    const dead = await oauth.tokenIntrospection(config, tokens.access_token);
    assert.deepEqual(dead, { active: false });
    assert.equal((await oauth.tokenIntrospection(config, narrow.access_token)).active, true);

    await oauth.tokenRevocation(config, tokens.refresh_token ?? "", {
      token_type_hint: "refresh_token",
    });
    for (const token of [refreshed.access_token, narrow.access_token, tokens.refresh_token ?? ""]) {
      assert.equal((await oauth.tokenIntrospection(config, token)).active, false);
    }
    const error = await refusal(oauth.refreshTokenGrant(config, tokens.refresh_token ?? ""));
    assert.deepEqual([error.status, error.error], [400, "invalid_grant"]);
  });

  test(`an_id_with_odd_characters_authenticates (${name})`, async () => {
    for (const odd of ["a-b.c_d~e", "a b+c", "a:b%2Dc", "ünï/&="]) {
      const app = await newClientApp(root, { app_id: `${odd}-${crypto.randomUUID()}` });
      const config = await discover(app, authentication?.(app.client_secret));
      const tokens = await connected(config, app, await newUser(root));
      assert.equal((await oauth.tokenIntrospection(config, tokens.access_token)).active, true);
    }
  });

  test(`a_wrong_secret_is_an_invalid_client (${name})`, async () => {
    const app = await newClientApp(root);
    const other = await newClientApp(root);
    for (const secret of [other.client_secret ?? "", "nonsense"]) {
      const config = await discover(app, authentication?.(secret), secret);
      const connection = await connect(root, await newUser(root), app.app_id);
      const { access_token } = await issue(root, connection.id);
      for (const call of [
        () => oauth.tokenIntrospection(config, access_token),
        () => oauth.tokenRevocation(config, access_token),
        () => oauth.refreshTokenGrant(config, access_token),
      ]) {
        // The client reports a challenge before it reads the body: only clients with Basic get one.
        await assert.rejects(call(), (error: unknown) =>
          authentication === undefined
            ? error instanceof oauth.ResponseBodyError && error.error === "invalid_client"
            : error instanceof oauth.WWWAuthenticateChallengeError && error.status === 401,
        );
      }
      assert.equal((await check(root, access_token)).status, "valid");
    }
  });
}

test("a_public_client_goes_all_the_way_and_its_refresh_token_rotates", async () => {
  const app = await newPublicApp(root);
  const config = await discover(app, oauth.None());
  const tokens = await connected(config, app, await newUser(root));
  const first = tokens.refresh_token ?? "";
  const rotated = await oauth.refreshTokenGrant(config, first);
  assert.ok(rotated.refresh_token);
  assert.notEqual(rotated.refresh_token, first);
  const again = await oauth.refreshTokenGrant(config, first);
  assert.equal(again.refresh_token, rotated.refresh_token, "within the grace");
  const next = await oauth.refreshTokenGrant(config, rotated.refresh_token);
  assert.equal((await check(root, next.access_token)).status, "valid");

  await oauth.tokenRevocation(config, next.refresh_token ?? "");
  for (const token of [tokens, rotated, next].map(({ access_token }) => access_token)) {
    assert.equal((await check(root, token)).status, "revoked");
  }
});

test("a_code_without_a_challenge_is_exchanged_without_a_verifier", async () => {
  const app = await newClientApp(root);
  const config = await discover(app);
  const { token } = await newCode(root, await newUser(root), app);
  const tokens = await oauth.authorizationCodeGrant(config, new URL(`${CALLBACK}?code=${token}`));
  assert.ok(tokens.refresh_token);
});

test("what_is_refused_is_told_in_oauths_words", async () => {
  const app = await newClientApp(root);
  const config = await discover(app);
  const user = await newUser(root);
  const grant = (url: string, verifier?: string): Promise<Tokens> =>
    oauth.authorizationCodeGrant(
      config,
      new URL(url),
      verifier === undefined ? {} : { pkceCodeVerifier: verifier },
    );
  const { token: used } = await newCode(root, user, app);
  const { access_token, refresh_token = "" } = await grant(`${CALLBACK}?code=${used}`);
  const { token: code } = await newCode(root, user, app);
  const cases: [() => Promise<unknown>, string][] = [
    [
      () => oauth.refreshTokenGrant(config, refresh_token, { scope: "everything" }),
      "invalid_scope",
    ],
    [() => oauth.refreshTokenGrant(config, access_token), "invalid_grant"],
    [() => grant(`${CALLBACK}?code=nonsense`), "invalid_grant"],
    [() => grant(`https://evil.example/?code=${code}`), "invalid_grant"],
    [() => grant(`${CALLBACK}?code=${code}`, oauth.randomPKCECodeVerifier()), "invalid_grant"],
    [() => oauth.clientCredentialsGrant(config), "unsupported_grant_type"],
    [() => oauth.genericGrantRequest(config, "password", {}), "unsupported_grant_type"],
  ];
  for (const [call, expected] of cases) {
    const error = await refusal(call());
    assert.deepEqual([error.status, error.error], [400, expected]);
    assert.ok(error.error_description);
  }
  const replayed = await refusal(grant(`${CALLBACK}?code=${used}`));
  assert.equal(replayed.error, "invalid_grant");
  assert.deepEqual(await oauth.tokenIntrospection(config, access_token), { active: false });
});

test("another_clients_token_is_not_revoked", async () => {
  const [app, other] = [await newClientApp(root), await newClientApp(root)];
  const tokens = await connected(await discover(app), app, await newUser(root));
  const error = await refusal(oauth.tokenRevocation(await discover(other), tokens.access_token));
  assert.deepEqual([error.status, error.error], [400, "invalid_grant"]);
  assert.equal((await check(root, tokens.access_token)).status, "valid");
});

// A certified OAuth client, unmodified, by the authorize endpoint.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import * as oauth from "openid-client";

import { check, newUser } from "../http/kit/actions.ts";
import { accept, Browser, LOGIN_URL } from "../http/kit/authorize.ts";
import { sent } from "../http/kit/link.ts";
import { CALLBACK, form, newClientApp, newPublicApp } from "../http/kit/oauth.ts";
import { serve } from "../http/kit/service.ts";

const RESOURCE = "https://mcp.example/mcp";

const service = await serve({ vars: { LOGIN_URL } });
after(() => service.stop());
const { root } = service;

for (const register of [newClientApp, newPublicApp]) {
  test(`a_client_goes_from_the_authorize_endpoint_to_revocation (${register.name})`, async () => {
    const user = await newUser(root);
    const app = await register(root);
    const authentication = app.client_secret === undefined ? oauth.None() : undefined;
    const config = await oauth.discovery(
      new URL(service.url),
      app.app_id,
      app.client_secret,
      authentication,
      { algorithm: "oauth2", execute: [oauth.allowInsecureRequests] },
    );
    const pkceCodeVerifier = oauth.randomPKCECodeVerifier();
    const expectedState = oauth.randomState();
    const url = oauth.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      code_challenge: await oauth.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
      scope: "read",
      resource: RESOURCE,
      state: expectedState,
    });
    assert.equal(url.href.split("?")[0], `${service.url}/oauth/authorize`);
    const browser = new Browser(root);
    const challenge = await browser.authorize(Object.fromEntries(url.searchParams));
    const page = await browser.open(await accept(root, challenge, user));
    const { to, query } = sent(await browser.press(page));
    const returned = new URL(`${to}?${form(query)}`);

    // The metadata promises `iss`, so an answer without it, or with another one, is refused.
    assert.equal(config.serverMetadata().authorization_response_iss_parameter_supported, true);
    const checks = { pkceCodeVerifier, expectedState };
    for (const iss of [undefined, "https://evil.example"]) {
      const mixedUp = new URL(returned);
      if (iss === undefined) mixedUp.searchParams.delete("iss");
      else mixedUp.searchParams.set("iss", iss);
      await assert.rejects(oauth.authorizationCodeGrant(config, mixedUp, checks));
    }
    const tokens = await oauth.authorizationCodeGrant(config, returned, checks);
    assert.equal(tokens.scope, "read");
    const refreshed = await oauth.refreshTokenGrant(config, tokens.refresh_token ?? "");
    if (app.client_secret !== undefined) {
      const seen = await oauth.tokenIntrospection(config, refreshed.access_token);
      assert.deepEqual([seen.active, seen.sub, seen["aud"]], [true, user, RESOURCE]);
    }
    await oauth.tokenRevocation(config, refreshed.refresh_token ?? "");
    for (const { access_token } of [tokens, refreshed]) {
      assert.equal((await check(root, access_token)).status, "revoked");
    }
  });
}

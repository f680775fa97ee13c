// An OAuth server on `@cloudflare/workers-oauth-provider`, whose state is in KV alone.
//
// `POST /bench/issue` creates grants with access tokens by the library's own token endpoint; `GET /api` needs an access token.

import { OAuthProvider } from "@cloudflare/workers-oauth-provider";

const REDIRECT_URI = "https://client.example/callback";

const app = {
  /**
   * @param {Request} request
   * @param {{ OAUTH_PROVIDER: import("@cloudflare/workers-oauth-provider").OAuthHelpers }} env
   */
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === "/bench/client") {
      return Response.json(
        await env.OAUTH_PROVIDER.createClient({
          redirectUris: [REDIRECT_URI],
          tokenEndpointAuthMethod: "client_secret_post",
        }),
      );
    }
    if (url.pathname === "/bench/code") {
      const { clientId, userId } = await request.json();
      const { redirectTo } = await env.OAUTH_PROVIDER.completeAuthorization({
        request: {
          responseType: "code",
          clientId,
          redirectUri: REDIRECT_URI,
          scope: [],
          state: "",
          resource: `${url.origin}/api`,
        },
        userId,
        metadata: {},
        scope: [],
        props: {},
        revokeExistingGrants: false,
      });
      return Response.json({ code: new URL(redirectTo).searchParams.get("code") });
    }
    return new Response(null, { status: 404 });
  },
};

const api = {
  /** @returns {Response} */
  fetch: () => Response.json({ active: true }),
};

/** The server of this origin, which its resource metadata names. @type {OAuthProvider | undefined} */
let provider;

export default {
  /**
   * @param {Request} request
   * @param {object} env
   * @param {ExecutionContext} context
   */
  fetch(request, env, context) {
    const { origin } = new URL(request.url);
    provider ??= new OAuthProvider({
      apiRoute: "/api",
      apiHandler: api,
      defaultHandler: app,
      authorizeEndpoint: "/authorize",
      tokenEndpoint: "/oauth/token",
      resourceMetadata: { resource: `${origin}/api`, authorization_servers: [origin] },
    });
    return provider.fetch(request, env, context);
  },
};

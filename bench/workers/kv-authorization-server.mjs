// An authorization server on `@cloudflare/workers-oauth-provider`, whose state is in KV alone, with `validateToken` over RPC.
//
// With KV_CACHE_SECONDS, this isolate stands for another location of Cloudflare: there, KV keeps what was read for that long.

import { env, WorkerEntrypoint } from "cloudflare:workers";
import { OAuthAuthorizationServer } from "@cloudflare/workers-oauth-provider";

const REDIRECT_URI = "https://client.example/callback";

const server = new OAuthAuthorizationServer({
  issuer: env.ISSUER,
  resources: [env.RESOURCE],
  authorizeEndpoint: "/authorize",
  tokenEndpoint: "/oauth/token",
});

/** Values that were read, by key, and the time until which each is kept. @type {Map<string, { value: Promise<unknown>, until: number }>} */
const kept = new Map();

/**
 * KV as another location sees it: a value that was read, also that there is none, is read again after a while.
 * @param {{ get: (key: string, options?: unknown) => Promise<unknown> }} kv
 * @param {number} seconds
 */
const cached = (kv, seconds) =>
  new Proxy(kv, {
    get(target, name) {
      const method = Reflect.get(target, name, target);
      if (name !== "get") return typeof method === "function" ? method.bind(target) : method;
      return (/** @type {string} */ key, /** @type {unknown} */ options) => {
        const known = kept.get(key);
        if (known !== undefined && Date.now() < known.until) return known.value;
        const value = target.get(key, options);
        kept.set(key, { value, until: Date.now() + seconds * 1_000 });
        return value;
      };
    },
  });

export default class extends WorkerEntrypoint {
  /** @param {Request} request */
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const oauth = server.getOAuthApi(this.env);
    if (pathname === "/bench/client") {
      const client = {
        redirectUris: [REDIRECT_URI],
        tokenEndpointAuthMethod: "client_secret_post",
      };
      return Response.json(await oauth.createClient(client));
    }
    if (pathname === "/bench/code") {
      const { clientId, userId } = await request.json();
      const { redirectTo } = await oauth.completeAuthorization({
        request: {
          responseType: "code",
          clientId,
          redirectUri: REDIRECT_URI,
          scope: [],
          state: "",
          resource: env.RESOURCE,
        },
        userId,
        metadata: {},
        scope: [],
        props: {},
        revokeExistingGrants: false,
      });
      return Response.json({ code: new URL(redirectTo).searchParams.get("code") });
    }
    return server.fetch(request, this.env, this.ctx);
  }

  /**
   * @param {string} resource
   * @param {string} token
   */
  validateToken(resource, token) {
    const seconds = Number(env.KV_CACHE_SECONDS ?? "0");
    const OAUTH_KV = seconds > 0 ? cached(this.env.OAUTH_KV, seconds) : this.env.OAUTH_KV;
    return server.validateToken(resource, token, { ...this.env, OAUTH_KV });
  }
}

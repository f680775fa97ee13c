// A resource server that is the same for every authorization server: only the service binding AUTH differs.

import { env } from "cloudflare:workers";
import { OAuthResourceServer } from "@cloudflare/workers-oauth-provider";

export default new OAuthResourceServer({
  resourceMetadata: { resource: env.RESOURCE, authorization_servers: [env.ISSUER] },
  validateToken: (env) => env.AUTH.validateToken,
  handler: { fetch: () => new Response("passed") },
});

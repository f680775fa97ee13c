// An MCP server whose tools need an access token of Hookswitch.
//
// `OAuthResourceServer` serves the metadata of RFC 9728, challenges clients without a token, and validates each token by
// one call of the entrypoint `Tokens`. The tools see who calls.

import { env } from "cloudflare:workers";
import { insufficientScope, OAuthResourceServer } from "@cloudflare/workers-oauth-provider";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";

/** The scope that every call needs. */
const SCOPE = "read";

/** A server for one request: it keeps no sessions. */
function createServer(auth) {
  const server = new McpServer({ name: "notes", version: "1.0.0" });
  server.registerTool(
    "whoami",
    { description: "Returns the user who connected this app." },
    () => ({
      content: [{ type: "text", text: auth.userId }],
    }),
  );
  return server;
}

export default new OAuthResourceServer({
  resourceMetadata: {
    resource: env.RESOURCE,
    authorization_servers: [env.AUTHORIZATION_SERVER],
  },
  requiredScopes: [SCOPE],
  validateToken: (env) => env.TOKENS.validateToken,
  handler: {
    async fetch(request, _env, { auth }) {
      if (!auth.scope.includes(SCOPE)) return insufficientScope(auth, [SCOPE]);
      const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
      await createServer(auth).connect(transport);
      return transport.handleRequest(request);
    },
  },
});

// Resource servers in other Workers, which validate tokens over RPC.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { exampleWorker, freePort } from "../support/examples.ts";
import { revoke } from "./kit/actions.ts";
import { Client, newClientApp } from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";

const AUTHORIZATION_SERVER = "https://auth.example";

/** The example resource servers, each at its own address: plain, and by `OAuthResourceServer`. */
const SERVERS = await Promise.all(
  [
    { example: "resource-server", path: "/notes" },
    { example: "mcp-server", path: "/mcp" },
  ].map(async ({ example, path }) => {
    const port = await freePort();
    const resource = `http://127.0.0.1:${port}${path}`;
    const vars = { RESOURCE: resource, AUTHORIZATION_SERVER };
    return { example, path, resource, worker: await exampleWorker(example, { port, vars }) };
  }),
);

const service = await serve({ beside: SERVERS.map(({ worker }) => worker) });
after(() => service.stop());
const { root } = service;

/** An access token for a resource. */
async function newToken(resource: string | undefined, scope = "read"): Promise<string> {
  const client = new Client(root, await newClientApp(root));
  const { body } = await client.post("token", {
    grant_type: "client_credentials",
    scope,
    resource,
  });
  return body.access_token;
}

/** Calls a resource server; of an MCP server, the tool `whoami`. */
async function call(resource: string, token?: string): Promise<Response> {
  const headers = {
    accept: "application/json, text/event-stream",
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const message = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "whoami" } };
  const isMcp = resource.endsWith("/mcp");
  return fetch(
    resource,
    isMcp ? { method: "POST", headers, body: JSON.stringify(message) } : { headers },
  );
}

/** The parameters of a challenge. */
function challenge(response: Response): Record<string, string> {
  const header = response.headers.get("www-authenticate") ?? "";
  assert.match(header, /^Bearer /);
  const parameters = [...header.matchAll(/(\w+)="([^"]*)"/g)];
  return Object.fromEntries(parameters.map(([, name = "", value = ""]) => [name, value]));
}

for (const { example, path, resource } of SERVERS) {
  test(`a_client_without_a_token_learns_where_to_get_one (${example})`, async () => {
    const refused = await call(resource);
    assert.equal(refused.status, 401);
    const { resource_metadata = "", scope, error } = challenge(refused);
    const expected = new URL(`/.well-known/oauth-protected-resource${path}`, resource).href;
    assert.deepEqual([resource_metadata, scope, error], [expected, "read", undefined]);
    const metadata = (await (await fetch(resource_metadata)).json()) as object;
    assert.deepEqual(metadata, {
      resource,
      authorization_servers: [AUTHORIZATION_SERVER],
      scopes_supported: ["read"],
      bearer_methods_supported: ["header"],
    });
  });

  test(`a_revoked_token_is_refused_by_the_next_request (${example})`, async () => {
    const token = await newToken(resource);
    for (let round = 0; round < 3; round += 1) {
      const answered = await call(resource, token);
      assert.equal(answered.status, 200);
      assert.match(await answered.text(), /app:app-/);
    }
    await revoke(root, token);
    const refused = await call(resource, token);
    assert.deepEqual([refused.status, challenge(refused)["error"]], [401, "invalid_token"]);
  });

  test(`a_token_for_another_resource_or_none_is_refused (${example})`, async () => {
    for (const other of [`${resource}/other`, new URL("/", resource).href, undefined]) {
      const refused = await call(resource, await newToken(other));
      assert.deepEqual([refused.status, challenge(refused)["error"]], [401, "invalid_token"]);
    }
    for (const wrong of ["nonsense", "hat_0123"])
      assert.equal((await call(resource, wrong)).status, 401);
  });

  test(`a_token_without_the_scope_is_refused (${example})`, async () => {
    const refused = await call(resource, await newToken(resource, "write"));
    assert.deepEqual([refused.status, challenge(refused)["error"]], [403, "insufficient_scope"]);
  });

  test(`without_a_verdict_nothing_passes (${example})`, async () => {
    const token = await newToken(resource);
    await service.setFailingSql("FROM tokens");
    try {
      assert.equal((await call(resource, token)).status, 503);
    } finally {
      await service.setFailingSql("");
    }
    assert.equal((await call(resource, token)).status, 200);
    assert.ok(
      service.logs().some((line) => /"method":"RPC".*"route":"validateToken".*503/.test(line)),
    );
  });
}

// The client of the Model Context Protocol's SDK, unmodified, against the example MCP server: from 401 to a tool call, and
// to the end of its connection.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import {
  UnauthorizedError,
  type OAuthClientProvider,
} from "@modelcontextprotocol/sdk/client/auth.js";
import { Client as McpClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from "@modelcontextprotocol/sdk/shared/auth.js";

import { exampleWorker, freePort } from "../support/examples.ts";
import { check, newUser, revoke } from "./kit/actions.ts";
import { accept, Browser, LOGIN_URL } from "./kit/authorize.ts";
import { sent } from "./kit/link.ts";
import { CALLBACK, Client, newPublicApp } from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import type { App } from "./kit/shapes.ts";

const [port, hookswitchPort] = [await freePort(), await freePort()];
const RESOURCE = `http://127.0.0.1:${port}/mcp`;
const vars = { RESOURCE, AUTHORIZATION_SERVER: `http://127.0.0.1:${hookswitchPort}` };
const service = await serve({
  vars: { LOGIN_URL },
  port: hookswitchPort,
  beside: [await exampleWorker("mcp-server", { port, vars })],
});
after(() => service.stop());
const { root } = service;

/** A host of MCP, with its state for one server: a registered app, tokens, and the addresses that the user was sent to. */
class Host implements OAuthClientProvider {
  readonly redirectUrl = CALLBACK;
  readonly clientMetadata: OAuthClientMetadata = { redirect_uris: [CALLBACK] };
  readonly #app: App;
  /** The tokens that were saved, newest last. */
  readonly saved: OAuthTokens[] = [];
  /** The addresses that the user was sent to. */
  readonly sentTo: URL[] = [];
  #verifier = "";
  #isForgotten = false;

  constructor(app: App) {
    this.#app = app;
  }

  state(): string {
    return "state-of-the-host";
  }

  clientInformation(): OAuthClientInformationMixed {
    return { client_id: this.#app.app_id, issuer: service.url };
  }

  tokens(): OAuthTokens | undefined {
    return this.#isForgotten ? undefined : this.saved.at(-1);
  }

  saveTokens(tokens: OAuthTokens): void {
    this.#isForgotten = false;
    this.saved.push(tokens);
  }

  redirectToAuthorization(url: URL): void {
    this.sentTo.push(url);
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  invalidateCredentials(scope: string): void {
    if (scope === "tokens" || scope === "all") this.#isForgotten = true;
  }
}

function newTransport(host: Host): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(new URL(RESOURCE), { authProvider: host });
}

async function connected(transport: StreamableHTTPClientTransport): Promise<McpClient> {
  const client = new McpClient({ name: "host", version: "1.0.0" });
  await client.connect(transport);
  return client;
}

/** The user goes where the host sends them: signs in, consents, and returns with a code. */
async function authorize(url: URL, user: string): Promise<string> {
  assert.equal(url.origin, service.url);
  const browser = new Browser(root);
  const challenge = await browser.authorize(Object.fromEntries(url.searchParams));
  const page = await browser.open(await accept(root, challenge, user));
  // A user who has agreed to the same before is not asked again.
  const { query } = sent(page.status === 200 ? await browser.press(page) : page);
  assert.deepEqual([query["state"], query["iss"]], ["state-of-the-host", service.url]);
  return query["code"] ?? "";
}

async function whoami(client: McpClient): Promise<string> {
  const { content } = await client.callTool({ name: "whoami" });
  return (content as { text: string }[])[0]?.text ?? "";
}

/** A host whose user has connected it. */
async function installed(app: App, user: string): Promise<{ host: Host; client: McpClient }> {
  const host = new Host(app);
  const first = newTransport(host);
  await assert.rejects(connected(first), UnauthorizedError);
  const [url] = host.sentTo;
  assert.ok(url !== undefined);
  assert.equal(url.searchParams.get("resource"), RESOURCE);
  assert.equal(url.searchParams.get("scope"), "read");
  assert.equal(url.searchParams.get("code_challenge_method"), "S256");
  await first.finishAuth(await authorize(url, user));
  return { host, client: await connected(newTransport(host)) };
}

test("a_host_goes_from_401_to_a_tool_call_and_refreshes_and_ends", async () => {
  const user = await newUser(root);
  const { host, client } = await installed(await newPublicApp(root), user);
  const { tools } = await client.listTools();
  assert.deepEqual(
    tools.map(({ name }) => name),
    ["whoami"],
  );
  assert.equal(await whoami(client), user);
  assert.equal(host.saved.length, 1);

  // A dead access token is refreshed, and the refresh token of a public client rotates.
  const [first] = host.saved;
  await revoke(root, first?.access_token ?? "");
  assert.equal(await whoami(client), user);
  const second = host.saved.at(-1);
  assert.equal(host.saved.length, 2);
  assert.notEqual(second?.refresh_token, first?.refresh_token);

  // Once the connection is revoked, nothing is left to refresh: the user is asked again.
  const { connection_id } = await check(root, second?.access_token ?? "");
  await root.post(`/v1/connections/${connection_id}/revoke`, {});
  await assert.rejects(whoami(client), UnauthorizedError);
  assert.deepEqual([host.saved.length, host.sentTo.length], [2, 2]);
  await client.close();
});

test("revoking_one_installation_of_a_host_leaves_the_others_alone", async () => {
  const user = await newUser(root);
  const app = await newPublicApp(root);
  const laptop = await installed(app, user);
  const telephone = await installed(app, user);
  // The host signs out on the laptop (RFC 7009).
  await new Client(root, app).revoke(laptop.host.saved.at(-1)?.refresh_token ?? "");
  await assert.rejects(whoami(laptop.client), UnauthorizedError);
  assert.equal(await whoami(telephone.client), user);
  assert.equal(telephone.host.saved.length, 1);
  await Promise.all([laptop.client.close(), telephone.client.close()]);
});

test("a_token_of_another_mcp_server_is_not_accepted", async () => {
  const app = await newPublicApp(root);
  const browser = new Browser(root);
  const { host } = await installed(app, await newUser(root));
  const [url] = host.sentTo;
  const elsewhere = Object.fromEntries(url?.searchParams ?? []);
  elsewhere["resource"] = "https://mcp.example/mcp";
  const challenge = await browser.authorize(elsewhere);
  const page = await browser.open(await accept(root, challenge, await newUser(root)));
  const { query } = sent(await browser.press(page));
  const { body } = await new Client(root, app).exchange(query["code"] ?? "", {
    redirect_uri: CALLBACK,
    code_verifier: host.codeVerifier(),
  });
  const headers = { authorization: `Bearer ${body.access_token}` };
  assert.equal((await fetch(RESOURCE, { headers })).status, 401);
});

// The conformance suite of the Model Context Protocol, unmodified, for authorization servers.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { after, test } from "node:test";

import { freePort } from "../support/examples.ts";
import { root as project } from "../support/config.ts";
import { newUser } from "../http/kit/actions.ts";
import { accept, Browser, LOGIN_URL } from "../http/kit/authorize.ts";
import { newPublicApp } from "../http/kit/oauth.ts";
import { serve } from "../http/kit/service.ts";

const SUITE = path.join(project, "node_modules/@modelcontextprotocol/conformance/dist/index.js");

const service = await serve({ vars: { LOGIN_URL } });
after(() => service.stop());
const { root } = service;

/** The person whom the suite asks for: opens its address, signs in, consents, and follows the way back. */
async function authenticate(url: string): Promise<void> {
  const browser = new Browser(root);
  const challenge = await browser.authorize(Object.fromEntries(new URL(url).searchParams));
  const page = await browser.open(await accept(root, challenge, await newUser(root)));
  const answer = page.status === 200 ? await browser.press(page) : page;
  const response = await fetch(answer.headers.get("location") ?? "");
  await response.text();
}

/** Runs the suite and returns its output. */
function run(args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [SUITE, "authorization", ...args]);
  let output = "";
  let seen = 0;
  const read = (chunk: Buffer): void => {
    output += chunk.toString();
    const asked = output.indexOf(`${service.url}/oauth/authorize?`, seen);
    const end = output.indexOf("\n", asked);
    if (asked < 0 || end < 0) return;
    seen = end;
    authenticate(output.slice(asked, end).trim()).catch((error: unknown) => {
      output += String(error);
      child.kill();
    });
  };
  child.stdout.on("data", read);
  child.stderr.on("data", read);
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}

// With `none` in the metadata, the suite sends no client secret, even if it has one: only public clients can pass.
test("the_conformance_suite_passes", async (context) => {
  const port = await freePort();
  const redirect_uris = [`http://127.0.0.1:${port}/callback`];
  const app = await newPublicApp(root, { redirect_uris });
  const { code, output } = await run([
    ...["--url", service.url, "--client-id", app.app_id, "--port", String(port)],
    ...["--resource", "https://mcp.example/mcp"],
  ]);
  context.diagnostic(output);
  assert.equal(code, 0, output);
  assert.match(output, /Total: 2 passed, 0 failed/);
});

// The package in a real Chromium: through the bundlers, and with none.

import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import type { Browser } from "playwright-core";
import { build, createServer } from "vite";
import webpack from "webpack";

import { launch, Watch } from "../pages/kit/browser.ts";
import { expected, PROBE_FILE, VECTORS_FILE } from "./kit/answers.ts";
import { Consumer } from "./kit/installed.ts";
import { Site, STRICT, type Manner } from "./kit/site.ts";

/** Asks the package, and shows the element, which defines itself. */
const MAIN = `
  import { probe } from "./probe.js";
  import "hookswitch/element";
  const element = document.createElement("hookswitch-status");
  document.body.append(element);
  const vectors = await (await fetch("./page.json")).json();
  globalThis.said = { ...probe(vectors), shown: element.shadowRoot !== null };
`;
const PAGE = `<!doctype html><html lang="en"><title>A site</title><body>
  <script type="module" src="./main.js"></script></body></html>`;

let consumer: Consumer;
let browser: Browser;

before(async () => {
  [consumer, browser] = await Promise.all([Consumer.create(), launch()]);
});
after(async () => {
  await browser?.close();
  consumer?.remove();
});

/** A site's sources, in a folder of the consumer's. */
function sources(name: string): string {
  consumer.write(`${name}/main.js`, MAIN);
  consumer.write(`${name}/index.html`, PAGE);
  consumer.copy(PROBE_FILE, `${name}/probe.js`);
  consumer.copy(VECTORS_FILE, `${name}/public/page.json`);
  // A browser asks for an icon by itself.
  consumer.write(`${name}/public/favicon.ico`, "");
  return consumer.path(name);
}

/** Opens a page, which may speak to its own site and to the others, and reads the output of the package in it. */
async function open(url: string, ...others: string[]): Promise<unknown> {
  const context = await browser.newContext();
  const watch = new Watch(context, [url, ...others]);
  try {
    const page = await context.newPage();
    await page.goto(url);
    const ready = await page
      .waitForFunction(() => "said" in globalThis, undefined, { timeout: 20_000 })
      .catch((error: unknown) => {
        throw new Error(watch.errors.join("\n"), { cause: error });
      });
    await ready.dispose();
    const said = await page.evaluate(() => (globalThis as unknown as { said: unknown }).said);
    assert.deepEqual([watch.errors, watch.strangers], [[], []]);
    return said;
  } finally {
    await context.close();
  }
}

/** Serves what was built and opens it. */
async function openSite(folder: string, manner: Manner = {}): Promise<unknown> {
  const site = await Site.of(folder, manner);
  try {
    return await open(site.url);
  } finally {
    site.close();
  }
}

const right = { ...expected, shown: true };

test("vite_builds_a_page_with_it", async () => {
  const root = sources("vite");
  await build({ root, configFile: false, logLevel: "error" });
  assert.deepEqual(await openSite(path.join(root, "dist")), right);
});

test("vite_serves_a_page_with_it_while_it_is_written", async () => {
  const root = sources("vite-dev");
  const server = await createServer({
    root,
    configFile: false,
    logLevel: "error",
    server: { host: "127.0.0.1", port: 0 },
  });
  try {
    await server.listen();
    const url = server.resolvedUrls?.local[0];
    assert.ok(url);
    assert.deepEqual(await open(new URL(url).origin), right);
  } finally {
    await server.close();
  }
});

test("webpack_builds_a_page_with_it", async () => {
  const root = sources("webpack");
  const compiler = webpack({
    mode: "production",
    context: root,
    entry: "./main.js",
    output: { path: path.join(root, "dist"), filename: "main.js" },
  });
  const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
    compiler?.run((error, done) => (error ? reject(error) : resolve(done)));
  });
  await new Promise((resolve) => compiler?.close(resolve));
  assert.equal(stats?.hasErrors(), false, stats?.toString());
  cpSync(path.join(root, "index.html"), path.join(root, "dist", "index.html"));
  cpSync(path.join(root, "public"), path.join(root, "dist"), { recursive: true });
  assert.deepEqual(await openSite(path.join(root, "dist")), right);
});

/**
 * A site of static files. No bundler, and an import map would have to be inline: its programs name the files of the
 * package by their address.
 */
function plainSite(name: string, address: string): string {
  const root = sources(name);
  cpSync(path.join(root, "public"), root, { recursive: true });
  for (const program of ["main.js", "probe.js"]) {
    const file = path.join(root, program);
    const named = readFileSync(file, "utf8")
      .replaceAll('"hookswitch"', `"${address}/index.js"`)
      .replaceAll('"hookswitch/element"', `"${address}/element.js"`);
    writeFileSync(file, named);
  }
  return root;
}

/** A site of static files with the package's own among them. */
function plainSiteWithAll(name: string): string {
  const root = plainSite(name, "./hookswitch");
  cpSync(consumer.installed, path.join(root, "hookswitch"), { recursive: true });
  return root;
}

test("a_page_with_no_bundler_loads_it_under_a_strict_policy", async () => {
  assert.deepEqual(await openSite(plainSiteWithAll("plain")), right);
});

test("a_server_that_does_not_know_wasm_will_do", async () => {
  const types = { ".wasm": "application/octet-stream" };
  assert.deepEqual(await openSite(plainSiteWithAll("untyped"), { types }), right);
});

test("a_page_of_another_site_loads_it_from_a_deployment", async () => {
  const headers = { "access-control-allow-origin": "*" };
  const deployment = await Site.of(consumer.installed, { headers });
  const root = plainSite("guest", deployment.url);
  const policy = STRICT.replaceAll("'self'", `'self' ${deployment.url}`);
  const site = await Site.of(root, { headers: { "content-security-policy": policy } });
  try {
    assert.deepEqual(await open(site.url, deployment.url), right);
  } finally {
    site.close();
    deployment.close();
  }
});

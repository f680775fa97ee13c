// `npm run bench -- revocation`: how many checks still pass after a revocation was answered.
//
//     npm run bench -- revocation --count 1000
//
// A token is issued and used at a resource server, then revoked at the authorization server's isolate A, and as soon as the
// revocation is answered, used again. The resource server asks isolate B of the authorization server, over RPC: another
// Worker of the same code, with a memory of its own, on the same ledgers or the same KV.
//
// Miniflare's KV is one database without a cache, so it cannot be stale. Cloudflare's keeps what a location has read for
// `cacheTtl`, 60 seconds by default. The target `kv-cached` adds that cache to isolate B.

import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Miniflare } from "miniflare";
import { bundled, freePort } from "../tests/support/examples.ts";
import { config } from "../tests/support/config.ts";
import { otherIsolate, WORKER_NAME } from "../tests/support/miniflare-options.ts";
import { startWorker } from "../tests/support/worker.ts";
import { inParallel, send, type Call } from "./load.ts";
import { table } from "./report.ts";

const LANES = 4;
const REDIRECT_URI = "https://client.example/callback";
/** Cloudflare's default `cacheTtl` of KV. */
const KV_CACHE_SECONDS = 60;
const LEASE_SECONDS = 10;

const { values: options } = parseArgs({
  options: { count: { type: "string", default: "1000" } },
  allowPositionals: true,
});
const count = Number(options.count);

/** An authorization server and a resource server. */
interface Target {
  /** The address of the resource server. */
  resource: string;
  issue: () => Promise<string>;
  /** Revokes a token at isolate A. */
  revoke: (token: string) => Promise<void>;
  stop: () => Promise<void>;
}

interface Row {
  name: string;
  /** For how many seconds a check may pass, according to the documentation. */
  bound: number;
  start: () => Promise<Target>;
}

const ROWS: Row[] = [
  { name: "Hookswitch", bound: 0, start: () => startHookswitch({}) },
  {
    name: `Hookswitch, \`LEASE_SECONDS = "${LEASE_SECONDS}"\``,
    bound: LEASE_SECONDS,
    start: () => startHookswitch({ LEASE_SECONDS: String(LEASE_SECONDS) }),
  },
  {
    name: "workers-oauth-provider, KV without a cache",
    bound: 0,
    start: () => startOauthProvider(0),
  },
  {
    name: `workers-oauth-provider, KV that caches for ${KV_CACHE_SECONDS} s`,
    bound: KV_CACHE_SECONDS,
    start: () => startOauthProvider(KV_CACHE_SECONDS),
  },
];

const bundle = (name: string): Promise<string> =>
  bundled(fileURLToPath(new URL(`workers/${name}.mjs`, import.meta.url)));

async function resourceServer(
  auth: object,
  { port, resource }: { port: number; resource: string },
): Promise<{ name: string } & Record<string, unknown>> {
  return {
    name: "resource-server",
    modules: [{ type: "ESModule", path: "index.mjs", contents: await bundle("resource-server") }],
    compatibilityDate: config.compatibility_date,
    bindings: { RESOURCE: resource, ISSUER: "https://auth.example" },
    serviceBindings: { AUTH: auth },
    unsafeDirectSockets: [{ host: "127.0.0.1", port }],
  };
}

async function newResource(): Promise<{ port: number; resource: string }> {
  const port = await freePort();
  return { port, resource: `http://127.0.0.1:${port}/api` };
}

/** A call that must succeed. */
async function read(url: string, call: Call): Promise<Record<string, string>> {
  const { status, text } = await send(url, call);
  if (status >= 300) throw new Error(`${call.path} answered ${status}: ${text}`);
  return JSON.parse(text === "" ? "{}" : text) as Record<string, string>;
}

const json = (method: "POST" | "PUT", path: string, body: object, key = ""): Call => ({
  method,
  path,
  headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
  body: JSON.stringify(body),
});

const form = (path: string, body: Record<string, string>): Call => ({
  method: "POST",
  path,
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams(body).toString(),
});

async function startHookswitch(more: Record<string, string>): Promise<Target> {
  const place = await newResource();
  const vars = {
    ...config.vars,
    HOOKSWITCH_SECRET: randomBytes(32).toString("base64"),
    HOOKSWITCH_ROOT_KEY: `root_${randomBytes(32).toString("base64url")}`,
    ...more,
  };
  const worker = await startWorker({
    assets: false,
    faults: false,
    vars,
    rateLimit: "none",
    beside: [
      otherIsolate("isolate-b", vars),
      await resourceServer({ name: "isolate-b", entrypoint: "Tokens" }, place),
    ],
  });
  const app = { name: "Bench", scopes: ["read"], client_type: "confidential" };
  const { client_secret = "" } = await read(
    worker.url,
    json("PUT", "/v1/apps/bench", app, worker.rootKey),
  );
  const client = { client_id: "bench", client_secret };
  const grant = { grant_type: "client_credentials", resource: place.resource, ...client };
  return {
    resource: place.resource,
    issue: async () => (await read(worker.url, form("/oauth/token", grant))).access_token ?? "",
    revoke: async (token) => {
      await read(worker.url, form("/oauth/revoke", { token, ...client }));
    },
    stop: () => worker.stop(),
  };
}

async function startOauthProvider(cacheSeconds: number): Promise<Target> {
  const place = await newResource();
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const isolate = async (name: string, more: object): Promise<Record<string, unknown>> => ({
    name,
    modules: [
      { type: "ESModule", path: "index.mjs", contents: await bundle("kv-authorization-server") },
    ],
    compatibilityDate: config.compatibility_date,
    kvNamespaces: { OAUTH_KV: "oauth" },
    bindings: { ISSUER: issuer, RESOURCE: place.resource, ...more },
  });
  const miniflare = new Miniflare({
    cf: false,
    telemetry: { enabled: false },
    workers: [
      {
        ...(await isolate(WORKER_NAME, {})),
        unsafeDirectSockets: [{ host: "127.0.0.1", port }],
      } as never,
      (await isolate("isolate-b", { KV_CACHE_SECONDS: String(cacheSeconds) })) as never,
      (await resourceServer("isolate-b" as unknown as object, place)) as never,
    ],
  });
  await miniflare.ready;
  const client = await read(issuer, json("POST", "/bench/client", {}));
  const credentials = {
    client_id: client["clientId"] ?? "",
    client_secret: client["clientSecret"] ?? "",
  };
  return {
    resource: place.resource,
    issue: async () => {
      const order = {
        clientId: credentials.client_id,
        userId: `user-${randomBytes(4).toString("hex")}`,
      };
      const { code = "" } = await read(issuer, json("POST", "/bench/code", order));
      const grant = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI };
      const issued = await read(issuer, form("/oauth/token", { ...grant, ...credentials }));
      return issued.access_token ?? "";
    },
    revoke: async (token) => {
      const hint = { token_type_hint: "access_token" };
      await read(issuer, form("/oauth/token", { token, ...hint, ...credentials }));
    },
    stop: () => miniflare.dispose(),
  };
}

/** Whether the resource server lets a token pass. */
async function passes(resource: string, token: string): Promise<boolean> {
  const response = await fetch(resource, { headers: { authorization: `Bearer ${token}` } });
  await response.text();
  if (response.status !== 200 && response.status !== 401) {
    throw new Error(`the resource server answered ${response.status}`);
  }
  return response.status === 200;
}

async function measure({ name, bound, start }: Row): Promise<Record<string, string>> {
  const target = await start();
  try {
    const stale: string[] = [];
    await inParallel(Array.from({ length: count }), LANES, async () => {
      const token = await target.issue();
      if (!(await passes(target.resource, token))) throw new Error("a live token does not pass");
      await target.revoke(token);
      if (await passes(target.resource, token)) stale.push(token);
    });
    // The tokens that still pass once the documented bound is over.
    if (stale.length > 0) await new Promise((resolve) => setTimeout(resolve, bound * 1_000 + 500));
    const after = await inParallel(stale, LANES, (token) => passes(target.resource, token));
    const row = {
      Target: name,
      "Revoked tokens that pass": `${stale.length} of ${count}`,
      "Documented bound": `${bound} s`,
      "Pass after the bound": String(after.filter(Boolean).length),
    };
    console.log(`${name}: ${stale.length} of ${count} pass`);
    return row;
  } finally {
    await target.stop();
  }
}

const rows: Record<string, string>[] = [];
for (const row of ROWS) rows.push(await measure(row));
console.log(`\nMeasured on ${new Date().toISOString().slice(0, 10)}.\n\n${table(rows)}`);

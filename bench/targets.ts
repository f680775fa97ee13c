// The targets to measure: each is started on a port of its own, with its data in memory if there is room.

import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { config } from "../tests/support/config.ts";
import { startWorker } from "../tests/support/worker.ts";
import type { Call } from "./load.ts";
import { nativeRoutes, type Route } from "./native.ts";
import { oauthProviderRoutes } from "./oauth-provider.ts";
import { startOidcProvider } from "./oidc-provider.ts";

export interface Target {
  url: string;
  routes: readonly Route[];
  stop: () => Promise<void>;
}

const ROOT_KEY = "root-key-of-the-benchmark-0123456789";
const MEMORY = "/dev/shm";
/** Room for the data of a run, in bytes. */
const ROOM = 512 * 1024 * 1024;

export const TARGETS: Readonly<Record<string, () => Promise<Target>>> = {
  hookswitch: startHookswitch,
  twin: startTwin,
  empty: startEmpty,
  "workers-oauth-provider": startOauthProvider,
  "oidc-provider": startOidcProvider,
};

async function startHookswitch(): Promise<Target> {
  const persist = newFolder();
  const worker = await startWorker({ assets: false, faults: false, persist, rateLimit: "none" });
  return {
    url: worker.url,
    routes: await nativeRoutes(worker.url, worker.rootKey),
    stop: async () => {
      await worker.stop();
      rmSync(persist, { recursive: true, force: true });
    },
  };
}

async function startTwin(): Promise<Target> {
  const { url, stop } = await startModule("twin", {
    bindings: { SECRET: "secret-of-the-benchmark", ROOT_KEY },
    kvNamespaces: ["TOKENS"],
    durableObjects: { LEDGER: { className: "Ledger", useSQLite: true } },
  });
  return { url, routes: await nativeRoutes(url, ROOT_KEY), stop };
}

async function startEmpty(): Promise<Target> {
  const { url, stop } = await startModule("empty", {});
  const call: Call = { method: "GET", path: "/", headers: {} };
  const prepare = async (count: number): Promise<Call[]> =>
    Array.from({ length: count }, () => call);
  return { url, routes: [{ name: "nothing", twin: "check forged", status: 200, prepare }], stop };
}

async function startOauthProvider(): Promise<Target> {
  const { url, stop } = await startModule("oauth-provider", { kvNamespaces: ["OAUTH_KV"] });
  return { url, routes: await oauthProviderRoutes(url), stop };
}

/** Serves a module of `bench/workers` on a socket straight into workerd. */
async function startModule(
  name: string,
  options: Record<string, unknown>,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const persist = newFolder();
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL(`workers/${name}.mjs`, import.meta.url))],
    bundle: true,
    format: "esm",
    external: ["cloudflare:*"],
    write: false,
  });
  const miniflare = new Miniflare({
    cf: false,
    telemetry: { enabled: false },
    name,
    modules: [{ type: "ESModule", path: "index.mjs", contents: bundle.outputFiles[0]?.text ?? "" }],
    compatibilityDate: config.compatibility_date,
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    kvPersist: path.join(persist, "kv"),
    durableObjectsPersist: path.join(persist, "do"),
    ...options,
  });
  await miniflare.ready;
  const { origin } = await miniflare.unsafeGetDirectURL();
  return {
    url: origin,
    stop: async () => {
      await miniflare.dispose();
      rmSync(persist, { recursive: true, force: true });
    },
  };
}

/** A new folder: in memory if there is room, because otherwise the disk is measured. */
export function newFolder(): string {
  return mkdtempSync(path.join(hasRoom() ? MEMORY : os.tmpdir(), "hookswitch-bench-"));
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ROOM;
  } catch {
    return false;
  }
}

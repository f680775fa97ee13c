// Turns `wrangler.toml` and a built Worker into miniflare's options.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { NoOpLog, type MiniflareOptions } from "miniflare";
import { assetsOptions } from "./assets.ts";
import { config } from "./config.ts";

export interface Setting {
  /** The folder of `index.js` and, where there is one, `index_bg.wasm`. */
  build: string;
  /** Where KV and the ledgers are kept. */
  persistPath: string;
  /** The port to listen on; 0 lets the system choose. */
  port: number;
  vars: Record<string, string>;
  /** The limit of requests; without it, the Worker has no rate limit binding. */
  rateLimit: { limit: number; period: 10 | 60 } | undefined;
  /** Whether `entry.mjs` stands in front of the Worker. */
  faults: boolean;
  /** Whether the static files are served in front of it. */
  assets: boolean;
  /** Put into workerd's environment, so that its process can be distinguished from others. */
  tag: Record<string, string>;
  onLog: (line: string) => void;
}

const HOST = "127.0.0.1";
const ENTRY = fileURLToPath(new URL("entry.mjs", import.meta.url));

export function miniflareOptions(setting: Setting): MiniflareOptions {
  return {
    name: "hookswitch",
    host: HOST,
    port: 0,
    log: new NoOpLog(),
    telemetry: { enabled: false },
    cf: false,
    structuredWorkerdLogs: true,
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
      collectLines(stdout, setting.onLog);
      collectLines(stderr, setting.onLog);
    },
    unsafeRuntimeEnv: setting.tag,

    ...modules(setting),
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags ?? [],
    bindings: setting.vars,

    // A socket straight into the Worker, past miniflare's own entry.
    unsafeDirectSockets: [{ host: HOST, port: setting.port }],
    // Nothing but this machine can be reached from a test.
    outboundService: { network: { allow: ["local"] } },

    kvNamespaces: config.kv_namespaces.map((namespace) => namespace.binding),
    kvPersist: path.join(setting.persistPath, "kv"),
    durableObjects: Object.fromEntries(
      config.durable_objects.bindings.map(({ name, class_name }) => [
        name,
        { className: class_name, useSQLite: true },
      ]),
    ),
    durableObjectsPersist: path.join(setting.persistPath, "do"),
    ratelimits: Object.fromEntries(
      setting.rateLimit === undefined
        ? []
        : config.ratelimits.map(({ name, namespace_id }) => [
            name,
            { namespace_id, simple: setting.rateLimit },
          ]),
    ),
    ...(setting.assets ? { assets: assetsOptions() } : {}),
  };
}

interface Module {
  type: "ESModule" | "CompiledWasm";
  path: string;
  contents: Uint8Array<ArrayBuffer>;
}

/** The modules by the names that they import each other by; the first one is the entry. */
function modules({ build, faults }: Setting): { modulesRoot: string; modules: Module[] } {
  const folder = faults ? "worker-under-test/" : "";
  const built = ["index.js", "index_bg.wasm"]
    .filter((name) => existsSync(path.join(build, name)))
    .map((name) => ({
      type: name.endsWith(".wasm") ? ("CompiledWasm" as const) : ("ESModule" as const),
      path: `/${folder}${name}`,
      contents: readFileSync(path.join(build, name)),
    }));
  const entry: Module = { type: "ESModule", path: "/entry.mjs", contents: readFileSync(ENTRY) };
  return { modulesRoot: "/", modules: faults ? [entry, ...built] : built };
}

/** The output of the runtime, line by line: a console call is a line of JSON, the rest is text. */
function collectLines(stream: Readable, onLog: (line: string) => void): void {
  createInterface({ input: stream }).on("line", (line) => {
    try {
      const { message } = JSON.parse(line) as { message?: unknown };
      onLog(typeof message === "string" ? message : line);
    } catch {
      onLog(line);
    }
  });
}

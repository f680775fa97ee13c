// Turns `wrangler.toml` and a built Worker into miniflare's options.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { NoOpLog, type MiniflareOptions, type WorkerOptions } from "miniflare";
import { assetsOptions } from "./assets.ts";
import { buildFolder, config } from "./config.ts";

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
  /** Workers in the same runtime, which may have service bindings to this one. */
  beside: OtherWorker[];
}

/** The options of another Worker for miniflare. */
export type OtherWorker = { name: string } & Record<string, unknown>;

/** The name of the Worker in service bindings. */
export const WORKER_NAME = "hookswitch";

const HOST = "127.0.0.1";
const ENTRY = fileURLToPath(new URL("entry.mjs", import.meta.url));

export function miniflareOptions(setting: Setting): MiniflareOptions {
  return {
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
    kvPersist: path.join(setting.persistPath, "kv"),
    d1Persist: path.join(setting.persistPath, "d1"),
    durableObjectsPersist: path.join(setting.persistPath, "do"),
    workers: [workerOptions(setting), ...(setting.beside as WorkerOptions[])],
  };
}

/** The part of a setting that concerns the Worker alone. */
type WorkerSetting = Pick<Setting, "build" | "port" | "vars" | "rateLimit" | "faults" | "assets">;

function workerOptions(setting: WorkerSetting): WorkerOptions {
  return {
    name: WORKER_NAME,
    ...modules(setting),
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags ?? [],
    bindings: setting.vars,

    // A socket straight into the Worker, past miniflare's own entry.
    unsafeDirectSockets: [{ host: HOST, port: setting.port }],
    // Nothing but this machine can be reached from a test.
    outboundService: { network: { allow: ["local"] } },

    kvNamespaces: config.kv_namespaces.map((namespace) => namespace.binding),
    d1Databases: config.d1_databases.map((database) => database.binding),
    durableObjects: Object.fromEntries(
      config.durable_objects.bindings.map(({ name, class_name }) => [
        name,
        { className: class_name, useSQLite: true },
      ]),
    ),
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

/**
 * Another isolate of the built Worker, with a memory of its own, on the same ledgers and KV: as in another location.
 */
export function otherIsolate(name: string, vars: Record<string, string>): OtherWorker {
  const setting = { build: buildFolder, vars, rateLimit: undefined, faults: false, assets: false };
  const options: object = workerOptions({ ...setting, port: 0 });
  return {
    ...options,
    name,
    durableObjects: Object.fromEntries(
      config.durable_objects.bindings.map(({ name, class_name }) => [
        name,
        { className: class_name, scriptName: WORKER_NAME, useSQLite: true },
      ]),
    ),
  };
}

interface Module {
  type: "ESModule" | "CompiledWasm";
  path: string;
  contents: Uint8Array<ArrayBuffer>;
}

/** The modules by the names that they import each other by; the first one is the entry. */
function modules({ build, faults }: WorkerSetting): { modulesRoot: string; modules: Module[] } {
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

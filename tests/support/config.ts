// The settings of the Worker in `wrangler.toml`, so that no test repeats them.

import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "smol-toml";

/** The root of the repository. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** The part of wrangler's configuration that the tests use. */
export interface WorkerConfig {
  main: string;
  compatibility_date: string;
  compatibility_flags?: string[];
  vars: Record<string, string>;
  kv_namespaces: { binding: string }[];
  durable_objects: { bindings: { name: string; class_name: string }[] };
  ratelimits: { name: string; namespace_id: string; simple: { limit: number; period: number } }[];
  assets: {
    directory: string;
    binding: string;
    run_worker_first?: boolean | string[];
    html_handling?: string;
    not_found_handling?: string;
  };
}

/** `wrangler.toml`, read once. */
export const config = parse(
  readFileSync(path.join(root, "wrangler.toml"), "utf8"),
) as unknown as WorkerConfig;

/** The folder that the Worker is built into. */
export const buildFolder = path.join(root, path.dirname(config.main));

// The Workers of `examples/`, bundled as wrangler bundles them and deployed beside the Worker in the same runtime.

import { readFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { build } from "esbuild";
import { parse } from "smol-toml";
import { root } from "./config.ts";
import type { OtherWorker } from "./miniflare-options.ts";

const HOST = "127.0.0.1";

interface ExampleConfig {
  main: string;
  compatibility_date: string;
  compatibility_flags?: string[];
  vars: Record<string, string>;
  services: { binding: string; service: string; entrypoint: string }[];
}

export interface ExampleOptions {
  /** The port that it listens on; 0 lets the system choose. */
  port?: number;
  /** Variables over those of its `wrangler.toml`. */
  vars?: Record<string, string>;
}

/** The options of an example for miniflare, by the name of its folder. */
export async function exampleWorker(
  example: string,
  { port = 0, vars = {} }: ExampleOptions = {},
): Promise<OtherWorker> {
  const folder = path.join(root, "examples", example);
  const config = parse(
    readFileSync(path.join(folder, "wrangler.toml"), "utf8"),
  ) as unknown as ExampleConfig;
  return {
    name: example,
    modules: [
      {
        type: "ESModule",
        path: "worker.js",
        contents: await bundled(path.join(folder, config.main)),
      },
    ],
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags ?? [],
    bindings: { ...config.vars, ...vars },
    serviceBindings: Object.fromEntries(
      config.services.map(({ binding, service, entrypoint }) => [
        binding,
        { name: service, entrypoint },
      ]),
    ),
    unsafeDirectSockets: [{ host: HOST, port }],
    outboundService: { network: { allow: ["local"] } },
  };
}

/** A program with all that it imports, as one module. */
export async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    logLevel: "warning",
  });
  return outputFiles[0]?.text ?? "";
}

/** A port that is free now: for a Worker whose variables contain its own address. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once("error", reject);
    server.listen(0, HOST, () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

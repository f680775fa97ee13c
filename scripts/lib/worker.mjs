// Builds the Worker that `wrangler.toml` names: `build/index.js` and `build/index_bg.wasm`.

import fs from "node:fs";
import path from "node:path";
import { TARGET } from "./bundle.mjs";
import { compile, WORKER } from "./compile.mjs";
import { inProject } from "./project.mjs";

/** The JavaScript entry point: it imports the bound wasm as `./glue.js`, and the wasm file as `./index_bg.wasm`. */
const ENTRY = inProject("src", "edge", "entry.js");

/** The names of the two files that a Worker consists of. */
const JS = "index.js";
const WASM = "index_bg.wasm";

/** The Worker's two files. */
export const WORKER_FILES = [inProject("build", JS), inProject("build", WASM)];

/**
 * Builds a Worker into a folder.
 * @param {object} [options] without them, the product
 * @param {import("./compile.mjs").Crate} [options.crate]
 * @param {string} [options.entry]
 * @param {string} [options.to]
 */
export async function buildWorker({ crate = WORKER, entry = ENTRY, to = inProject("build") } = {}) {
  const glue = path.join(to, "worker-glue");
  fs.rmSync(glue, { recursive: true, force: true });
  fs.mkdirSync(glue, { recursive: true });
  await compile(crate, { to: glue, name: "index", restartable: true });
  fs.copyFileSync(path.join(glue, WASM), path.join(to, WASM));
  await bundle(entry, path.join(glue, JS), path.join(to, JS));
  fs.rmSync(glue, { recursive: true });
}

/**
 * Bundles an entry point with all that it imports into one file.
 * @param {string} entry
 * @param {string} glue the JavaScript that stands for `glue.js`
 * @param {string} outfile
 */
async function bundle(entry, glue, outfile) {
  const esbuild = await import("esbuild");
  await esbuild.build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    minify: true,
    target: TARGET,
    external: ["cloudflare:*", "*.wasm"],
    plugins: [
      {
        name: "glue",
        setup: (build) => build.onResolve({ filter: /\/glue\.js$/ }, () => ({ path: glue })),
      },
    ],
    legalComments: "none",
    logLevel: "warning",
  });
}

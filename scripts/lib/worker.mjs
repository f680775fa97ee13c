// Builds what `wrangler.toml` names: the Worker into `build/index.js` and `build/index_bg.wasm`.

import fs from "node:fs";
import path from "node:path";
import { TARGET } from "./bundle.mjs";
import { compile } from "./compile.mjs";
import { inProject } from "./project.mjs";

/** The two files that make the Worker. @type {readonly [string, string]} */
export const WORKER_FILES = [inProject("build", "index.js"), inProject("build", "index_bg.wasm")];

export async function buildWorker() {
  const folder = inProject("build", "worker-glue");
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  await compile({
    title: "the Worker",
    features: [],
    // After a trap the wasm is started anew; what the flags add finds out when, and starts it.
    binding: [
      ...["--target", "module"],
      ...["--experimental-reset-state-function", "--force-enable-abort-handler"],
    ],
    to: folder,
    name: "index",
  });
  const glue = path.join(folder, "index.js");
  fs.writeFileSync(glue, withoutLeftovers(fs.readFileSync(glue, "utf8")));
  const [js, wasm] = WORKER_FILES;
  fs.copyFileSync(path.join(folder, "index_bg.wasm"), wasm);
  await bundle(glue, js);
  fs.rmSync(folder, { recursive: true });
}

/** Making one of these has no other effect, which the bundler has to be told. */
const PURE = /\bnew FinalizationRegistry\(/g;
/** That a class can be disposed of keeps it, and nothing here is disposed of. */
const DISPOSABLE = /^if \(Symbol\.dispose\) .*$/gm;
/** What is imported so is a module, as it is for Cloudflare without the word. */
const SOURCE = /^import source /m;

/**
 * What wasm-bindgen made, so that a bundler finds what nobody uses: most of it is what the `worker` crate exports.
 * @param {string} glue
 */
function withoutLeftovers(glue) {
  return glue
    .replace(PURE, (made) => `/* @__PURE__ */ ${made}`)
    .replace(DISPOSABLE, "")
    .replace(SOURCE, "import ");
}

/**
 * The entry with all that it uses, in one file.
 * @param {string} glue  what stands for `glue.js` there
 * @param {string} to
 */
async function bundle(glue, to) {
  const esbuild = await import("esbuild");
  await esbuild.build({
    entryPoints: [inProject("src", "platform", "entry.js")],
    outfile: to,
    bundle: true,
    format: "esm",
    minify: true,
    target: TARGET,
    external: ["cloudflare:*", "*.wasm"],
    plugins: [
      {
        name: "bound",
        setup: ({ onResolve }) => onResolve({ filter: /\/glue\.js$/ }, () => ({ path: glue })),
      },
    ],
    legalComments: "none",
    logLevel: "warning",
  });
}

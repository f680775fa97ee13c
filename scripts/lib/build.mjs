// Builds what `wrangler.toml` names: the Worker into `build/index.js` and `build/index_bg.wasm`, and its
// assets into `build/www`.

import fs from "node:fs";
import { buildAssets } from "./assets.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { shortenImports } from "./imports.mjs";
import { inProject, npmBin, toolBin } from "./project.mjs";
import { prune } from "./prune.mjs";
import { looksOffline, step } from "./run.mjs";
import { shrink } from "./shrink.mjs";

/** The two files that make the Worker. @type {readonly [string, string]} */
export const WORKER_FILES = [inProject("build", "index.js"), inProject("build", "index_bg.wasm")];

const STAMP = inProject("build", ".fingerprint");

/** Builds, unless what is there was made from the same sources. */
export async function build() {
  const wanted = fingerprint();
  if (isBuilt(wanted)) return;
  fs.rmSync(STAMP, { force: true });
  await buildWorker();
  buildAssets();
  fs.writeFileSync(STAMP, wanted);
}

/** @param {string} wanted */
function isBuilt(wanted) {
  const complete = [...WORKER_FILES, inProject("build", "www"), STAMP].every((file) =>
    fs.existsSync(file),
  );
  return complete && fs.readFileSync(STAMP, "utf8") === wanted;
}

async function buildWorker() {
  await step("Building the Worker", toolBin("worker-build"), ["--release"], {
    // Without these three worker-build downloads its own, from where we may not be able to.
    env: {
      WASM_BINDGEN_BIN: toolBin("wasm-bindgen"),
      WASM_OPT_BIN: npmBin("wasm-opt"),
      ESBUILD_BIN: npmBin("esbuild"),
      // The compiler's own words say enough; a backtrace of worker-build would bury them.
      RUST_BACKTRACE: "0",
    },
    sentence: (output) =>
      looksOffline(output)
        ? "The build could not download a crate: check the network and run this again."
        : "The Worker does not build: mend what the compiler says above and run this again.",
  });
  const [js, wasm] = WORKER_FILES;
  await shrink(wasm);
  await prune(js);
  shortenImports(wasm, js);
}

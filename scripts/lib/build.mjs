// Builds what `wrangler.toml` names: the Worker into `build/index.js` and `build/index_bg.wasm`, and its
// assets into `build/www`; and what pages need of the npm package, which is in `build/package`.

import fs from "node:fs";
import { buildAssets } from "./assets.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { shortenNames } from "./names.mjs";
import { buildPackage, PACKAGE } from "./package.mjs";
import { inProject, npmBin, toolBin } from "./project.mjs";
import { prune } from "./prune.mjs";
import { looksOffline, step } from "./run.mjs";
import { shrink } from "./shrink.mjs";

/** The two files that make the Worker. @type {readonly [string, string]} */
export const WORKER_FILES = [inProject("build", "index.js"), inProject("build", "index_bg.wasm")];

/** Builds each part, unless what is there was made from the same sources. */
export async function build() {
  await buildPart("worker", WORKER_FILES, buildWorker);
  await buildPart("package", [PACKAGE], buildPackage);
  await buildPart("assets", [inProject("build", "www")], buildAssets);
}

/**
 * @param {"worker" | "package" | "assets"} part
 * @param {readonly string[]} made what the build leaves
 * @param {() => void | Promise<void>} make
 */
async function buildPart(part, made, make) {
  const stamp = inProject("build", `.fingerprint-${part}`);
  const wanted = fingerprint(part);
  const complete = [...made, stamp].every((file) => fs.existsSync(file));
  if (complete && fs.readFileSync(stamp, "utf8") === wanted) return;
  fs.rmSync(stamp, { force: true });
  await make();
  fs.writeFileSync(stamp, wanted);
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
  shortenNames(wasm, js);
  await prune(js);
}

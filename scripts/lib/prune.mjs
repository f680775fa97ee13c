// Makes the Worker's JavaScript small: what the `worker` crate exports and nobody here uses goes, with all that only
// it needs. esbuild finds that by itself once it is told that making an object has no other effect.

import fs from "node:fs";
import { npmBin } from "./project.mjs";
import { step } from "./run.mjs";

/** The classes of `wrangler.toml`, and the entry point. */
const KEPT = new Set(["Ledger", "default"]);

const PURE = /\bnew (?:Proxy|FinalizationRegistry)\(/g;
const DISPOSABLE =
  /Symbol\.dispose&&\((\w+)\.prototype\[Symbol\.dispose\]=\1\.prototype\.free\)[;,]?/g;
const EXPORTS = /export\{([^}]*)\};?/;

/** @param {string} file  the bundled, minified module, rewritten in place */
export async function prune(file) {
  const whole = fs.readFileSync(file, "utf8");
  const pruned = whole
    .replace(DISPOSABLE, "")
    .replace(PURE, (made) => `/* @__PURE__ */${made}`)
    .replace(EXPORTS, (_, /** @type {string} */ names) => {
      const kept = names.split(",").filter((name) => KEPT.has(name.split(" as ").at(-1) ?? ""));
      return `export{${kept.join(",")}};`;
    });
  const larger = `${file}.larger.mjs`;
  fs.writeFileSync(larger, pruned);
  const args = [larger, "--bundle", "--format=esm", "--minify", "--target=es2022"];
  const outside = ["--external:cloudflare:*", "--external:*.wasm"];
  await step(
    "Making the JavaScript small",
    npmBin("esbuild"),
    [...args, ...outside, `--outfile=${file}`, "--allow-overwrite"],
    {
      sentence: () => "esbuild failed on build/index.js: run this again after npm ci.",
    },
  );
  fs.rmSync(larger);
}

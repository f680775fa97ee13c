// The programs of the pages: `www/<page>/main.ts`, with all that it imports, becomes `/<page>.js`; the style sheets among
// that become `/<page>.css`.

import fs from "node:fs";
import path from "node:path";
import { inProject } from "./project.mjs";

/** The newest syntax that the browsers we name in the README all have. */
export const TARGET = "es2022";

/**
 * @param {string} to the folder of the assets
 */
export async function bundlePages(to) {
  const esbuild = await import("esbuild");
  const folders = fs.readdirSync(inProject("www"));
  const entries = folders
    .map((name) => ({ in: inProject("www", name, "main.ts"), out: name }))
    .filter((entry) => fs.existsSync(entry.in));
  await esbuild.build({
    entryPoints: entries,
    outdir: path.resolve(to),
    bundle: true,
    format: "esm",
    minify: true,
    target: TARGET,
    // The package is served beside the pages, as other sites may use it, too.
    external: ["/hookswitch/*"],
    legalComments: "none",
    logLevel: "warning",
  });
}

// Builds the npm package into `build/package`: the core as wasm, the entries of `www/package` around it, and their types.

import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { TARGET } from "./bundle.mjs";
import { BROWSER, compile } from "./compile.mjs";
import { inProject, packageJson, readJson, TSC } from "./project.mjs";
import { step } from "./run.mjs";

export const PACKAGE = inProject("build", "package");

/** The entries, each for one runtime. Shared code is in files of its own. */
const ENTRIES = ["index", "node", "workerd", "element", "element-node", "element-workerd"];

/** The files of the package that a page loads: all but the entries for other runtimes. */
export function pageFiles() {
  const others = ENTRIES.filter((name) => /node|workerd/.test(name)).map((name) => `${name}.js`);
  const files = fs.readdirSync(PACKAGE).filter((name) => /\.(js|wasm)$/.test(name));
  return files.filter((name) => !others.includes(name));
}

const SOURCE = inProject("www", "package");

/** Copied as they are, and where to. @type {readonly (readonly [string, string])[]} */
const COPIED = [
  [inProject("LICENSE"), "LICENSE"],
  [inProject("LICENSE-APACHE"), "LICENSE-APACHE"],
  [inProject("LICENSE-MIT"), "LICENSE-MIT"],
  [inProject("www", "element", "custom-elements.json"), "custom-elements.json"],
  [path.join(SOURCE, "README.md"), "README.md"],
  [path.join(SOURCE, "hookswitch.wasm.d.ts"), path.join("types", "hookswitch.wasm.d.ts")],
];

export async function buildPackage() {
  const glue = inProject("build", "package-glue");
  for (const folder of [PACKAGE, glue]) {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
  }
  await compile(BROWSER, { to: glue, name: "glue" });
  fs.copyFileSync(path.join(glue, "glue_bg.wasm"), path.join(PACKAGE, "hookswitch.wasm"));
  await bundleEntries(path.join(glue, "glue.js"));
  await writeTypes();
  for (const [from, to] of COPIED) fs.copyFileSync(from, path.join(PACKAGE, to));
  fs.writeFileSync(
    path.join(PACKAGE, "package.json"),
    `${JSON.stringify(description(), null, 2)}\n`,
  );
  fs.rmSync(glue, { recursive: true });
}

/**
 * The entries, and what they share.
 * @param {string} glue what wasm-bindgen made
 */
async function bundleEntries(glue) {
  /** @type {import("esbuild").Plugin} */
  const bound = {
    name: "bound",
    setup(build) {
      build.onResolve({ filter: /\/glue\.js$/ }, () => ({ path: glue }));
      // The entry for Node contains the wasm itself, compressed.
      build.onResolve({ filter: /\.wasm\?gzip$/ }, () => ({
        path: path.join(PACKAGE, "hookswitch.wasm"),
        namespace: "gzip",
      }));
      build.onLoad({ filter: /.*/, namespace: "gzip" }, ({ path: file }) => ({
        contents: zlib.gzipSync(fs.readFileSync(file), { level: 9 }),
        loader: "binary",
      }));
      // The element's entry waits for the other one of its runtime, which loads the wasm.
      build.onResolve({ filter: /^\.\/(index|node|workerd)\.ts$/ }, ({ path: entry, importer }) =>
        importer.startsWith(`${SOURCE}${path.sep}`)
          ? { path: entry.replace(/ts$/, "js"), external: true }
          : undefined,
      );
    },
  };
  const esbuild = await import("esbuild");
  await esbuild.build({
    entryPoints: ENTRIES.map((name) => path.join(SOURCE, `${name}.ts`)),
    outdir: PACKAGE,
    bundle: true,
    splitting: true,
    chunkNames: "shared-[hash]",
    format: "esm",
    minify: true,
    target: TARGET,
    external: ["node:*", "*.wasm"],
    plugins: [bound],
    legalComments: "none",
    logLevel: "warning",
  });
}

/** The types, as the compiler takes them from the sources. */
async function writeTypes() {
  await step("Writing the types", TSC, ["-p", SOURCE], {
    sentence: () =>
      "The package's types do not fit: fix the errors of the compiler above and run this again.",
  });
  const types = path.join(PACKAGE, "types");
  for (const name of fs.readdirSync(types, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".d.ts")) continue;
    const file = path.join(types, name);
    // Older compilers refuse `.ts` in a declaration, and all of them find a declaration behind `.js`.
    const text = fs
      .readFileSync(file, "utf8")
      .replace(/(["']\.{1,2}\/[^"']*)\.ts(["'])/g, "$1.js$2");
    fs.writeFileSync(file, text);
  }
}

/** `package.json` of the package, with the project's version. */
function description() {
  const manifest = readJson(path.join(SOURCE, "package.json"));
  const { name, ...rest } = /** @type {Record<string, unknown>} */ (manifest);
  return { name, version: packageJson().version, ...rest };
}

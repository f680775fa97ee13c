// The inputs of a part of a build, as one digest, so that a part whose sources have not changed is left as it is.

import crypto from "node:crypto";
import fs from "node:fs";
import { inProject, root } from "./project.mjs";
import path from "node:path";

/** The inputs of every part of a build. */
const COMMON = ["package-lock.json", "scripts/lib/build.mjs"];

/** The inputs of all wasm. */
const RUST = ["src", "Cargo.toml", "Cargo.lock", "tools/bindgen", "scripts/lib/compile.mjs"];

/** The inputs of the npm package. */
const PACKAGE = [
  ...RUST,
  "LICENSE",
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "package.json",
  "tsconfig.json",
  "www/client",
  "www/element",
  "www/package",
  "scripts/lib/bundle.mjs",
  "scripts/lib/package.mjs",
];

/** The files and folders that each part of `build/` is made from. */
const SOURCES = {
  // The period of the rate limit is read from `wrangler.toml`.
  worker: [...RUST, "scripts/lib/bundle.mjs", "scripts/lib/worker.mjs", "wrangler.toml"],
  pages: ["tsconfig.json", "www", "scripts/lib/assets.mjs", "scripts/lib/bundle.mjs"],
  package: [...PACKAGE, "scripts/lib/assets.mjs"],
};

/**
 * The digest of everything that goes into a part of `build/`.
 * @param {keyof typeof SOURCES} part
 */
export const fingerprint = (part) => fingerprintOf([...COMMON, ...SOURCES[part]]);

/**
 * The digest of files and folders: names and contents.
 * @param {readonly string[]} sources relative to the project's root; those that do not exist are left out
 */
export function fingerprintOf(sources) {
  const hash = crypto.createHash("sha256");
  for (const file of sources.flatMap((source) => filesUnder(inProject(source)))) {
    const content = fs.readFileSync(file);
    hash.update(`${path.relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/**
 * A file itself, or the files of a folder, in one order on every machine.
 * @param {string} place
 * @returns {string[]}
 */
function filesUnder(place) {
  const found = fs.statSync(place, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isDirectory()) return [place];
  return fs
    .readdirSync(place)
    .sort()
    .flatMap((name) => filesUnder(path.join(place, name)));
}

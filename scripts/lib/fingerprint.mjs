// What a build was made from, as one digest, so that a build whose sources have not changed is skipped.

import crypto from "node:crypto";
import fs from "node:fs";
import { inProject, root } from "./project.mjs";
import path from "node:path";

/** Files and folders; those that do not exist are left out. */
const SOURCES = [
  "src",
  "www",
  "build.rs",
  "Cargo.toml",
  "Cargo.lock",
  "package-lock.json",
  ".cargo",
  "scripts/lib/build.mjs",
  "scripts/lib/assets.mjs",
  "scripts/lib/imports.mjs",
  "scripts/lib/prune.mjs",
  "scripts/lib/shrink.mjs",
  "scripts/openapi.mjs",
];

/** The digest of all that goes into `build/`: names and contents. */
export function fingerprint() {
  const hash = crypto.createHash("sha256");
  for (const file of SOURCES.flatMap((source) => filesUnder(inProject(source)))) {
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

// Builds all that is deployed, into `build`: the Worker, its assets into `build/www`, and the npm package, which pages
// use, too, into `build/package`.

import fs from "node:fs";
import { buildAssets } from "./assets.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { buildPackage, PACKAGE } from "./package.mjs";
import { inProject } from "./project.mjs";
import { buildWorker, WORKER_FILES } from "./worker.mjs";

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

// Builds everything that is deployed into `build`: the Worker, the assets (`build/www`), and the npm package
// (`build/package`), which is also served as an asset.

import fs from "node:fs";
import { ASSETS, buildPages, PACKAGE_ASSETS, publishPackage } from "./assets.mjs";
import { runCargo, WORKER } from "./compile.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { buildPackage, PACKAGE } from "./package.mjs";
import { inProject } from "./project.mjs";
import { buildWorker, WORKER_FILES } from "./worker.mjs";

/** @typedef {"worker" | "pages" | "package"} Part */

/**
 * How a part is built, and the files and folders that it leaves.
 * @type {Readonly<Record<Part, { made: readonly string[], make: () => Promise<void> }>>}
 */
const PARTS = {
  worker: { made: WORKER_FILES, make: buildWorker },
  pages: { made: [ASSETS], make: buildPages },
  package: {
    made: [PACKAGE, PACKAGE_ASSETS],
    make: async () => {
      await buildPackage();
      await publishPackage();
    },
  },
};

/** All parts, in the order in which they are built. @type {readonly Part[]} */
export const ALL_PARTS = ["worker", "pages", "package"];

/**
 * Builds parts, except those that are there and were made from the same sources.
 * @param {readonly Part[]} [parts]
 */
export async function build(parts = ALL_PARTS) {
  for (const part of parts) {
    if (isFresh(part)) continue;
    const stamp = stampOf(part);
    const wanted = fingerprint(part);
    fs.rmSync(stamp, { force: true });
    await PARTS[part].make();
    fs.writeFileSync(stamp, wanted);
  }
}

/** Has cargo compile the Worker if it has to be built. This needs none of the npm packages. */
export async function compileWorkerAhead() {
  if (!isFresh("worker")) await runCargo(WORKER);
}

/** @param {Part} part */
function isFresh(part) {
  const stamp = stampOf(part);
  const isComplete = [...PARTS[part].made, stamp].every((file) => fs.existsSync(file));
  return isComplete && fs.readFileSync(stamp, "utf8") === fingerprint(part);
}

/** @param {Part} part */
const stampOf = (part) => inProject("build", `.fingerprint-${part}`);

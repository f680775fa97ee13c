// Puts together what `ASSETS` serves: the files of `www/`, the pages' programs, what they load of the npm package, and
// the description of the API.

import fs from "node:fs";
import path from "node:path";
import { bundle as describe } from "../openapi.mjs";
import { bundlePages } from "./bundle.mjs";
import { PACKAGE, pageFiles } from "./package.mjs";
import { inProject } from "./project.mjs";

/** The folder that `wrangler.toml` names in `[assets]`. */
const ASSETS = inProject("build", "www");

export async function buildAssets() {
  // Made beside and swapped in, so that a server that watches the folder never sees half of it.
  const fresh = `${ASSETS}.new`;
  fs.rmSync(fresh, { recursive: true, force: true });
  fs.mkdirSync(fresh, { recursive: true });
  copyStaticFiles(fresh);
  copyPackage(path.join(fresh, "hookswitch"));
  await bundlePages(fresh);
  fs.writeFileSync(
    path.join(fresh, "openapi.json"),
    JSON.stringify(describe(inProject("www", "openapi"))),
  );
  fs.rmSync(ASSETS, { recursive: true, force: true });
  fs.renameSync(fresh, ASSETS);
}

/**
 * The files at the top of `www/`: what is in its folders is made into others.
 * @param {string} to
 */
function copyStaticFiles(to) {
  for (const entry of fs.readdirSync(inProject("www"), { withFileTypes: true })) {
    if (entry.isFile()) fs.copyFileSync(inProject("www", entry.name), path.join(to, entry.name));
  }
}

/**
 * What pages load of the npm package, which has to be there.
 * @param {string} to
 */
function copyPackage(to) {
  fs.mkdirSync(to);
  for (const name of pageFiles()) fs.copyFileSync(path.join(PACKAGE, name), path.join(to, name));
}

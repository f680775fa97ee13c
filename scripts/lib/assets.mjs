// Puts together what `ASSETS` serves: the files of `www/`, and the description of the API.

import fs from "node:fs";
import path from "node:path";
import { bundle } from "../openapi.mjs";
import { inProject } from "./project.mjs";

/** The folder that `wrangler.toml` names in `[assets]`. */
const ASSETS = inProject("build", "www");

export function buildAssets() {
  // Made beside and swapped in, so that a server that watches the folder never sees half of it.
  const fresh = `${ASSETS}.new`;
  fs.rmSync(fresh, { recursive: true, force: true });
  fs.mkdirSync(fresh, { recursive: true });
  copyStaticFiles(fresh);
  fs.writeFileSync(
    path.join(fresh, "openapi.json"),
    JSON.stringify(bundle(inProject("www", "openapi"))),
  );
  fs.rmSync(ASSETS, { recursive: true, force: true });
  fs.renameSync(fresh, ASSETS);
}

/**
 * The fragments of the description of the API are no page of their own.
 * @param {string} to
 */
function copyStaticFiles(to) {
  const fragments = inProject("www", "openapi");
  fs.cpSync(inProject("www"), to, { recursive: true, filter: (from) => from !== fragments });
}

// Puts together what `ASSETS` serves: for now, the files of `www/` as they are.

import fs from "node:fs";
import { inProject } from "./project.mjs";

/** The folder that `wrangler.toml` names in `[assets]`. */
const ASSETS = inProject("build", "www");

export function buildAssets() {
  // Made beside and swapped in, so that a server that watches the folder never sees half of it.
  const fresh = `${ASSETS}.new`;
  fs.rmSync(fresh, { recursive: true, force: true });
  fs.mkdirSync(fresh, { recursive: true });
  copyStaticFiles(fresh);
  fs.rmSync(ASSETS, { recursive: true, force: true });
  fs.renameSync(fresh, ASSETS);
}

/** @param {string} to */
function copyStaticFiles(to) {
  const www = inProject("www");
  if (fs.existsSync(www)) fs.cpSync(www, to, { recursive: true });
}

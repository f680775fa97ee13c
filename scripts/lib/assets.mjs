// Puts together what `ASSETS` serves: the files of `www/`, the pages' programs, what they load of the npm package, the
// description of the API, and the pages behind a link, which the Worker fills in.

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
  writeLinkPages(path.join(fresh, "connect"));
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

/**
 * The pages behind a link, each in each language: `<language>/<name>.txt`. The names that are left in braces are those
 * of what only the Worker knows.
 * @param {string} to
 */
function writeLinkPages(to) {
  const from = inProject("www", "connect");
  const read = (/** @type {string} */ name) => fs.readFileSync(path.join(from, name), "utf8");
  const [page, form] = [read("page.html"), read("form.html").trimEnd()];
  for (const file of fs.readdirSync(from).filter((name) => name.endsWith(".json"))) {
    const language = path.basename(file, ".json");
    const { asking, pages } = JSON.parse(read(file));
    fs.mkdirSync(path.join(to, language), { recursive: true });
    for (const [name, words] of Object.entries(pages)) {
      const known = { language, ...words, ...("approve" in words ? { ...asking, form } : {}) };
      const html = filled(filled(page, known), known);
      fs.writeFileSync(path.join(to, language, `${name}.txt`), html);
    }
  }
}

/**
 * A template with what is known in the place of its name in braces.
 * @param {string} template
 * @param {Record<string, string>} known
 */
function filled(template, known) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => known[name] ?? whole);
}

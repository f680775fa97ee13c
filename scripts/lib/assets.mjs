// Builds what `ASSETS` serves: the files of `www/`, the pages' programs, the files of the npm package that they load,
// the description of the API and its viewer, and the link pages, whose gaps the Worker fills in.

import fs from "node:fs";
import path from "node:path";
import { bundlePages } from "./bundle.mjs";
import { Failure } from "./failure.mjs";
import { PACKAGE, pageFiles } from "./package.mjs";
import { inProject, readJson } from "./project.mjs";

/** The folder that `wrangler.toml` names in `[assets]`. */
export const ASSETS = inProject("build", "www");

/** The files of the npm package that pages load, as assets. */
export const PACKAGE_ASSETS = path.join(ASSETS, "hookswitch");

/** Builds the assets. Those of the npm package stay as they are. */
export async function buildPages() {
  await replaceFolder(ASSETS, async (fresh) => {
    copyStaticFiles(fresh);
    writeLinkPages(path.join(fresh, "connect"));
    await bundlePages(fresh);
    copyViewer(path.join(fresh, "swagger-ui"));
    // Generated with line breaks for reviewers, served without.
    fs.writeFileSync(
      path.join(fresh, "openapi.json"),
      JSON.stringify(readJson(inProject("www", "openapi.json"))),
    );
    if (fs.existsSync(PACKAGE_ASSETS)) {
      fs.cpSync(PACKAGE_ASSETS, path.join(fresh, "hookswitch"), { recursive: true });
    }
  });
}

/** Copies the files of the npm package that pages load to the assets. */
export async function publishPackage() {
  await replaceFolder(PACKAGE_ASSETS, async (fresh) => {
    for (const name of pageFiles()) {
      fs.copyFileSync(path.join(PACKAGE, name), path.join(fresh, name));
    }
  });
}

/**
 * Fills a new folder and moves it to the place of an old one, so that a server that watches the folder never sees half
 * of it. The new folder is not under the old one, and on the same disk.
 * @param {string} folder
 * @param {(fresh: string) => Promise<void>} fill
 */
async function replaceFolder(folder, fill) {
  const fresh = inProject("build", `${path.basename(folder)}.new`);
  fs.rmSync(fresh, { recursive: true, force: true });
  fs.mkdirSync(fresh, { recursive: true });
  await fill(fresh);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(fresh, folder);
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

/** A `data:` address in a style sheet, in quotes or without. */
const DATA_URL = /url\((?:"(data:(?:[^"\\]|\\.)*)"|(data:[^)]*))\)/g;

/**
 * The ending of a file and the content of a `data:` address.
 * @param {string} url
 */
function readDataUrl(url) {
  const [, type = "", encoding, body = ""] =
    /^data:image\/(\w+)[^,;]*;?([^,]*),(.*)$/s.exec(url) ?? [];
  if (type === "") throw new Failure("swagger-ui.css has a data: address that is no image.");
  const content = encoding === "base64" ? Buffer.from(body, "base64") : decodeURIComponent(body);
  return { type, content };
}

/**
 * Copies Swagger UI, which renders the description of the API. Images in its style sheet become files, because the
 * content security policy of the pages forbids `data:` addresses.
 * @param {string} to
 */
function copyViewer(to) {
  const from = inProject("node_modules", "swagger-ui-dist");
  fs.mkdirSync(to);
  for (const name of ["swagger-ui-bundle.js", "LICENSE", "NOTICE"]) {
    fs.copyFileSync(path.join(from, name), path.join(to, name));
  }
  /** @type {Map<string, string>} */
  const names = new Map();
  const sheet = fs.readFileSync(path.join(from, "swagger-ui.css"), "utf8");
  const withFiles = sheet.replace(
    DATA_URL,
    (_url, /** @type {string | undefined} */ quoted, /** @type {string} */ bare) => {
      const data = (quoted ?? bare).replaceAll('\\"', '"');
      const { type, content } = readDataUrl(data);
      const name = names.get(data) ?? `image-${names.size + 1}.${type}`;
      names.set(data, name);
      fs.writeFileSync(path.join(to, name), content);
      return `url("${name}")`;
    },
  );
  const withoutMap = withFiles.replace(/\/\*# sourceMappingURL=.*?\*\//g, "");
  fs.writeFileSync(path.join(to, "swagger-ui.css"), withoutMap);
}

/** @typedef {Record<string, string>} Strings by their names in the templates */
/** @typedef {{ asking: Strings, pages: Record<string, Strings> }} Texts of the link pages in one language */

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
    const { asking, pages } = /** @type {Texts} */ (readJson(path.join(from, file)));
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
  return template.replace(
    /\{(\w+)\}/g,
    (whole, /** @type {string} */ name) => known[name] ?? whole,
  );
}

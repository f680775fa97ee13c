// Puts the fragments of the OpenAPI description together: one file per API, one document for the reader.
//
// `base.json` holds what belongs to the whole document; every other fragment only adds tags, paths,
// components, and `x-elsewhere`: under the beginning of a path, what is answered there where no operation is
// (404) and to a method that a path does not have (405). Whatever is said twice, or refers to nothing, is an
// error: a description that contradicts itself is worse than none.
//
//     node scripts/openapi.mjs OUT [DIR]      writes the document of DIR (default www/openapi) to OUT

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** @typedef {{ [key: string]: unknown }} Json */

const BASE = "base.json";
const METHODS = new Set(["get", "put", "post", "delete", "options", "head", "patch", "trace"]);

/**
 * The one document of all fragments in `dir`.
 *
 * @param {string} dir the folder of the fragments, `base.json` among them
 * @returns {Json}
 */
export function bundle(dir) {
  const files = readdirSync(dir)
    .filter((name) => name.endsWith(".json"))
    .sort((a, b) => Number(b === BASE) - Number(a === BASE) || (a < b ? -1 : 1));
  if (files[0] !== BASE) throw new Error(`${dir} has no ${BASE}`);

  /** @type {Json} */
  const document = {};
  for (const file of files) {
    const fragment = object(JSON.parse(readFileSync(join(dir, file), "utf8")), file);
    for (const [member, value] of Object.entries(fragment)) {
      if (member === "tags") addTags(document, value, file);
      else if (member === "paths" || member === "x-elsewhere")
        addNew(section(document, member), object(value, file), file);
      else if (member === "components") addComponents(section(document, "components"), value, file);
      else if (file === BASE) document[member] = value;
      else throw new Error(`${file}: only ${BASE} may say "${member}"`);
    }
  }
  refuseSharedOperationIds(document);
  refuseDanglingReferences(document);
  return document;
}

/**
 * @param {Json} document
 * @param {unknown} tags
 * @param {string} file
 */
function addTags(document, tags, file) {
  if (!Array.isArray(tags)) throw new Error(`${file}: tags must be a list`);
  const present = /** @type {Json[]} */ (document["tags"] ??= []);
  for (const value of /** @type {unknown[]} */ (tags)) {
    const tag = object(value, file);
    const { name } = tag;
    if (present.some((other) => other["name"] === name)) {
      throw new Error(`${file}: the tag "${String(name)}" is defined twice`);
    }
    present.push(tag);
  }
}

/**
 * @param {Json} components
 * @param {unknown} value
 * @param {string} file
 */
function addComponents(components, value, file) {
  for (const [kind, named] of Object.entries(object(value, file))) {
    addNew(section(components, kind), object(named, file), `${file}: components.${kind}`);
  }
}

/**
 * @param {Json} target
 * @param {Json} source
 * @param {string} where
 */
function addNew(target, source, where) {
  for (const [name, value] of Object.entries(source)) {
    if (Object.hasOwn(target, name)) throw new Error(`${where}: "${name}" is defined twice`);
    target[name] = value;
  }
}

/** @param {Json} document */
function refuseSharedOperationIds(document) {
  const seen = new Set();
  for (const [path, item] of Object.entries(section(document, "paths"))) {
    for (const [method, operation] of Object.entries(object(item, path))) {
      if (!METHODS.has(method)) continue;
      const { operationId } = object(operation, `${method} ${path}`);
      if (typeof operationId !== "string") throw new Error(`${method} ${path} has no operationId`);
      if (seen.has(operationId)) throw new Error(`${method} ${path}: "${operationId}" is taken`);
      seen.add(operationId);
    }
  }
}

/** @param {Json} document */
function refuseDanglingReferences(document) {
  for (const reference of references(document)) {
    if (resolve(document, reference) === undefined) {
      throw new Error(`${reference} refers to nothing`);
    }
  }
}

/**
 * @param {unknown} value
 * @returns {Generator<string>}
 */
function* references(value) {
  if (typeof value !== "object" || value === null) return;
  for (const [member, inner] of Object.entries(value)) {
    if (member === "$ref" && typeof inner === "string") yield inner;
    else yield* references(inner);
  }
}

/**
 * What a reference within the document points at, or undefined.
 *
 * @param {Json} document
 * @param {string} reference a JSON pointer after `#`
 * @returns {unknown}
 */
function resolve(document, reference) {
  if (!reference.startsWith("#/")) return undefined;
  /** @type {unknown} */
  let at = document;
  for (const part of reference.slice(2).split("/")) {
    const name = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = /** @type {Json} */ (at)[name];
  }
  return at;
}

/**
 * @param {Json} parent
 * @param {string} name
 * @returns {Json}
 */
function section(parent, name) {
  return object((parent[name] ??= {}), name);
}

/**
 * @param {unknown} value
 * @param {string} where
 * @returns {Json}
 */
function object(value, where) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${where}: expected an object`);
  }
  return /** @type {Json} */ (value);
}

const here = fileURLToPath(import.meta.url);
if (process.argv[1] === here) {
  const [out, dir = join(dirname(here), "..", "www", "openapi")] = process.argv.slice(2);
  if (out === undefined) {
    console.error("usage: node scripts/openapi.mjs OUT [DIR]");
    process.exit(2);
  }
  const document = bundle(dir);
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(document)}\n`);
}

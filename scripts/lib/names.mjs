// Gives what the wasm and its JavaScript call of one another short names, in both: the long ones are never read by
// anybody, and with a hash in each they compress badly. What the wasm does not import any more goes.

import fs from "node:fs";

const IMPORTS = 2;
const EXPORTS = 7;
const HEADER_BYTES = 8;
/** The kinds of import that are here: a function, and a tag; each is followed by one number. */
const FUNCTION = 0;
const TAG = 4;

/** A function that the JavaScript offers to the wasm. */
const OFFERED = /\b(__wb(?:g|indgen)_\w+): ?function\(/g;
/** What only wasm-bindgen's JavaScript calls by its name. */
const BETWEEN_THEM = /^(?:__wbindgen_|__externref_|wasm_bindgen__|__wbg_)/;

/**
 * @param {string} wasmFile  rewritten in place
 * @param {string} jsFile  rewritten in place
 */
export function shortenNames(wasmFile, jsFile) {
  /** @type {Map<string, string>} */
  const imported = new Map();
  /** @type {Map<string, string>} */
  const exported = new Map();
  let wasm = fs.readFileSync(wasmFile);
  wasm = rewritten(wasm, IMPORTS, (section) => renamedImports(section, imported));
  wasm = rewritten(wasm, EXPORTS, (section) => renamedExports(section, exported));
  fs.writeFileSync(wasmFile, wasm);

  let js = withoutUnused(fs.readFileSync(jsFile, "utf8"), imported);
  // The longest first, since one may begin like another.
  const byLength = [...imported, ...exported].sort(([one], [other]) => other.length - one.length);
  for (const [long, short] of byLength) js = js.replaceAll(long, short);
  fs.writeFileSync(jsFile, js);
}

/**
 * The JavaScript without the functions that nobody imports.
 * @param {string} js
 * @param {ReadonlyMap<string, string>} imported
 */
function withoutUnused(js, imported) {
  let kept = "";
  let from = 0;
  for (const { 1: name = "", index } of js.matchAll(OFFERED)) {
    if (imported.has(name)) continue;
    kept += js.slice(from, index);
    from = endOfMember(js, index) + 1;
  }
  return kept + js.slice(from);
}

/**
 * Where a member of an object literal is followed by its comma.
 * @param {string} js
 * @param {number} start
 */
function endOfMember(js, start) {
  let depth = 0;
  for (let at = start; at < js.length; at += 1) {
    const character = js[at] ?? "";
    if ("\"'`".includes(character)) at = js.indexOf(character, at + 1);
    else if ("({[".includes(character)) depth += 1;
    else if (")}]".includes(character)) depth -= 1;
    else if (character === "," && depth === 0) return at;
  }
  throw new Error("an import that is followed by none");
}

/**
 * A wasm file with another content of one of its sections.
 * @param {Buffer} wasm
 * @param {number} wanted
 * @param {(section: Names) => void} rewrite
 */
function rewritten(wasm, wanted, rewrite) {
  let at = HEADER_BYTES;
  while (at < wasm.length) {
    const [length, body] = read(wasm, at + 1);
    const end = body + length;
    if (wasm[at] === wanted) {
      const section = new Names(wasm.subarray(body, end));
      rewrite(section);
      const content = Buffer.concat(section.parts);
      const head = [wasm.subarray(0, at), Buffer.of(wanted), leb(content.length)];
      return Buffer.concat([...head, content, wasm.subarray(end)]);
    }
    at = end;
  }
  throw new Error(`the wasm has no section ${wanted}`);
}

/** A section of names, read and written anew. */
class Names {
  /** @param {Buffer} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
    /** @type {Buffer[]} */
    this.parts = [];
  }

  /** How many entries there are. */
  count() {
    const start = this.at;
    const [count, at] = read(this.bytes, start);
    this.keep(at - start);
    return count;
  }

  /** Reads a name. */
  name() {
    const [length, start] = read(this.bytes, this.at);
    this.at = start + length;
    return this.bytes.toString("utf8", start, this.at);
  }

  /** Writes a name. @param {string} text */
  write(text) {
    this.parts.push(leb(Buffer.byteLength(text)), Buffer.from(text));
  }

  /** Keeps bytes as they are. @param {number} length */
  keep(length) {
    this.parts.push(this.bytes.subarray(this.at, this.at + length));
    this.at += length;
  }

  /** Keeps some bytes, and a number after them. @param {number} length */
  keepWithNumber(length) {
    const [, end] = read(this.bytes, this.at + length);
    this.keep(end - this.at);
  }
}

/**
 * @param {Names} section
 * @param {Map<string, string>} names  which became which
 */
function renamedImports(section, names) {
  for (let left = section.count(); left > 0; left -= 1) {
    section.write(section.name());
    const long = section.name();
    const short = names.get(long) ?? `_${names.size.toString(36)}_`;
    names.set(long, short);
    section.write(short);
    const kind = section.bytes[section.at] ?? -1;
    if (kind !== FUNCTION && kind !== TAG) throw new Error(`an import of kind ${kind}`);
    section.keepWithNumber(kind === TAG ? 2 : 1);
  }
}

/**
 * @param {Names} section
 * @param {Map<string, string>} names  which became which
 */
function renamedExports(section, names) {
  for (let left = section.count(); left > 0; left -= 1) {
    const long = section.name();
    if (BETWEEN_THEM.test(long)) names.set(long, `$${names.size.toString(36)}_`);
    section.write(names.get(long) ?? long);
    section.keepWithNumber(1);
  }
}

/**
 * A number in LEB128, and where it ends.
 * @param {Buffer} bytes
 * @param {number} at
 * @returns {[number, number]}
 */
function read(bytes, at) {
  let value = 0;
  for (let shift = 1; ; shift *= 128) {
    const byte = bytes[at++] ?? 0;
    value += (byte % 128) * shift;
    if (byte < 128) return [value, at];
  }
}

/** @param {number} value */
function leb(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
}

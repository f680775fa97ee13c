// Gives what the wasm imports from its JavaScript short names, in both: the long ones are never read by anybody, and
// with a hash in each they compress badly.

import fs from "node:fs";

const IMPORTS = 2;
const HEADER_BYTES = 8;
/** The kinds of import that are here: a function, and a tag; each is followed by one number. */
const FUNCTION = 0;
const TAG = 4;

/**
 * @param {string} wasmFile  rewritten in place
 * @param {string} jsFile  rewritten in place
 */
export function shortenImports(wasmFile, jsFile) {
  const wasm = fs.readFileSync(wasmFile);
  const section = find(wasm, IMPORTS);
  const { body, names } = renamed(wasm.subarray(section.body, section.end));
  const head = Buffer.concat([wasm.subarray(0, section.start), Buffer.of(IMPORTS)]);
  const rest = wasm.subarray(section.end);
  fs.writeFileSync(wasmFile, Buffer.concat([head, leb(body.length), body, rest]));

  let js = fs.readFileSync(jsFile, "utf8");
  // The longest first, since one may begin like another.
  const byLength = [...names].sort(([one], [other]) => other.length - one.length);
  for (const [long, short] of byLength) js = js.replaceAll(long, short);
  fs.writeFileSync(jsFile, js);
}

/**
 * Where a section of a wasm file lies.
 * @param {Buffer} wasm
 * @param {number} wanted
 */
function find(wasm, wanted) {
  let at = HEADER_BYTES;
  while (at < wasm.length) {
    const [length, body] = read(wasm, at + 1);
    if (wasm[at] === wanted) return { start: at, body, end: body + length };
    at = body + length;
  }
  throw new Error(`the wasm has no section ${wanted}`);
}

/**
 * The import section with other names, and which became which.
 * @param {Buffer} section
 */
function renamed(section) {
  let [count, at] = read(section, 0);
  /** @type {Buffer[]} */
  const parts = [leb(count)];
  /** @type {Map<string, string>} */
  const names = new Map();
  const take = () => {
    const [length, start] = read(section, at);
    at = start + length;
    return section.toString("utf8", start, at);
  };
  for (; count > 0; count -= 1) {
    const from = take();
    const long = take();
    const short = names.get(long) ?? `_${names.size.toString(36)}_`;
    const start = at;
    const kind = section[at] ?? -1;
    if (kind !== FUNCTION && kind !== TAG) throw new Error(`an import of kind ${kind}`);
    [, at] = read(section, at + (kind === TAG ? 2 : 1));
    names.set(long, short);
    for (const text of [from, short]) parts.push(leb(Buffer.byteLength(text)), Buffer.from(text));
    parts.push(section.subarray(start, at));
  }
  return { body: Buffer.concat(parts), names };
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

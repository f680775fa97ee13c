// Blanks what nobody refers to in the memory that a wasm file starts with: mostly what panics would say. The linker knows
// where each item begins and ends, and tells with `--emit-relocs`; what is referred to is found in the functions as they
// are in the end. The form is that of WebAssembly's tool conventions, Linking.md.

import { Failure } from "./failure.mjs";
import { Reader } from "./wasm.mjs";

const SYMBOL_TABLE = 8;
/** Kinds of symbol. */
const DATA = 1;
const SECTION = 3;
/** Flags of a symbol. */
const UNDEFINED = 0x10;
const EXPLICIT_NAME = 0x40;
/** Kinds of relocation that say an address in memory, and all that say what to add to it. */
const ADDRESSES = new Set([3, 4, 5, 11, 14, 15, 16, 17]);
const WITH_ADDEND = new Set([...ADDRESSES, 8, 9, 21, 22, 23]);

/** Instructions before an address: constants, of which larger ones may hold several, and all loads and stores. */
const CONSTANT = 0x41;
const LONG_CONSTANT = 0x42;
const FIRST_ACCESS = 0x28;
const LAST_ACCESS = 0x3e;
const VECTOR = 0xfd;
const VECTOR_CONSTANT = 12;
const VECTOR_BYTES = 16;

const WORD = 4;

/** What LLVM makes of a `match`: where its first value is not 0, it begins before its address. */
const TABLE = /^\.Lswitch\.table/;

/**
 * @typedef {object} Item what the linker put somewhere
 * @property {number} address
 * @property {number} size in bytes
 * @property {boolean} pinned whether it is referred to by addresses that are computed: outside of it, say
 */

/**
 * What the memory is made of.
 * @param {import("./wasm.mjs").Wasm} wasm  as it was linked
 */
export function itemsOf(wasm) {
  const symbols = symbolsOf(wasm);
  for (const name of ["reloc.CODE", "reloc.DATA"]) {
    const reader = new Reader(required(wasm, name));
    reader.number();
    for (let left = reader.number(); left > 0; left -= 1) {
      const kind = reader.byte();
      reader.number();
      const item = symbols[reader.number()];
      const added = WITH_ADDEND.has(kind) ? reader.signed() : 0;
      if (item && ADDRESSES.has(kind) && (added < 0 || added >= item.size)) item.pinned = true;
    }
  }
  return symbols.filter((item) => item !== undefined);
}

/**
 * What the linker said. Without it all would be blanked, or nothing.
 * @param {import("./wasm.mjs").Wasm} wasm
 * @param {string} name
 */
function required(wasm, name) {
  const section = wasm.custom(name);
  if (section.length === 0) throw new Failure(`The linker left no ${name} (--emit-relocs).`);
  return section;
}

/** @param {import("./wasm.mjs").Wasm} wasm */
function symbolsOf(wasm) {
  const segments = wasm.segments();
  /** @type {(Item | undefined)[]} */
  const symbols = [];
  const linking = new Reader(required(wasm, "linking"));
  linking.number();
  while (!linking.ended) {
    const kind = linking.byte();
    const part = new Reader(linking.bytesOfLength());
    if (kind !== SYMBOL_TABLE) continue;
    for (let left = part.number(); left > 0; left -= 1) {
      symbols.push(symbol(part, segments));
    }
  }
  return symbols;
}

/**
 * @param {Reader} part
 * @param {readonly { address: number }[]} segments
 * @returns {Item | undefined} where it is data
 */
function symbol(part, segments) {
  const kind = part.byte();
  const flags = part.number();
  if (kind !== DATA) {
    part.number();
    if (kind !== SECTION && (!(flags & UNDEFINED) || flags & EXPLICIT_NAME)) part.bytesOfLength();
    return undefined;
  }
  const name = Buffer.from(part.bytesOfLength()).toString();
  if (flags & UNDEFINED) return undefined;
  const segment = segments[part.number()];
  if (segment === undefined) throw new Failure(`The linker put ${name} nowhere.`);
  const address = segment.address + part.number();
  return { address, size: part.number(), pinned: TABLE.test(name) };
}

/**
 * Blanks the items that are not referred to.
 * @param {import("./wasm.mjs").Wasm} wasm  changed in place
 * @param {readonly Item[]} items
 */
export function forgetUnused(wasm, items) {
  const segments = wasm.segments();
  const memory = memoryOf(segments, items);
  const used = new Set(items.filter(({ pinned }) => pinned));
  const note = (/** @type {number} */ address) => {
    for (const item of items) if (holds(item, address)) used.add(item);
  };
  for (const code of [...wasm.bodies, wasm.globals()]) addressesIn(code).forEach(note);
  // What is added while this goes on is looked into, too.
  for (const { address, size } of used) {
    for (let at = 0; at + WORD <= size; at += WORD) note(memory.getUint32(address + at, true));
  }
  const kept = [...used];
  for (const { address, bytes } of segments) {
    for (const item of items) {
      if (used.has(item)) continue;
      for (let at = item.address; at < item.address + item.size; at += 1) {
        if (!kept.some((other) => holds(other, at))) bytes[at - address] = 0;
      }
    }
  }
}

/**
 * The memory as it is at the start: where no segment says otherwise, there are zeros.
 * @param {readonly { address: number, bytes: Uint8Array }[]} segments
 * @param {readonly Item[]} items
 */
function memoryOf(segments, items) {
  const ends = [
    ...segments.map(({ address, bytes }) => address + bytes.length),
    ...items.map(({ address, size }) => address + size),
  ];
  const memory = new Uint8Array(Math.max(...ends));
  for (const { address, bytes } of segments) memory.set(bytes, address);
  return new DataView(memory.buffer);
}

/** @param {Item} item @param {number} address */
function holds(item, address) {
  return address >= item.address && address < item.address + Math.max(item.size, 1);
}

/**
 * What may be an address in some code. It is taken byte by byte, and not by its instructions: that finds all that are
 * there, and a few that are not.
 * @param {Uint8Array} code
 */
function addressesIn(code) {
  /** @type {Set<number>} */
  const found = new Set();
  code.forEach((byte, at) => {
    const reader = new Reader(code, at + 1);
    if (byte === CONSTANT) found.add(reader.number());
    if (byte === LONG_CONSTANT) halvesOf(reader.long()).forEach((half) => found.add(half));
    if (byte >= FIRST_ACCESS && byte <= LAST_ACCESS) found.add(offsetOf(reader));
    if (byte === VECTOR && reader.number() === VECTOR_CONSTANT) {
      wordsOf(reader.take(VECTOR_BYTES)).forEach((word) => found.add(word));
    } else if (byte === VECTOR) found.add(offsetOf(reader));
  });
  return found;
}

/** Of a memory access: after how it is aligned. @param {Reader} reader */
function offsetOf(reader) {
  reader.number();
  return reader.number();
}

/** @param {bigint} long */
function halvesOf(long) {
  return [Number(BigInt.asUintN(32, long)), Number(BigInt.asUintN(32, long >> 32n))];
}

/** @param {Uint8Array} bytes */
function wordsOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = [];
  for (let at = 0; at + WORD <= bytes.length; at += WORD) words.push(view.getUint32(at, true));
  return words;
}

// A wasm file, as far as it takes to make it small: its sections, and the bodies and names of its functions.
// The format is that of the WebAssembly core specification, chapter 5.

const CUSTOM = 0;
const IMPORT = 2;
const GLOBAL = 6;
const CODE = 10;
const DATA = 11;
const FUNCTION_NAMES = 1;

/** Reads bytes one after the other. */
export class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get ended() {
    return this.at >= this.bytes.length;
  }

  byte() {
    return this.bytes[this.at++] ?? 0;
  }

  /** A whole number in LEB128. */
  number() {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  /** A whole number of up to 32 bits in LEB128, with a sign. */
  signed() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      const missing = 25 - shift;
      return missing > 0 ? (value << missing) >> missing : value;
    }
  }

  /** A whole number of up to 64 bits in LEB128. */
  long() {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  }

  /** @param {number} length */
  take(length) {
    const taken = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }

  /** Bytes that follow their length. */
  bytesOfLength() {
    return this.take(this.number());
  }

  limits() {
    const flags = this.byte();
    this.number();
    if (flags & 1) this.number();
  }
}

/** A whole number in LEB128. @param {number} value */
function number(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

/** Bytes after their length. @param {Uint8Array} bytes */
const ofLength = (bytes) => Buffer.concat([number(bytes.length), bytes]);

export class Wasm {
  /** @param {Uint8Array} file */
  constructor(file) {
    this.header = file.subarray(0, 8);
    /** @type {{ id: number, content: Uint8Array }[]} */
    this.sections = [];
    for (const reader = new Reader(file, 8); !reader.ended;) {
      this.sections.push({ id: reader.byte(), content: reader.bytesOfLength() });
    }
    /** What each function that is not imported does. */
    this.bodies = this.#bodies();
    this.imports = this.#importedFunctions();
    /** What each of them is called, where that is known. */
    this.names = this.#names();
  }

  /** @param {number} id */
  #section(id) {
    return this.sections.find((section) => section.id === id)?.content ?? new Uint8Array();
  }

  /** The section that is called so. @param {string} wanted */
  custom(wanted) {
    for (const { id, content } of this.sections) {
      const reader = new Reader(content);
      if (id !== CUSTOM || Buffer.from(reader.bytesOfLength()).toString() !== wanted) continue;
      return content.subarray(reader.at);
    }
    return new Uint8Array();
  }

  globals() {
    return this.#section(GLOBAL);
  }

  #bodies() {
    const reader = new Reader(this.#section(CODE));
    return Array.from({ length: reader.number() }, () => reader.bytesOfLength());
  }

  #importedFunctions() {
    const reader = new Reader(this.#section(IMPORT));
    let functions = 0;
    for (let left = reader.number(); left > 0; left -= 1) {
      reader.bytesOfLength();
      reader.bytesOfLength();
      const kind = reader.byte();
      if (kind === 0) functions += 1;
      // A table's type, a global's, a tag's attribute.
      if (kind === 1 || kind === 3 || kind === 4) reader.byte();
      if (kind === 1 || kind === 2) reader.limits();
      else reader.number();
    }
    return functions;
  }

  #names() {
    /** @type {string[]} */
    const names = Array.from({ length: this.bodies.length }, () => "");
    const reader = new Reader(this.custom("name"));
    while (!reader.ended) {
      const kind = reader.byte();
      const part = new Reader(reader.bytesOfLength());
      if (kind !== FUNCTION_NAMES) continue;
      for (let left = part.number(); left > 0; left -= 1) {
        const index = part.number() - this.imports;
        const name = Buffer.from(part.bytesOfLength()).toString();
        if (index >= 0) names[index] = name;
      }
    }
    return names;
  }

  /** The segments of memory that are there from the start: each with its address. */
  segments() {
    const reader = new Reader(this.#section(DATA));
    const segments = [];
    for (let left = reader.number(); left > 0; left -= 1) {
      const kind = reader.number();
      if (kind === 2) reader.number();
      let address = -1;
      if (kind !== 1) {
        reader.byte();
        address = reader.number();
        reader.byte();
      }
      segments.push({ address, bytes: reader.bytesOfLength() });
    }
    return segments;
  }

  /** The file, with the bodies and names as they are now. */
  bytes() {
    const kept = this.sections.filter(({ id }) => id !== CUSTOM);
    const sections = kept.map(({ id, content }) =>
      Buffer.concat([Buffer.from([id]), ofLength(id === CODE ? this.#code() : content)]),
    );
    return Buffer.concat([this.header, ...sections, this.#nameSection()]);
  }

  #code() {
    return Buffer.concat([number(this.bodies.length), ...this.bodies.map(ofLength)]);
  }

  #nameSection() {
    const entries = this.names.map((name, index) =>
      Buffer.concat([number(this.imports + index), ofLength(Buffer.from(name))]),
    );
    const functions = ofLength(Buffer.concat([number(entries.length), ...entries]));
    const content = [ofLength(Buffer.from("name")), Buffer.from([FUNCTION_NAMES]), functions];
    return Buffer.concat([Buffer.from([CUSTOM]), ofLength(Buffer.concat(content))]);
  }
}

// Puts functions of a wasm file that are like one another side by side, which compresses better: gzip finds again what
// was within the last 32 KB. Each next function is the one most of whose short runs of bytes were there lately, where a
// rare run counts for more than one that is found everywhere. What lately is, and how much a long function is preferred,
// is tried out: the order that compresses best is taken.

import { gzipSync } from "node:zlib";

/** How long a run is, in bytes, and how many different ones are told apart, as a power of two. */
const RUN = 6;
const BITS = 18;
/**
 * How far back is lately, in bytes: well within gzip's window, since many runs of a large function are common ones. And
 * what a function is taken to weigh more than it does, so that a short one does not come first by chance.
 */
const TRIES = /** @type {const} */ ([
  [10_000, 2],
  [16_000, 24],
  [16_000, 48],
  [20_000, 12],
]);

/**
 * Names the functions so that their order by name is the order to put them in.
 * @param {import("./wasm.mjs").Wasm} wasm  changed in place
 */
export function nameByLikeness(wasm) {
  const all = new Functions(wasm.bodies);
  const orders = TRIES.map(([lately, more]) => all.arranged(lately, more));
  const compressed = orders.map((order) => {
    const bodies = order.map((index) => wasm.bodies[index] ?? new Uint8Array());
    return gzipSync(Buffer.concat(bodies)).length;
  });
  const best = orders[compressed.indexOf(Math.min(...compressed))] ?? [];
  best.forEach((index, place) => {
    wasm.names[index] = `f${String(place).padStart(6, "0")}`;
  });
}

/** The different runs of a function, each as a number. @param {Uint8Array} body */
function runsOf(body) {
  const runs = new Set();
  for (let at = 0; at + RUN <= body.length; at += 1) {
    let hash = 0;
    for (let next = at; next < at + RUN; next += 1) {
      hash = (Math.imul(hash, 0x01000193) ^ (body[next] ?? 0)) >>> 0;
    }
    runs.add(Math.imul(hash, 0x9e3779b1) >>> (32 - BITS));
  }
  return /** @type {number[]} */ ([...runs]);
}

class Functions {
  /** @param {readonly Uint8Array[]} bodies */
  constructor(bodies) {
    this.sizes = bodies.map((body) => body.length);
    /** The different runs of each. */
    this.runs = bodies.map(runsOf);
    /** Which functions have a run. @type {number[][]} */
    this.having = Array.from({ length: 1 << BITS }, () => []);
    this.runs.forEach((runs, index) => runs.forEach((run) => this.having[run]?.push(index)));
    /** What a run counts for: nothing where only one function has it. */
    this.weights = Float64Array.from(this.having, ({ length }) =>
      length > 1 ? 1 / Math.log2(length + 1) : 0,
    );
    /** What all runs of each function count for. */
    this.totals = this.runs.map((runs) =>
      runs.reduce((sum, run) => sum + (this.weights[run] ?? 0), 0),
    );
  }

  /**
   * @param {number} within  how far back is lately
   * @param {number} more  what each function is taken to weigh more
   * @returns {number[]} the functions in their order
   */
  arranged(within, more) {
    const lately = new Uint16Array(1 << BITS);
    /** What the runs of each function count for that were there lately. */
    const shared = new Float64Array(this.runs.length);
    const count = (/** @type {number} */ index, /** @type {1 | -1} */ step) => {
      for (const run of this.runs[index] ?? []) {
        const before = lately[run] ?? 0;
        lately[run] = before + step;
        if (before !== 0 && before + step !== 0) continue;
        const weight = step * (this.weights[run] ?? 0);
        for (const other of this.having[run] ?? []) shared[other] = (shared[other] ?? 0) + weight;
      }
    };
    const left = new Set(this.runs.keys());
    const order = [];
    let oldest = 0;
    let bytes = 0;
    for (let next = this.#largest(); next !== undefined; next = this.#likest(left, shared, more)) {
      left.delete(next);
      order.push(next);
      count(next, 1);
      bytes += this.sizes[next] ?? 0;
      while (bytes > within && oldest < order.length - 1) {
        const gone = order[oldest++] ?? 0;
        bytes -= this.sizes[gone] ?? 0;
        count(gone, -1);
      }
    }
    return order;
  }

  #largest() {
    return this.sizes.length === 0 ? undefined : this.sizes.indexOf(Math.max(...this.sizes));
  }

  /**
   * The function that shares most of what its runs count for, of those that are left.
   * @param {Set<number>} left
   * @param {Float64Array} shared
   * @param {number} more
   */
  #likest(left, shared, more) {
    let best;
    let most = -1;
    for (const index of left) {
      const share = (shared[index] ?? 0) / ((this.totals[index] ?? 0) + more);
      if (share > most) [best, most] = [index, share];
    }
    return best;
  }
}

// Puts functions of a wasm file that are like one another side by side, which compresses better: gzip finds again what
// was within the last 32 KB. Each next function is the one most of whose short runs of bytes were there lately. What
// lately is, and how much a long function is preferred, is tried out: the order that compresses best is taken.

import { gzipSync } from "node:zlib";

/** How long a run is, in bytes, and how many different ones are told apart, as a power of two. */
const RUN = 6;
const BITS = 18;
/**
 * How far back is lately, in bytes: well within gzip's window, since many runs of a large function are common ones. And
 * how many runs more a function is taken to have than it has, so that a short one does not come first by chance.
 */
const TRIES = /** @type {const} */ ([
  [10_000, 6],
  [16_000, 80],
  [16_000, 160],
  [20_000, 40],
]);

/**
 * Names the functions so that their order by name is the order to put them in.
 * @param {import("./wasm.mjs").Wasm} wasm  changed in place
 */
export function nameByLikeness(wasm) {
  const runs = wasm.bodies.map(runsOf);
  const sizes = wasm.bodies.map((body) => body.length);
  const orders = TRIES.map(([lately, more]) => arrange(runs, sizes, lately, more));
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

/**
 * @param {number[][]} runs  of each function
 * @param {number[]} sizes  of each function, in bytes
 * @param {number} within  how far back is lately
 * @param {number} more  how many runs more each function is taken to have
 * @returns {number[]} the functions in their order
 */
function arrange(runs, sizes, within, more) {
  /** @type {Map<number, number[]>} which functions have a run */
  const having = new Map();
  runs.forEach((all, index) =>
    all.forEach((run) => {
      const known = having.get(run);
      if (known) known.push(index);
      else having.set(run, [index]);
    }),
  );
  const lately = new Uint16Array(1 << BITS);
  /** How many runs of each function were there lately. */
  const shared = new Float64Array(runs.length);
  const count = (/** @type {number} */ index, /** @type {1 | -1} */ step) => {
    for (const run of runs[index] ?? []) {
      const before = lately[run] ?? 0;
      lately[run] = before + step;
      if (before === 0 || before + step === 0) {
        for (const other of having.get(run) ?? []) shared[other] = (shared[other] ?? 0) + step;
      }
    }
  };
  const left = new Set(runs.keys());
  const order = [];
  let oldest = 0;
  let bytes = 0;
  for (let next = largest(sizes); next !== undefined; next = likest(left, shared, runs, more)) {
    left.delete(next);
    order.push(next);
    count(next, 1);
    bytes += sizes[next] ?? 0;
    while (bytes > within && oldest < order.length - 1) {
      const gone = order[oldest++] ?? 0;
      bytes -= sizes[gone] ?? 0;
      count(gone, -1);
    }
  }
  return order;
}

/** @param {number[]} sizes */
function largest(sizes) {
  return sizes.length === 0 ? undefined : sizes.indexOf(Math.max(...sizes));
}

/**
 * The function that shares most of its runs, of those that are left.
 * @param {Set<number>} left
 * @param {Float64Array} shared
 * @param {number[][]} runs
 * @param {number} more
 */
function likest(left, shared, runs, more) {
  let best;
  let most = -1;
  for (const index of left) {
    const share = (shared[index] ?? 0) / ((runs[index]?.length ?? 0) + more);
    if (share > most) [best, most] = [index, share];
  }
  return best;
}

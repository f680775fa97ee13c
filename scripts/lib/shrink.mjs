// Makes a wasm file small, with binaryen: what nobody can reach goes, panics end at once, and functions that are like one
// another stand side by side. Functions are not inlined: that makes the file smaller and its gzip larger.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { forgetUnused, itemsOf } from "./data.mjs";
import { nameByLikeness } from "./likeness.mjs";
import { trapAtPanics, trapWhere } from "./panics.mjs";
import { npmBin } from "./project.mjs";
import { step } from "./run.mjs";
import { Wasm } from "./wasm.mjs";

// Named one by one, so that no encoding is used before workerd knows it.
const FEATURES = [
  "mutable-globals",
  "sign-ext",
  "nontrapping-float-to-int",
  "bulk-memory",
  "multivalue",
  "reference-types",
  "exception-handling",
  // Sixteen bytes are moved at once, where there is nothing to compute.
  "simd",
].map((feature) => `--enable-${feature}`);

const NO_INLINING = ["-aimfs", "0", "-fimfs", "0", "-ocimfs", "0"];

/**
 * What the `worker` crate exports whether it is used or not. Nothing here makes a JavaScript stream, starts a
 * container or transforms an image.
 */
const UNUSED =
  /^(__wbg_(get_|set_)?)?(intounderlying|containerstartupoptions|minifyconfig|r2range)/;

/** What those exports are made of: JavaScript's streams as the `worker` crate would read and write them. */
const STREAMS =
  /^<?wasm_streams\b|^<futures_util\b.*wasm_streams|^js_sys\S*::future_to_promise::<.*wasm_streams.*\{closure#0\}$/;

/** @param {string} file  a wasm file, rewritten in place */
export async function shrink(file) {
  const graph = `${file}.graph.json`;
  const smaller = `${file}.smaller`;
  fs.writeFileSync(graph, JSON.stringify(reachable(file)));
  /** @param {(wasm: Wasm) => void} change */
  const rewrite = (change) => {
    const wasm = new Wasm(fs.readFileSync(smaller));
    change(wasm);
    fs.writeFileSync(smaller, wasm.bytes());
  };
  const tool = (/** @type {string} */ name, /** @type {string[]} */ args) =>
    step(`Making the wasm small with ${name}`, npmBin(name), [...FEATURES, ...args], {
      sentence: () =>
        `binaryen's ${name} failed on ${path.basename(file)}: run this again after npm ci.`,
    });
  const linked = new Wasm(fs.readFileSync(file));
  const items = itemsOf(linked);
  // Without what the linker said, which no longer holds once something is changed.
  fs.writeFileSync(smaller, linked.bytes());
  await tool("wasm-metadce", [smaller, "--graph-file", graph, "-g", "-o", smaller]);
  rewrite((wasm) => {
    trapAtPanics(wasm);
    trapWhere(wasm, (name) => STREAMS.test(name));
  });
  await tool("wasm-opt", [
    smaller,
    "-g",
    "-O2",
    ...NO_INLINING,
    "--low-memory-unused",
    "--converge",
    // How an access is aligned is a hint: the same one everywhere compresses better.
    "--dealign",
    "--remove-unused-module-elements",
    "-o",
    smaller,
  ]);
  rewrite((wasm) => {
    forgetUnused(wasm, items);
    nameByLikeness(wasm);
  });
  await tool("wasm-opt", [
    smaller,
    "--reorder-functions-by-name",
    "--memory-packing",
    "--strip-debug",
    "--strip-producers",
    "-o",
    file,
  ]);
  fs.rmSync(graph);
  fs.rmSync(smaller);
}

/**
 * The exports to keep, as a graph that binaryen reads.
 * @param {string} file
 */
function reachable(file) {
  const kept = exportsOf(file).filter((name) => !UNUSED.test(name));
  const nodes = kept.map((name) => ({ name: `export ${name}`, export: name }));
  return [{ name: "outside", root: true, reaches: nodes.map(({ name }) => name) }, ...nodes];
}

const LIST_EXPORTS = `
  const module = new WebAssembly.Module(require("node:fs").readFileSync(process.argv[1]));
  console.log(JSON.stringify(WebAssembly.Module.exports(module).map(({ name }) => name)));
`;

/**
 * The names of a wasm file's exports. Our own Node reads it: the one that runs this may be too old for its types.
 * @param {string} file
 * @returns {string[]}
 */
function exportsOf(file) {
  return JSON.parse(execFileSync(npmBin("node"), ["-e", LIST_EXPORTS, file], { encoding: "utf8" }));
}

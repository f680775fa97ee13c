// From the crate to a wasm file and the JavaScript that calls it, both small: cargo, wasm-bindgen and binaryen, in turn.

import path from "node:path";
import { shortenNames } from "./names.mjs";
import { inProject, toolBin } from "./project.mjs";
import { ask, looksOffline, step } from "./run.mjs";
import { shrink } from "./shrink.mjs";
import { WASM_TARGET } from "../setup/rust.mjs";

/**
 * What LLVM is told beyond `opt-level = "z"`, each for what it makes smaller once it is compressed: a function is inlined
 * where nothing else calls it, or where a call takes more; what is longer than a word is copied or filled by one
 * instruction, not by many loads and stores; and what only some ways to a place have computed is computed there, not on
 * each of the others.
 */
const CODE_GENERATION = [
  "-inline-threshold=0",
  "-max-store-memcpy=1",
  "-max-store-memmove=1",
  "-max-store-memset=1",
  "-enable-pre=false",
  "-enable-load-pre=false",
].map((option) => `llvm-args=${option}`);

/** Those of the options that the compiler's LLVM has: without one of them the wasm is larger, and else the same. */
async function codeGeneration() {
  const has = await Promise.all(
    CODE_GENERATION.map((option) => ask("rustc", ["--print", "target-cpus", "-C", option])),
  );
  return CODE_GENERATION.flatMap((option, index) =>
    has[index] === undefined ? [] : ["-C", option],
  );
}

/** Has the linker say where it put what. */
const LINKING = ["-C", "link-arg=--emit-relocs"];

/**
 * Makes `<name>.js` and `<name>_bg.wasm` of the crate.
 * @param {object} wanted
 * @param {string} wanted.title  what is built
 * @param {readonly string[]} wanted.features  cargo's arguments that choose them
 * @param {readonly string[]} wanted.binding  wasm-bindgen's arguments: for what the JavaScript is
 * @param {string} wanted.to  the folder to put both files in
 * @param {string} wanted.name
 */
export async function compile({ title, features, binding, to, name }) {
  // One kind of library alone: with another one beside it, cargo does not optimize across crates.
  const kind = ["--lib", "--crate-type", "cdylib", "--release", "--target", WASM_TARGET];
  await step(
    `Building ${title}`,
    "cargo",
    ["rustc", ...kind, ...features, "--", ...(await codeGeneration()), ...LINKING],
    {
      // What an `async fn` for JavaScript becomes: a promise of js-sys, and not of a crate around that.
      env: { WASM_BINDGEN_USE_JS_SYS: "1" },
      sentence: (output) =>
        looksOffline(output)
          ? "The build could not download a crate: check the network and run this again."
          : `Could not build ${title}: mend what the compiler says above and run this again.`,
    },
  );
  const made = path.join(targetFolder(), WASM_TARGET, "release", "hookswitch.wasm");
  await step(
    "Binding it to JavaScript",
    toolBin("wasm-bindgen"),
    [...binding, "--no-typescript", "--out-dir", to, "--out-name", name, made],
    { sentence: () => "wasm-bindgen failed, for the reason above: mend it and run this again." },
  );
  const wasm = path.join(to, `${name}_bg.wasm`);
  await shrink(wasm);
  shortenNames(wasm, path.join(to, `${name}.js`));
}

/** Where cargo builds. */
const targetFolder = () => path.resolve(inProject(), process.env.CARGO_TARGET_DIR ?? "target");

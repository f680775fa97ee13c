// Compiles the crate to a wasm file and the JavaScript that calls it: cargo, wasm-bindgen, then wasm-opt.

import path from "node:path";
import { inProject, npmBin, root, toolBin } from "./project.mjs";
import { ask, looksOffline, step } from "./run.mjs";
import { WASM_TARGET } from "../setup/rust.mjs";

/**
 * One wasm build of the crate.
 * @typedef {object} Crate
 * @property {string} title what is built, for messages
 * @property {readonly string[]} features cargo's arguments that choose the features
 */

/** @type {Crate} */
export const WORKER = { title: "the Worker", features: [] };

/** The Worker with an export that panics, for `tests/panic`. @type {Crate} */
export const PANICKING_WORKER = {
  title: "a Worker that panics on request",
  features: ["--features", "panic-test"],
};

/** @type {Crate} */
export const BROWSER = {
  title: "the core for browsers",
  features: ["--no-default-features", "--features", "browser"],
};

/**
 * The WebAssembly features that workerd and the supported browsers have. Named one by one, so that wasm-opt emits
 * nothing newer.
 */
const WASM_FEATURES = [
  "bulk-memory",
  "exception-handling",
  "multivalue",
  "mutable-globals",
  "nontrapping-float-to-int",
  "reference-types",
  "sign-ext",
].map((feature) => `--enable-${feature}`);

/** `-O3` makes the gzipped Worker 0.3 % smaller, and takes three times as long. */
const OPTIMIZATION = "-O1";

/**
 * Runs cargo, which needs Rust and none of the npm packages.
 * @param {Crate} crate
 * @returns {Promise<string>} the wasm file
 */
export async function runCargo({ title, features }) {
  // `cdylib` alone: if cargo builds an `rlib` with it, it skips link-time optimization without a message.
  const kind = ["--lib", "--crate-type", "cdylib", "--release", "--target", WASM_TARGET];
  await step(`Compiling ${title}`, "cargo", ["rustc", "--locked", ...kind, ...features], {
    env: { CARGO_ENCODED_RUSTFLAGS: (await remappedPaths()).join("\u001f") },
    sentence: (output) =>
      looksOffline(output)
        ? "cargo could not download a crate: check the network and run this again."
        : `${title} could not be compiled: fix the errors above and run this again.`,
  });
  return path.join(targetFolder(), WASM_TARGET, "release", "hookswitch.wasm");
}

/**
 * Writes `<name>.js` and `<name>_bg.wasm`.
 * @param {Crate} crate
 * @param {object} output
 * @param {string} output.to the folder of both files
 * @param {string} output.name
 * @param {boolean} [output.restartable] whether `__wbg_reset_state` is exported, which restarts the wasm after a trap
 */
export async function compile(crate, { to, name, restartable = false }) {
  const made = await runCargo(crate);
  const flags = restartable ? ["--restartable"] : [];
  await step("Binding the wasm to JavaScript", toolBin("bindgen"), [...flags, made, to, name], {
    sentence: () => "wasm-bindgen failed for the reason above: fix it and run this again.",
  });
  const wasm = path.join(to, `${name}_bg.wasm`);
  const optimize = [wasm, ...WASM_FEATURES, OPTIMIZATION, "--strip-debug", "--strip-producers"];
  await step("Optimizing the wasm", npmBin("wasm-opt"), [...optimize, "-o", wasm], {
    sentence: () => "wasm-opt failed for the reason above: run `npm ci` and then this again.",
  });
}

/**
 * The compiler flags that replace the paths of this machine, which panic messages contain, so that two builds of one
 * commit have the same bytes. Of two prefixes that match a path, the compiler takes the later one.
 */
async function remappedPaths() {
  const cargoHome = process.env.CARGO_HOME ?? path.join(process.env.HOME ?? "", ".cargo");
  const sysroot = (await ask("rustc", ["--print", "sysroot"])) ?? "";
  const commit = /^commit-hash: (\w+)$/m.exec((await ask("rustc", ["-vV"])) ?? "")?.[1] ?? "";
  const prefixes = {
    [root]: "",
    [`${targetFolder()}/`]: "target/",
    [`${path.join(cargoHome, "registry", "src")}/`]: "crates/",
    // The standard library's sources, if they are installed; else its paths have this prefix already.
    [path.join(sysroot, "lib", "rustlib", "src", "rust")]: `/rustc/${commit}`,
  };
  return Object.entries(prefixes).map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
}

/** The folder that cargo builds in. */
const targetFolder = () => path.resolve(inProject(), process.env.CARGO_TARGET_DIR ?? "target");

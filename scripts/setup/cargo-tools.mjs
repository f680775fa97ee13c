// wasm-bindgen and its test runner, compiled into `.tools` at the very version of the library in `Cargo.lock`:
// wasm-bindgen refuses a library of another version, and there is no other way to get these programs than from their
// source.

import fs from "node:fs";
import { Failure } from "../lib/failure.mjs";
import { inProject, toolBin } from "../lib/project.mjs";
import { ask, looksOffline, step } from "../lib/run.mjs";

/**
 * @typedef {object} Tool
 * @property {string} crate what cargo installs
 * @property {string} follows the library in `Cargo.lock` whose version it must have
 * @property {readonly string[]} programs what it installs and we use
 * @property {string} patience about how long it takes
 */

/** @type {readonly Tool[]} */
const TOOLS = [
  {
    crate: "wasm-bindgen-cli",
    follows: "wasm-bindgen",
    programs: ["wasm-bindgen", "wasm-bindgen-test-runner"],
    patience: "once, about 3 minutes",
  },
];

export async function setUpCargoTools() {
  for (const tool of TOOLS) {
    const version = lockedVersion(tool.follows);
    if (await hasVersion(tool, version)) continue;
    await install(tool, version);
  }
}

/**
 * The version of a library in `Cargo.lock`.
 * @param {string} library
 */
function lockedVersion(library) {
  const lock = inProject("Cargo.lock");
  const text = fs.existsSync(lock) ? fs.readFileSync(lock, "utf8") : "";
  const version = new RegExp(`^name = "${library}"\\r?\\nversion = "([^"]+)"`, "m").exec(text)?.[1];
  if (version === undefined) {
    throw new Failure(
      `Cargo.lock names no version of ${library}: restore it with \`git checkout Cargo.lock\`, or make it anew with \`cargo generate-lockfile\`.`,
    );
  }
  return version;
}

/**
 * Whether every program of a tool is there, runs, and is of the version wanted.
 * @param {Tool} tool
 * @param {string} version
 */
async function hasVersion(tool, version) {
  for (const program of tool.programs) {
    const answer = await ask(toolBin(program), ["--version"]);
    if (answer?.split(/\s+/).at(-1) !== version) return false;
  }
  return true;
}

/**
 * @param {Tool} tool
 * @param {string} version
 */
async function install(tool, version) {
  const target = inProject(".tools", `build-${tool.crate}`);
  const args = ["install", "--root", inProject(".tools"), "--locked", "--force"];
  try {
    await step(
      `Compiling ${tool.crate} ${version} (${tool.patience})`,
      "cargo",
      [...args, `${tool.crate}@${version}`],
      {
        env: { CARGO_TARGET_DIR: target },
        sentence: (output) =>
          looksOffline(output)
            ? `cargo could not download ${tool.crate}: check the network and run this again.`
            : `${tool.crate} ${version} could not be compiled, for the reason above: mend it and run this again.`,
      },
    );
  } finally {
    fs.rmSync(target, { recursive: true, force: true });
  }
}

// The Rust compiler, new enough, and its WebAssembly target.

import fs from "node:fs";
import path from "node:path";
import { Failure } from "../lib/failure.mjs";
import { inProject } from "../lib/project.mjs";
import { ask, looksOffline, step } from "../lib/run.mjs";

export const WASM_TARGET = "wasm32-unknown-unknown";

export async function setUpRust() {
  const version = await ask("rustc", ["--version"]);
  const cargo = await ask("cargo", ["--version"]);
  if (version === undefined || cargo === undefined) {
    throw new Failure(
      "Rust is missing: install it with rustup (https://rustup.rs), open a new terminal and run this again.",
    );
  }
  checkVersion(version);

  const sysroot = await ask("rustc", ["--print", "sysroot"]);
  if (sysroot !== undefined && fs.existsSync(path.join(sysroot, "lib", "rustlib", WASM_TARGET)))
    return;

  if ((await ask("rustup", ["--version"])) === undefined) {
    throw new Failure(
      `This Rust lacks the target ${WASM_TARGET} and was not installed by rustup: install rustup (https://rustup.rs), or add the target in the way this Rust was installed, and run this again.`,
    );
  }
  await step(`Adding Rust's target ${WASM_TARGET}`, "rustup", ["target", "add", WASM_TARGET], {
    sentence: (output) =>
      looksOffline(output)
        ? "rustup could not download the target: check the network and run this again."
        : `\`rustup target add ${WASM_TARGET}\` failed, for the reason above: mend it and run this again.`,
  });
}

/** rustfmt and clippy, which a minimal installation of Rust lacks. */
export async function setUpRustComponents() {
  for (const [component, command] of [
    ["rustfmt", "fmt"],
    ["clippy", "clippy"],
  ]) {
    if ((await ask("cargo", [String(command), "--version"])) !== undefined) continue;
    await step(`Adding Rust's ${component}`, "rustup", ["component", "add", String(component)], {
      sentence: () =>
        `\`rustup component add ${component}\` failed, for the reason above: mend it and run this again.`,
    });
  }
}

/** @param {string} version what `rustc --version` says */
function checkVersion(version) {
  const needed = /^rust-version\s*=\s*"(\d+)\.(\d+)/m.exec(
    fs.readFileSync(inProject("Cargo.toml"), "utf8"),
  );
  const present = /^rustc (\d+)\.(\d+)/.exec(version);
  if (needed === null || present === null) return;
  const order = Number(present[1]) - Number(needed[1]) || Number(present[2]) - Number(needed[2]);
  if (order < 0) {
    throw new Failure(
      `Rust ${needed[1]}.${needed[2]} or newer is needed, and this is ${present[1]}.${present[2]}: run \`rustup update stable\` and then this again.`,
    );
  }
}

// The Rust compiler, new enough, and its WebAssembly target.

import fs from "node:fs";
import path from "node:path";
import { Failure } from "../lib/failure.mjs";
import { inProject, packageJson } from "../lib/project.mjs";
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

/**
 * Fails if the compiler is too old, and names the version that this project is built with if it is another one.
 * @param {string} version what `rustc --version` prints
 */
function checkVersion(version) {
  const present = /^rustc (\d+\.\d+\.\d+)/.exec(version)?.[1];
  const lowest = /^rust-version = "(.+)"$/m.exec(
    fs.readFileSync(inProject("Cargo.toml"), "utf8"),
  )?.[1];
  const pinned = packageJson().config.rust;
  if (present === undefined || lowest === undefined || present === pinned) return;
  if (isOlder(present, lowest)) {
    throw new Failure(
      `Rust ${lowest} or newer is needed, and this is ${present}: run \`rustup toolchain install ${pinned}\`, then \`rustup override set ${pinned}\`, and run this again.`,
    );
  }
  console.log(
    `• This is Rust ${present}. The project is built with ${pinned}, so the Worker's bytes will differ.`,
  );
}

/**
 * Whether one version is older than another.
 * @param {string} one
 * @param {string} other
 */
function isOlder(one, other) {
  const [a, b] = [one, other].map((version) => version.split(".").map(Number));
  for (const place of [0, 1, 2]) {
    const difference = (a?.[place] ?? 0) - (b?.[place] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

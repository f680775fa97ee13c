// `wasm-bindgen-test-runner`, which the suite `wasm` needs, compiled into `.tools/bin` at the version of the library in
// `Cargo.lock`: the runner refuses a library of another version.

import fs from "node:fs";
import { Failure } from "../lib/failure.mjs";
import { inProject, toolBin } from "../lib/project.mjs";
import { ask, looksOffline, step } from "../lib/run.mjs";

const PROGRAM = "wasm-bindgen-test-runner";

export async function setUpTestRunner() {
  const version = lockedVersion("wasm-bindgen");
  const present = await ask(toolBin(PROGRAM), ["--version"]);
  if (present?.split(/\s+/).at(-1) === version) return;

  const target = inProject(".tools", "build-test-runner");
  const where = ["--root", inProject(".tools"), "--locked", "--force"];
  try {
    await step(
      `Compiling ${PROGRAM} ${version} (once, about 3 minutes)`,
      "cargo",
      ["install", ...where, "--bin", PROGRAM, `wasm-bindgen-cli@${version}`],
      {
        env: { CARGO_TARGET_DIR: target },
        sentence: (output) =>
          looksOffline(output)
            ? `cargo could not download ${PROGRAM}: check the network and run this again.`
            : `${PROGRAM} ${version} could not be compiled: fix the errors above and run this again.`,
      },
    );
  } finally {
    fs.rmSync(target, { recursive: true, force: true });
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
      `Cargo.lock has no version of ${library}: restore it with \`git checkout Cargo.lock\`.`,
    );
  }
  return version;
}

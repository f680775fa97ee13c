// The build's own `bindgen` (`tools/bindgen`), compiled into `.tools/bin` if it is missing or its sources changed.

import fs from "node:fs";
import { fingerprintOf } from "../lib/fingerprint.mjs";
import { inProject, toolBin } from "../lib/project.mjs";
import { looksOffline, step } from "../lib/run.mjs";

const SOURCES = inProject("tools", "bindgen");

/** The digest of the sources that the program was compiled from. */
const STAMP = inProject(".tools", "bindgen.fingerprint");

export async function setUpBindgen() {
  const wanted = fingerprintOf(["tools/bindgen"]);
  const program = toolBin("bindgen");
  if (fs.existsSync(program) && read(STAMP) === wanted) return;

  const target = inProject(".tools", "build-bindgen");
  const manifest = ["--manifest-path", `${SOURCES}/Cargo.toml`];
  try {
    await step(
      "Compiling the wasm-bindgen library (once)",
      "cargo",
      ["build", "--locked", ...manifest, "--target-dir", target],
      {
        sentence: (output) =>
          looksOffline(output)
            ? "cargo could not download the wasm-bindgen library: check the network and run this again."
            : "tools/bindgen could not be compiled: fix the errors above and run this again.",
      },
    );
    fs.mkdirSync(inProject(".tools", "bin"), { recursive: true });
    fs.rmSync(program, { force: true });
    fs.copyFileSync(`${target}/debug/bindgen`, program);
    fs.writeFileSync(STAMP, wanted);
  } finally {
    fs.rmSync(target, { recursive: true, force: true });
  }
}

/** @param {string} file */
function read(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
}

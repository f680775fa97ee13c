// The Rust files of the project, for rustfmt. Cargo would not find the dialects: their modules are declared by a macro.

import fs from "node:fs";
import { inProject } from "./project.mjs";

/** @returns {string[]} */
export function rustFiles() {
  return ["src", "tests", "tools"].flatMap((folder) =>
    fs
      .readdirSync(inProject(folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".rs"))
      .map((file) => inProject(folder, file)),
  );
}

/** The arguments that rustfmt needs without Cargo. */
export const RUSTFMT = ["--edition", "2024"];

// The entry for Node: the wasm is read from the folder of the package.

import { readFileSync } from "node:fs";
import { initSync } from "./glue.js";

initSync({ module: readFileSync(new URL("./hookswitch.wasm", import.meta.url)) });

export * from "./core.ts";
export * from "../client/index.ts";

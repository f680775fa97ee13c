// The entry for Cloudflare's Workers, where a wasm file is imported as a compiled module: nothing else may be compiled.

import module from "./hookswitch.wasm";
import { initSync } from "./glue.js";

initSync({ module });

export * from "./core.ts";
export * from "../client/index.ts";

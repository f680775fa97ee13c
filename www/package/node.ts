// The entry for Node. It contains the wasm itself, so that bundlers can write the whole package to one file.

import { gunzipSync } from "node:zlib";

import { initSync } from "./glue.js";
import wasm from "./hookswitch.wasm?gzip";

initSync({ module: gunzipSync(wasm) });

export * from "./core.ts";
export * from "../client/index.ts";

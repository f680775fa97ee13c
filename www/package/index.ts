// The entry for browsers, and for the bundlers that build for them: the wasm lies beside this file.

import { initSync } from "./glue.js";

const answer = await fetch(new URL("./hookswitch.wasm", import.meta.url));
if (!answer.ok) throw new Error(`hookswitch.wasm could not be loaded: HTTP ${answer.status}`);
// Compiled from its bytes, since not every server gives a wasm file the type that streaming would ask for.
initSync({ module: await WebAssembly.compile(await answer.arrayBuffer()) });

export * from "./core.ts";
export * from "../client/index.ts";

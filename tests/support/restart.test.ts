// After a trap the wasm is started anew, and so is what it made. No input makes the real one trap: one that does as it is
// told stands in for it.

import assert from "node:assert/strict";
import path from "node:path";
import test, { after, before } from "node:test";
import * as esbuild from "esbuild";
import { Miniflare } from "miniflare";

const WASM = `
  let starts = 1;
  let isDue = false;
  export function initSync() {}
  export function __wbg_reset_state() { starts += 1; isDue = false; }

  // As every call into the wasm does, where what left it was no trap and still is for it to end of.
  function started() { if (isDue) __wbg_reset_state(); }

  export function __worker_init_state() { started(); return { instanceId: starts }; }

  async function answer(request, made) {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/trap")) throw new WebAssembly.RuntimeError("unreachable");
    if (pathname.endsWith("/error")) throw new Error("not a trap");
    if (pathname.endsWith("/critical")) { isDue = true; throw new Error("Critical error"); }
    if (pathname.endsWith("/trap-later")) {
      queueMicrotask(() => { throw new WebAssembly.RuntimeError("unreachable"); });
    }
    return Response.json({ starts, made });
  }

  export async function fetch(request, env) {
    started();
    if (!new URL(request.url).pathname.startsWith("/ledger/")) return answer(request);
    return env.LEDGER.get(env.LEDGER.idFromName("one")).fetch(request);
  }

  export class Ledger {
    made = starts;
    fetch(request) { return answer(request, this.made); }
  }
`;

let server: Miniflare;

before(async () => {
  const bundled = await esbuild.build({
    entryPoints: [path.resolve(import.meta.dirname, "../../src/edge/entry.js")],
    bundle: true,
    write: false,
    format: "esm",
    external: ["cloudflare:*"],
    plugins: [
      {
        name: "wasm",
        setup(build) {
          build.onResolve({ filter: /\/glue\.js$/ }, () => ({ path: "wasm", namespace: "wasm" }));
          build.onResolve({ filter: /\.wasm$/ }, () => ({ path: "module", namespace: "module" }));
          build.onLoad({ filter: /./, namespace: "wasm" }, () => ({ contents: WASM }));
          build.onLoad({ filter: /./, namespace: "module" }, () => ({
            contents: "export default {}",
          }));
        },
      },
    ],
  });
  server = new Miniflare({
    host: "127.0.0.1",
    compatibilityDate: "2026-01-01",
    modules: true,
    script: bundled.outputFiles[0]?.text ?? "",
    durableObjects: { LEDGER: "Ledger" },
    // What a trap prints would look like a failure of the tests.
    handleRuntimeStdio: () => undefined,
  });
  await server.ready;
});

after(() => server.dispose());

/** What a path is answered with; the status alone, where that says that it failed. */
async function get(where: string) {
  const response = await server.dispatchFetch(`http://worker${where}`);
  if (!response.ok) return response.status;
  return (await response.json()) as { starts: number; made?: number };
}

test("starts the wasm anew after a trap, and the ledgers with it", async () => {
  assert.deepEqual(await get("/ledger/x"), { starts: 1, made: 1 });
  assert.equal(await get("/trap"), 500);
  assert.deepEqual(await get("/x"), { starts: 2 });
  assert.deepEqual(await get("/ledger/x"), { starts: 2, made: 2 });

  assert.equal(await get("/ledger/trap"), 500);
  assert.deepEqual(await get("/ledger/x"), { starts: 3, made: 3 });
  assert.deepEqual(await get("/x"), { starts: 3 });
});

test("does so where nobody waited for what trapped", async () => {
  const { starts } = (await get("/x")) as { starts: number };
  await get("/trap-later");
  assert.deepEqual(await get("/ledger/x"), { starts: starts + 1, made: starts + 1 });
});

test("a ledger is made anew, too, where the wasm was started anew behind its back", async () => {
  const { starts } = (await get("/ledger/x")) as { starts: number };
  assert.equal(await get("/ledger/critical"), 500);
  assert.deepEqual(await get("/ledger/x"), { starts: starts + 1, made: starts + 1 });
  assert.equal(await get("/critical"), 500);
  assert.deepEqual(await get("/x"), { starts: starts + 2 });
  assert.deepEqual(await get("/ledger/x"), { starts: starts + 2, made: starts + 2 });
});

test("an error is no trap", async () => {
  const { starts } = (await get("/x")) as { starts: number };
  assert.equal(await get("/error"), 500);
  assert.equal(await get("/ledger/error"), 500);
  assert.deepEqual(await get("/ledger/x"), { starts, made: starts });
});

// After a trap, the wasm starts again, and so do the Durable Objects on it. `tests/panic` lets the real wasm trap; here, a
// stand-in traps on request in every way.

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

  // Every call into the wasm begins with this: a start that is due is made first.
  function started() { if (isDue) __wbg_reset_state(); }

  export function __worker_init_state() { started(); return { instanceId: starts }; }

  async function answer(path, madeIn) {
    if (path.endsWith("/trap")) throw new WebAssembly.RuntimeError("unreachable");
    if (path.endsWith("/error")) throw new Error("not a trap");
    if (path.endsWith("/critical")) { isDue = true; throw new Error("Critical error"); }
    if (path.endsWith("/trap-later")) {
      queueMicrotask(() => { throw new WebAssembly.RuntimeError("unreachable"); });
    }
    return JSON.stringify({ starts, madeIn });
  }

  export async function fetch(request, env) {
    started();
    const { pathname } = new URL(request.url);
    const [, binding] = /^[/]([A-Z_]+)[/]/.exec(pathname) ?? [];
    if (binding === undefined) return new Response(await answer(pathname));
    return new Response(await env[binding].getByName("one").answer(pathname));
  }

  class Ledger {
    madeIn = starts;
    answer(path) { return answer(path, this.madeIn); }
  }
  export {
    Ledger as AppRegistry, Ledger as ExternalIds, Ledger as Operator, Ledger as UserLedger,
  };
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
    durableObjects: {
      USER_LEDGER: "UserLedger",
      APP_REGISTRY: "AppRegistry",
      EXTERNAL_IDS: "ExternalIds",
      OPERATOR: "Operator",
    },
    // The output of a trap would look like a failure of the tests.
    handleRuntimeStdio: () => undefined,
  });
  await server.ready;
});

after(() => server.dispose());

/** The answer for a path; its status alone if it is an error. */
async function get(where: string) {
  const response = await server.dispatchFetch(`http://worker${where}`);
  if (!response.ok) return response.status;
  return (await response.json()) as { starts: number; madeIn?: number };
}

test("the wasm starts again after a trap, and the ledgers with it", async () => {
  assert.deepEqual(await get("/USER_LEDGER/x"), { starts: 1, madeIn: 1 });
  assert.equal(await get("/trap"), 500);
  assert.deepEqual(await get("/x"), { starts: 2 });
  assert.deepEqual(await get("/USER_LEDGER/x"), { starts: 2, madeIn: 2 });

  assert.equal(await get("/USER_LEDGER/trap"), 500);
  assert.deepEqual(await get("/USER_LEDGER/x"), { starts: 3, madeIn: 3 });
  assert.deepEqual(await get("/x"), { starts: 3 });
});

test("ledgers of every class are passed to the wasm", async () => {
  const { starts } = (await get("/x")) as { starts: number };
  for (const binding of ["APP_REGISTRY", "EXTERNAL_IDS", "OPERATOR"]) {
    assert.deepEqual(await get(`/${binding}/x`), { starts, madeIn: starts });
  }
});

test("the wasm starts again after a trap in a call whose promise nobody awaits", async () => {
  const { starts } = (await get("/x")) as { starts: number };
  await get("/trap-later");
  assert.deepEqual(await get("/USER_LEDGER/x"), { starts: starts + 1, madeIn: starts + 1 });
});

test("a ledger is created again if wasm-bindgen started the wasm again", async () => {
  const { starts } = (await get("/USER_LEDGER/x")) as { starts: number };
  assert.equal(await get("/USER_LEDGER/critical"), 500);
  assert.deepEqual(await get("/USER_LEDGER/x"), { starts: starts + 1, madeIn: starts + 1 });
  assert.equal(await get("/critical"), 500);
  assert.deepEqual(await get("/x"), { starts: starts + 2 });
  assert.deepEqual(await get("/USER_LEDGER/x"), { starts: starts + 2, madeIn: starts + 2 });
});

test("an error that is no trap changes nothing", async () => {
  const { starts } = (await get("/USER_LEDGER/x")) as { starts: number };
  assert.equal(await get("/error"), 500);
  assert.equal(await get("/USER_LEDGER/error"), 500);
  assert.deepEqual(await get("/USER_LEDGER/x"), { starts, madeIn: starts });
});

// The package in a Worker, bundled by wrangler and run by workerd.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { Miniflare, NoOpLog } from "miniflare";

import { WRANGLER, WRANGLER_ENV } from "../../scripts/lib/wrangler.mjs";
import { expected, PROBE_FILE, vectors } from "./kit/answers.ts";
import { Consumer } from "./kit/installed.ts";

const DATE = "2026-08-01";

let consumer: Consumer;
let worker: Miniflare | undefined;

before(async () => {
  consumer = await Consumer.create();
});
after(async () => {
  await worker?.dispose();
  consumer?.remove();
});

/** The files that wrangler would upload, the entry first. */
function bundled(folder: string) {
  const names = readdirSync(folder).filter((name) => /\.(js|wasm)$/.test(name));
  return names
    .sort((one, other) => Number(other === "worker.js") - Number(one === "worker.js"))
    .map((name) => ({
      type: name.endsWith(".wasm") ? ("CompiledWasm" as const) : ("ESModule" as const),
      path: `/${name}`,
      contents: readFileSync(path.join(folder, name)),
    }));
}

test("workerd_runs_it_and_gives_the_known_answers", async () => {
  consumer.copy(PROBE_FILE, "probe.js");
  consumer.write(
    "worker.js",
    `
      import { probe } from "./probe.js";
      export default {
        fetch: async (request) => Response.json(probe(await request.json())),
      };
    `,
  );
  consumer.write(
    "wrangler.toml",
    `name = "consumer"\nmain = "worker.js"\ncompatibility_date = "${DATE}"\n`,
  );
  const output = consumer.path("uploaded");
  await consumer.run(WRANGLER, ["deploy", "--dry-run", "--outdir", output], WRANGLER_ENV);

  const modules = bundled(output);
  assert.deepEqual(
    modules.map(({ type }) => type),
    ["ESModule", "CompiledWasm"],
  );
  worker = new Miniflare({
    log: new NoOpLog(),
    telemetry: { enabled: false },
    cf: false,
    host: "127.0.0.1",
    compatibilityDate: DATE,
    modulesRoot: "/",
    modules,
  });
  const answer = await worker.dispatchFetch("http://worker/", {
    method: "POST",
    body: JSON.stringify(vectors),
  });
  assert.deepEqual(await answer.json(), expected);
});

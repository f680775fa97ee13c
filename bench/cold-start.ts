// Cold start: how long the Worker takes until it can answer.

import { readFileSync } from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { buildFolder } from "../tests/support/config.ts";
import { startWorker } from "../tests/support/worker.ts";
import { send } from "./load.ts";
import { median, table } from "./report.ts";

const SAMPLES = 5;

/** Measures the compilation of the wasm in Node.js, and the first answers of a fresh workerd. */
export async function measureColdStart(): Promise<string> {
  const wasm = readFileSync(path.join(buildFolder, "index_bg.wasm"));
  const [compile, first, second]: [number[], number[], number[]] = [[], [], []];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    compile.push(await timed(() => WebAssembly.compile(wasm)));
    const worker = await startWorker({ assets: false, faults: false });
    const health = (): Promise<unknown> =>
      send(worker.url, { method: "GET", path: "/healthz", headers: {} });
    first.push(await timed(health));
    second.push(await timed(health));
    await worker.stop();
  }
  return table([
    { Step: "Compile the wasm (Node.js)", "Median (ms)": median(compile).toFixed(1) },
    { Step: "First answer of a fresh workerd", "Median (ms)": median(first).toFixed(1) },
    { Step: "Second answer", "Median (ms)": median(second).toFixed(1) },
  ]);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

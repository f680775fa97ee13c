// `npm run bench`: what requests cost, in time and in storage calls, on one workerd on the loopback interface.

import { rmSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { startWorker } from "../tests/support/worker.ts";
import { Client } from "./http.mjs";
import { LANES } from "./lanes.mjs";
import { underLoad } from "./load.mjs";
import { table } from "./numbers.mjs";
import { newFolder } from "./place.mjs";
import { Stock } from "./stock.mjs";
import { revokeUsers } from "./user-revoke.mjs";

const started = performance.now();
const persist = newFolder();
// No rate limit is given: the harness then sets one that nothing reaches.
const worker = await startWorker({ assets: false, persist });
const client = new Client(worker.url, worker.rootKey, LANES);

async function end() {
  client.close();
  await worker.stop();
  rmSync(persist, { recursive: true, force: true });
}

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  process.once(signal, () => void end().finally(() => process.exit(1)));
}

try {
  const stock = new Stock(client, worker.rootKey, LANES);
  await stock.fill();
  console.log(`\nUnder load: ${LANES} requests at a time, over ${LANES} users\n`);
  console.log(table(await underLoad(client, stock)));
  console.log("\nPOST /v1/users/{id}/revoke: one at a time, one user and its ledger\n");
  console.log(table(await revokeUsers(client)));
  console.log(`\nDone in ${((performance.now() - started) / 1_000).toFixed(0)} s, in ${persist}.`);
} finally {
  await end();
}

// The suites about the built Worker as a whole.

import fs from "node:fs";
import zlib from "node:zlib";
import { build } from "../lib/build.mjs";
import { one } from "../lib/counts.mjs";
import { packageJson } from "../lib/project.mjs";
import { run } from "../lib/run.mjs";
import { WORKER_FILES } from "../lib/worker.mjs";
import { WRANGLER, WRANGLER_ENV } from "../lib/wrangler.mjs";

/** @type {Promise<void> | undefined} */
let built;

/** Builds at the first call; a build that fails is not tried again by the next suite. */
export function buildOnce() {
  built ??= build();
  return built;
}

export async function buildSuite() {
  await buildOnce();
  console.log("The Worker is built.");
  return one(true);
}

/** What a deployment uploads, compressed, may not grow past the budget of `package.json`. */
export async function size() {
  await buildOnce();
  const budget = Number(packageJson().config.worker_gzip_budget);
  let total = 0;
  for (const file of WORKER_FILES) {
    const content = fs.readFileSync(file);
    const compressed = zlib.gzipSync(content).length;
    total += compressed;
    console.log(`${kilobytes(content.length)}, ${kilobytes(compressed)} gzipped  ${file}`);
  }
  const isWithin = total <= budget;
  const verdict = isWithin ? "within" : "over";
  console.log(`${kilobytes(total)} gzipped, ${verdict} the budget of ${kilobytes(budget)}`);
  return one(isWithin);
}

export async function dryRun() {
  await buildOnce();
  const { code } = await run(WRANGLER, ["deploy", "--dry-run"], {
    title: "dry-run",
    show: true,
    env: WRANGLER_ENV,
  });
  return one(code === 0);
}

/** @param {number} bytes */
const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;

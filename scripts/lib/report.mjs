// Runs a list of jobs, all of them whatever becomes of each, and closes with a table and one line of totals.

import { isStopping } from "./children.mjs";
import { one } from "./counts.mjs";
import { Failure } from "./failure.mjs";
import { seconds } from "./run.mjs";

/**
 * @typedef {object} Job
 * @property {string} name
 * @property {string} about what it does, for its headline
 * @property {() => Promise<import("./counts.mjs").Count>} run
 */

/**
 * Runs every job; the answer is the exit code. The last line printed is `N passed, N failed`.
 * @param {readonly Job[]} jobs
 */
export async function runAll(jobs) {
  /** @type {{ name: string, count: import("./counts.mjs").Count, took: number }[]} */
  const results = [];
  for (const job of jobs) {
    console.log(`\n━━ ${job.name}: ${job.about}\n`);
    const started = Date.now();
    const count = await runJob(job);
    if (isStopping()) return 1;
    results.push({ name: job.name, count, took: Date.now() - started });
  }

  const width = Math.max(...results.map(({ name }) => name.length));
  console.log("");
  for (const { name, count, took } of results) {
    const verdict = count.failed > 0 ? "failed" : "passed";
    const tests = `${count.passed} passed, ${count.failed} failed`;
    console.log(`${name.padEnd(width)}  ${verdict}  ${tests}, ${seconds(took)}`);
  }
  const total = (/** @type {"passed" | "failed"} */ key) =>
    results.reduce((sum, { count }) => sum + count[key], 0);
  console.log(`\n${total("passed")} passed, ${total("failed")} failed`);
  return total("failed") > 0 ? 1 : 0;
}

/** @param {Job} job */
async function runJob(job) {
  try {
    return await job.run();
  } catch (error) {
    console.error(error instanceof Failure ? `✗ ${error.message}` : error);
    return one(false);
  }
}

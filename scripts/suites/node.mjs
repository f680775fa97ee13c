// The suites that node's own test runner runs: TypeScript, whose types it strips.

import fs from "node:fs";
import { buildOnce } from "./worker.mjs";
import { countNodeTests, judged } from "../lib/counts.mjs";
import { Failure } from "../lib/failure.mjs";
import { inProject, npmBin } from "../lib/project.mjs";
import { run } from "../lib/run.mjs";
import { findChromeDriver, findChromium } from "../setup/browser.mjs";

/** No single test may take longer. */
const TEST_LIMIT_MS = 10 * 60_000;

/**
 * Runs `*.test.ts` under a folder.
 * @param {string} folder
 * @param {object} [options]
 * @param {readonly string[]} [options.names] files, without folder and `.test.ts`; without them, all
 * @param {boolean} [options.onWorker] whether the Worker has to be built first
 */
export async function nodeTests(folder, { names = [], onWorker = true } = {}) {
  for (const name of names) {
    if (!fs.existsSync(inProject(folder, `${name}.test.ts`))) {
      throw new Failure(`There is no test file ${folder}/${name}.test.ts.`);
    }
  }
  if (onWorker) await buildOnce();
  const options = [
    "--test",
    "--test-reporter=spec",
    "--test-concurrency=2",
    `--test-timeout=${TEST_LIMIT_MS}`,
  ];
  const patterns = names.length === 0 ? ["**/*"] : names;
  const files = patterns.map((pattern) => `${folder}/${pattern}.test.ts`);
  const { code, output } = await run(npmBin("node"), [...options, ...files], {
    title: folder,
    show: true,
    env: { CHROME_PATH: findChromium() ?? "", CHROMEDRIVER: findChromeDriver() ?? "" },
  });
  return judged(code, countNodeTests(output));
}

// The suites that node's own test runner runs: TypeScript, whose types it strips.

import { buildOnce } from "./worker.mjs";
import { countNodeTests, judged } from "../lib/counts.mjs";
import { npmBin } from "../lib/project.mjs";
import { run } from "../lib/run.mjs";
import { findChromeDriver, findChromium } from "../setup/browser.mjs";

/** No single test may take longer. */
const TEST_LIMIT_MS = 10 * 60_000;

/**
 * Every `*.test.ts` under a folder.
 * @param {string} folder
 * @param {{ onWorker?: boolean }} [options] with `onWorker`, on the built Worker
 */
export async function nodeTests(folder, { onWorker = true } = {}) {
  if (onWorker) await buildOnce();
  const options = [
    "--test",
    "--test-reporter=spec",
    "--test-concurrency=2",
    `--test-timeout=${TEST_LIMIT_MS}`,
  ];
  const { code, output } = await run(npmBin("node"), [...options, `${folder}/**/*.test.ts`], {
    title: folder,
    show: true,
    env: { CHROME_PATH: findChromium() ?? "", CHROMEDRIVER: findChromeDriver() ?? "" },
  });
  return judged(code, countNodeTests(output));
}

// Installs what a fresh clone lacks. If nothing is missing, this takes about a second.

import { inParallel } from "../lib/run.mjs";
import { setUpBindgen } from "./bindgen.mjs";
import { setUpBrowser } from "./browser.mjs";
import { checkNode, setUpNodeModules } from "./node-modules.mjs";
import { setUpRust } from "./rust.mjs";
import { setUpTestRunner } from "./test-runner.mjs";

/**
 * Prepares the machine for building and serving.
 * @param {object} [wanted]
 * @param {boolean} [wanted.browser] whether tests need Chromium
 * @param {boolean} [wanted.testRunner] whether tests need the runner of wasm tests
 * @param {() => Promise<unknown>} [wanted.meanwhile] work that needs Rust alone, done while packages are installed
 */
export async function setUp({ browser = false, testRunner = false, meanwhile } = {}) {
  checkNode();
  await setUpRust();
  await inParallel([setUpNodeModules, setUpBindgen, ...(meanwhile ? [meanwhile] : [])]);
  if (testRunner) await setUpTestRunner();
  if (browser) await setUpBrowser();
}

// Everything that a fresh clone lacks, installed once; a set-up that finds all in place takes about a second.

import { setUpBrowser } from "./browser.mjs";
import { setUpCargoTools } from "./cargo-tools.mjs";
import { checkNode, setUpNodeModules } from "./node-modules.mjs";
import { setUpRust } from "./rust.mjs";

/**
 * Makes the machine ready to build and serve; with `browser`, ready for the tests that need one, too.
 * @param {{ browser?: boolean }} [wanted]
 */
export async function setUp({ browser = false } = {}) {
  checkNode();
  await setUpNodeModules();
  await setUpRust();
  await setUpCargoTools();
  if (browser) await setUpBrowser();
}

// Reads from a test program's output how many tests it ran.

import { stripVTControlCharacters } from "node:util";

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 */

/**
 * The sum over all result lines of `cargo test`, whose form wasm-bindgen's runner has, too.
 * @param {string} output
 * @returns {Count}
 */
export function countCargoTests(output) {
  const lines = plain(output).matchAll(/^test result: .*?(\d+) passed; (\d+) failed/gm);
  let passed = 0;
  let failed = 0;
  for (const [, good, bad] of lines) {
    passed += Number(good);
    failed += Number(bad);
  }
  return { passed, failed };
}

/**
 * The closing lines of node's test runner. A test that was cancelled, as by a time limit, has failed.
 * @param {string} output
 * @returns {Count}
 */
export function countNodeTests(output) {
  const text = plain(output);
  const last = (/** @type {string} */ word) =>
    Number([...text.matchAll(new RegExp(`^ℹ ${word} (\\d+)$`, "gm"))].at(-1)?.[1] ?? 0);
  return { passed: last("pass"), failed: last("fail") + last("cancelled") };
}

/**
 * The count of a suite, given how its program ended: a program that fails without naming a test,
 * or that runs no test at all, is a failure.
 * @param {number} code
 * @param {Count} count
 * @returns {Count}
 */
export function judged(code, count) {
  if (count.failed > 0) return count;
  if (code !== 0) {
    console.log(`The test program failed (exit code ${code}) without naming a failed test.`);
    return { ...count, failed: 1 };
  }
  if (count.passed === 0) {
    console.log("No test was executed, which counts as a failure.");
    return { passed: 0, failed: 1 };
  }
  return count;
}

/**
 * One thing that worked, or did not.
 * @param {boolean} isGood
 * @returns {Count}
 */
export const one = (isGood) => (isGood ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });

/**
 * Text without the codes that colour a terminal.
 * @param {string} text
 */
function plain(text) {
  return stripVTControlCharacters(text);
}

// The test suites, in the order in which they run.

import { core, wasm } from "./rust.mjs";
import { nodeTests } from "./node.mjs";
import { buildSuite, dryRun, panic, reproducible, size } from "./worker.mjs";

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {string} about what it tests, for its headline
 * @property {(names: readonly string[]) => Promise<import("../lib/counts.mjs").Count>} run runs the tests of these names,
 *   or all of them if there are none
 * @property {boolean} [takesNames] whether a part of it can be run by name
 * @property {boolean} [isJudge] whether it is a slow judge that others publish: part of `npm run test:judges` alone
 * @property {boolean} [needsWorker] whether it runs on the built Worker
 * @property {boolean} [needsBrowser]
 * @property {boolean} [needsTestRunner]
 */

/** @type {readonly Suite[]} */
export const suites = [
  { name: "core", about: "the core, natively", run: core, takesNames: true },
  {
    name: "wasm",
    about: "the browser's build, in headless Chromium",
    run: wasm,
    takesNames: true,
    needsBrowser: true,
    needsTestRunner: true,
  },
  { name: "build", about: "the Worker and its assets", run: buildSuite, needsWorker: true },
  { name: "size", about: "the compressed Worker against its budget", run: size, needsWorker: true },
  {
    name: "reproducible",
    about: "the same Worker, built in another folder",
    run: reproducible,
    needsWorker: true,
  },
  { name: "dry-run", about: "wrangler deploy --dry-run", run: dryRun, needsWorker: true },
  {
    name: "support",
    about: "the test harness itself",
    run: (names) => nodeTests("tests/support", { names, onWorker: false }),
    takesNames: true,
  },
  {
    name: "docs",
    about: "links, tables and shell blocks of the documentation",
    run: (names) => nodeTests("tests/docs", { names }),
    takesNames: true,
    needsWorker: true,
  },
  {
    name: "panic",
    about: "a Worker that panics, in a real workerd",
    run: panic,
  },
  {
    name: "http",
    about: "the Worker in a real workerd",
    run: (names) => nodeTests("tests/http", { names }),
    takesNames: true,
    needsWorker: true,
  },
  {
    name: "clients",
    about: "the vendors' own clients against the Worker",
    run: (names) => nodeTests("tests/clients", { names }),
    takesNames: true,
    isJudge: true,
    needsWorker: true,
  },
  {
    name: "generated",
    about: "clients that published generators make of /openapi.json",
    run: (names) => nodeTests("tests/generated", { names, onWorker: false }),
    takesNames: true,
    isJudge: true,
  },
  {
    name: "package",
    about: "the npm package, packed and installed elsewhere",
    run: (names) => nodeTests("tests/package", { names }),
    takesNames: true,
    needsBrowser: true,
    needsWorker: true,
  },
  {
    name: "pages",
    about: "the pages in headless Chromium",
    run: (names) => nodeTests("tests/pages", { names }),
    takesNames: true,
    needsBrowser: true,
    needsWorker: true,
  },
];

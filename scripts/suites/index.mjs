// The test suites, in the order in which they run.

import fs from "node:fs";
import { inProject } from "../lib/project.mjs";
import { core, wasm } from "./rust.mjs";
import { nodeTests } from "./node.mjs";
import { buildSuite, dryRun, size } from "./worker.mjs";

/**
 * @typedef {import("../lib/report.mjs").Job & {
 *   needsBrowser?: boolean,
 *   folder?: string,
 * }} Suite a job; with `folder`, one that is only there when its folder is
 */

/** @type {readonly Suite[]} */
const ALL = [
  { name: "core", about: "the core, natively", run: core },
  {
    name: "wasm",
    about: "the browser's build, in headless Chromium",
    run: wasm,
    needsBrowser: true,
  },
  { name: "build", about: "the Worker and its assets", run: buildSuite },
  { name: "size", about: "the compressed Worker against its budget", run: size },
  { name: "dry-run", about: "wrangler deploy --dry-run", run: dryRun },
  {
    name: "support",
    about: "the test harness itself",
    run: () => nodeTests("tests/support", { onWorker: false }),
  },
  { name: "http", about: "the Worker in a real workerd", run: () => nodeTests("tests/http") },
  {
    name: "clients",
    about: "the vendors' own clients against the Worker",
    run: () => nodeTests("tests/clients"),
    folder: "tests/clients",
  },
  {
    name: "package",
    about: "the npm package, packed and installed elsewhere",
    run: () => nodeTests("tests/package"),
    folder: "tests/package",
    needsBrowser: true,
  },
  {
    name: "pages",
    about: "the pages in headless Chromium",
    run: () => nodeTests("tests/pages"),
    folder: "tests/pages",
    needsBrowser: true,
  },
];

/** The suites of this checkout. */
export const suites = ALL.filter(
  ({ folder }) => folder === undefined || fs.existsSync(inProject(folder)),
);

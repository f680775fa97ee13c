// The suites about the built Worker as a whole.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import zlib from "node:zlib";
import { nodeTests } from "./node.mjs";
import { build } from "../lib/build.mjs";
import { PANICKING_WORKER } from "../lib/compile.mjs";
import { one } from "../lib/counts.mjs";
import { inProject, packageJson, root } from "../lib/project.mjs";
import { run } from "../lib/run.mjs";
import { buildWorker, WORKER_FILES } from "../lib/worker.mjs";
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

/** The compressed upload of a deployment may not be larger than the budget of `package.json`. */
export async function size() {
  await buildOnce();
  const budget = packageJson().config.worker_gzip_budget;
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

/** Builds the Worker once more, in a copy of the sources in another folder: both builds must have the same bytes. */
export async function reproducible() {
  await buildOnce();
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), "hookswitch-"));
  try {
    copySources(copy);
    const home = copyOfCargoHome(path.join(copy, "cargo-home"));
    // Without the set-up, which would install into the folders that are linked.
    const modules = JSON.stringify(path.join(copy, "scripts", "lib", "build.mjs"));
    const program = `const { build } = await import(${modules}); await build(["worker"]);`;
    const { code } = await run("node", ["--input-type=module", "--eval", program], {
      title: "building in another folder",
      show: true,
      env: { CARGO_HOME: home, CARGO_TARGET_DIR: path.join(copy, "target") },
    });
    if (code !== 0) return one(false);
    const differing = WORKER_FILES.filter((file) => {
      const other = path.join(copy, path.relative(root, file));
      return !fs.readFileSync(file).equals(fs.readFileSync(other));
    });
    for (const file of differing) console.log(`${file} has other bytes in another folder`);
    return one(differing.length === 0);
  } finally {
    fs.rmSync(copy, { recursive: true, force: true });
  }
}

/**
 * Copies the files that git knows or would add, and links what the set-up installed.
 * @param {string} to
 */
function copySources(to) {
  const listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", listing, { cwd: root, encoding: "utf8" }).split("\0");
  for (const file of files.filter((name) => name !== "" && fs.existsSync(inProject(name)))) {
    fs.cpSync(inProject(file), path.join(to, file));
  }
  for (const installed of ["node_modules", ".tools"]) {
    fs.symlinkSync(inProject(installed), path.join(to, installed));
  }
}

/**
 * Makes a folder with the content of cargo's home, so that the crates have other paths, too.
 * @param {string} to
 */
function copyOfCargoHome(to) {
  fs.mkdirSync(to);
  const home = process.env.CARGO_HOME ?? path.join(os.homedir(), ".cargo");
  for (const name of fs.readdirSync(home)) {
    fs.symlinkSync(path.join(home, name), path.join(to, name));
  }
  return to;
}

/** Builds a Worker that panics on request, and runs `tests/panic` on it. */
export async function panic() {
  await buildWorker({
    crate: PANICKING_WORKER,
    entry: inProject("tests", "panic", "entry.mjs"),
    to: inProject("build", "panic"),
  });
  return nodeTests("tests/panic", { onWorker: false });
}

/** @param {number} bytes */
const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;

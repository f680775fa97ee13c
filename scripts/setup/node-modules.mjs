// Node itself, and the packages that `package-lock.json` names.

import crypto from "node:crypto";
import fs from "node:fs";
import { Failure } from "../lib/failure.mjs";
import { inProject } from "../lib/project.mjs";
import { looksOffline, step } from "../lib/run.mjs";

const LOWEST_NODE = 20;

/** Where the digest of the lock file that `node_modules` was made from is kept. */
const STAMP = inProject("node_modules", ".hookswitch-lock");

export function checkNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < LOWEST_NODE) {
    throw new Failure(
      `Node ${LOWEST_NODE} or newer is needed, and this is ${process.versions.node}: install a newer Node and run this again.`,
    );
  }
}

export async function setUpNodeModules() {
  const lock = inProject("package-lock.json");
  if (!fs.existsSync(lock)) {
    throw new Failure(
      "package-lock.json is missing: restore it with `git checkout package-lock.json`.",
    );
  }
  const digest = crypto.createHash("sha256").update(fs.readFileSync(lock)).digest("hex");
  if (isInstalled(lock, digest)) return;

  await step("Installing the npm packages", "npm", ["ci", "--loglevel=error"], {
    sentence: (output) =>
      looksOffline(output)
        ? "npm could not reach its registry: check the network (or the proxy that npm is configured with) and run this again."
        : "`npm ci` failed, for the reason above: mend it and run this again.",
  });
  fs.writeFileSync(STAMP, digest);
}

/**
 * Whether `node_modules` was made from this lock file: by the stamp that this set-up leaves, or, where
 * the developer ran npm by hand, by the age of npm's own record.
 * @param {string} lock
 * @param {string} digest
 */
function isInstalled(lock, digest) {
  if (read(STAMP) === digest) return true;
  const record = modifiedAt(inProject("node_modules", ".package-lock.json"));
  const stamp = modifiedAt(STAMP) ?? 0;
  return record !== undefined && record >= stamp && record >= (modifiedAt(lock) ?? 0);
}

/** @param {string} file */
function read(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** @param {string} file */
function modifiedAt(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

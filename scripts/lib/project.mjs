// Where things are in this repository, and the environment that every child process gets.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository, absolute. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * A path inside the repository.
 * @param {...string} parts
 */
export const inProject = (...parts) => path.join(root, ...parts);

/**
 * A program that npm installed for this project.
 * @param {string} name
 */
export const npmBin = (name) => inProject("node_modules", ".bin", name);

/**
 * A program that the set-up compiled for this project.
 * @param {string} name
 */
export const toolBin = (name) => inProject(".tools", "bin", name);

/**
 * The environment for child processes: the project's own programs first on PATH, so that `node` is
 * the Node 24 of `node_modules` (wrangler and miniflare refuse Node 20) as soon as it is installed.
 * @param {Record<string, string>} [extra]
 * @returns {NodeJS.ProcessEnv}
 */
export function childEnv(extra = {}) {
  const bin = inProject("node_modules", ".bin");
  const rest = (process.env.PATH ?? "").split(path.delimiter).filter((dir) => dir !== bin);
  return { ...process.env, PATH: [bin, ...rest].join(path.delimiter), ...extra };
}

/** The compiler that checks types. (`tsc` on PATH is the older one, which ESLint needs as a library.) */
export const TSC = inProject("node_modules", "typescript-7", "bin", "tsc");

/**
 * The content of a JSON file.
 * @param {string} file
 */
export function readJson(file) {
  /** @type {unknown} */
  const value = JSON.parse(fs.readFileSync(file, "utf8"));
  return value;
}

/**
 * The members of `package.json` that the scripts use.
 * @typedef {object} PackageJson
 * @property {string} version
 * @property {{ rust: string, worker_gzip_budget: number, package_gzip_budget: number }} config
 */

/** The content of `package.json`. */
export function packageJson() {
  return /** @type {PackageJson} */ (readJson(inProject("package.json")));
}

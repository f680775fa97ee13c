// `.dev.vars`: the secrets of the local server. Missing secrets are created at random, the others are kept:
// a new HOOKSWITCH_SECRET would orphan every token of the local ledgers.

import crypto from "node:crypto";
import fs from "node:fs";
import { inProject } from "./project.mjs";

const FILE = inProject(".dev.vars");

/** How each missing value is created. @type {Readonly<Record<string, () => string>>} */
const MAKERS = {
  HOOKSWITCH_SECRET: () => crypto.randomBytes(32).toString("base64"),
  HOOKSWITCH_ROOT_KEY: () => `root_${crypto.randomBytes(32).toString("base64url")}`,
  PROJECT_ID: () => `project-test-${crypto.randomUUID()}`,
};

/** Completes `.dev.vars`, readable by its owner alone, and answers with all of its values. */
export function ensureDevVars() {
  const text = readText();
  const values = parse(text);
  const missing = Object.keys(MAKERS).filter((name) => !values[name]);

  if (missing.length > 0) {
    const kept = text.split("\n").filter((line) => !missing.includes(nameOf(line)));
    while (kept.at(-1) === "") kept.pop();
    for (const name of missing) {
      values[name] = MAKERS[name]?.() ?? "";
      kept.push(`${name}="${values[name]}"`);
    }
    // The mode is for a file that this makes; one that was there is tightened below.
    fs.writeFileSync(FILE, `${kept.join("\n")}\n`, { mode: 0o600 });
    console.log(`• Made ${missing.join(", ")} in .dev.vars`);
  }
  fs.chmodSync(FILE, 0o600);
  return values;
}

/** The values of `.dev.vars`; none if it does not exist. */
export const readDevVars = () => parse(readText());

const readText = () => (fs.existsSync(FILE) ? fs.readFileSync(FILE, "utf8") : "");

/**
 * The values of a file of `NAME=value` lines, quoted or not.
 * @param {string} text
 * @returns {Record<string, string>}
 */
function parse(text) {
  /** @type {Record<string, string>} */
  const values = {};
  for (const line of text.split("\n")) {
    const name = nameOf(line);
    if (name === "") continue;
    const value = line.slice(line.indexOf("=") + 1).trim();
    values[name] = /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value;
  }
  return values;
}

/**
 * The name that a line gives a value to; empty for a comment or an empty line.
 * @param {string} line
 */
function nameOf(line) {
  return /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=/.exec(line)?.[1] ?? "";
}

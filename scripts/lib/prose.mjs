// The lint of words: comments, documentation, error texts and page texts, by the rules of `docs/contributing/words.md`.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { inProject, root } from "./project.mjs";
import { passagesOf } from "./passages.mjs";

/**
 * @typedef {object} Rule
 * @property {RegExp} pattern
 * @property {string} advice what to write instead
 */

/** Rules about the first words of a sentence. Questions may begin with them. @type {readonly Rule[]} */
const OPENINGS = [
  {
    pattern: /^(What|Whoever|Whatever|That which|Those that|Who|The ones?) (?!.*\?$)/,
    advice: "begin with a noun that names the thing",
  },
];

/** Rules about words anywhere. @type {readonly Rule[]} */
const WORDS = [
  { pattern: /\bwhoever\b/i, advice: "name the person or program" },
  { pattern: /\b(that|those) which\b/i, advice: "name the thing" },
  { pattern: /\bthe ones? (before|that|of|which|who)\b/i, advice: "repeat the noun" },
  {
    pattern: /\b(what|came|come|comes|becomes|became) of (it|that|them|one|this)\b/i,
    advice: "result",
  },
  { pattern: /\bwhat (is|was|are) (there|left|asked|not)\b/i, advice: "name the thing" },
  { pattern: /\b(takes?|taking|taken|took) back\b/i, advice: "revoke, delete" },
  { pattern: /\bswitch(es|ed|ing)? (on|off)\b/i, advice: "enable, disable" },
  { pattern: /\b(tells?|telling|told)\b/i, advice: "report, notify, return, show" },
  { pattern: /\b(says?|saying|said)\b/i, advice: "return, report, show, state" },
  { pattern: /\b(holds?|holding|held)\b/i, advice: "store, contain, have, keep" },
  { pattern: /\b(hears?|heard)\b/i, advice: "receive" },
  { pattern: /\b(puts?|putting)\b/, advice: "create, store, set, write" },
  { pattern: /\b(comes?|came) to\b/i, advice: "reach, become" },
  { pattern: /\bcomes? (again|back)\b/i, advice: "is repeated, returns" },
  { pattern: /\banew\b/i, advice: "again" },
  { pattern: /\bgood (for|until)\b/i, advice: "valid for, valid until" },
  {
    pattern: /\bwhere (there (is|are) (no|none|not|nothing)|none|nobody|nothing)\b/i,
    advice: "if … not",
  },
  { pattern: /\bas things are\b|\bin the end\b|\bto the letter\b/i, advice: "state the condition" },
];

/** A doc comment shorter than this describes nothing. */
const MIN_DOC_COMMENT = 12;

/** A line with this is not checked. */
const IGNORE = "prose-lint-ignore";

/** Files that are checked. */
const CHECKED = /\.(rs|mjs|js|ts|md|html|css|toml|yml)$|^www\/connect\/en\.json$/;

/** Files that are not: generated ones, licences, and texts that quote others. */
const UNCHECKED = [
  /^(LICENSE|package-lock\.json|Cargo\.lock)/,
  /^www\/api\/types\.ts$/,
  // The rules quote the words.
  /^scripts\/lib\/prose\.mjs$/,
  /^tests\/support\/prose\.test\.ts$/,
];

/** Folders whose texts do not follow the rules yet. Take a folder out of the list when its texts do. */
const NOT_YET = [
  // The sentences of the element.
  "src/browser/phrases.rs",
  ...["console", "element", "demo"].map((name) => `www/${name}/`),
  ...["index.html", "demo.html"].map((name) => `www/${name}`),
  ...["http", "pages"].map((name) => `tests/${name}/`),
];

/**
 * @typedef {object} Finding
 * @property {string} file
 * @property {number} line
 * @property {string} text the words that break the rule
 * @property {string} advice
 */

/**
 * The findings of one text.
 * @param {string} file its name says how it is read
 * @param {string} content
 * @returns {Finding[]}
 */
export function findingsOf(file, content) {
  /** @type {Finding[]} */
  const findings = [];
  for (const { line, text, kind } of passagesOf(file, content)) {
    if (text.includes(IGNORE)) continue;
    const at = (/** @type {string} */ words, /** @type {string} */ advice) =>
      findings.push({ file, line, text: words, advice });
    if (kind === "doc" && text.length < MIN_DOC_COMMENT && !text.includes("‹"))
      at(text, "describe the item in a sentence");
    for (const sentence of sentencesOf(text)) {
      for (const { pattern, advice } of OPENINGS) {
        if (kind !== "label" && pattern.test(sentence)) at(sentence.slice(0, 60), advice);
      }
    }
    for (const { pattern, advice } of WORDS) {
      const found = pattern.exec(text);
      if (found !== null) at(around(text, found.index), advice);
    }
  }
  return findings;
}

/** The findings of every file that git knows or would add. */
export function allFindings() {
  const listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", listing, { cwd: root, encoding: "utf8" }).split("\0");
  return [...new Set(files)]
    .filter((file) => CHECKED.test(file) && !UNCHECKED.some((pattern) => pattern.test(file)))
    .filter((file) => !NOT_YET.some((start) => file.startsWith(start)))
    .filter((file) => fs.existsSync(inProject(file)))
    .flatMap((file) => findingsOf(file, fs.readFileSync(inProject(file), "utf8")));
}

/** Prints the findings, and returns whether there are none. */
export function checkProse() {
  const findings = allFindings();
  for (const { file, line, text, advice } of findings) {
    console.log(`${file}:${line}: ${text}\n    → ${advice}`);
  }
  console.log(`${findings.length} findings in words`);
  return findings.length === 0;
}

/** @param {string} text */
const sentencesOf = (text) => text.split(/(?<=[.!?:])\s+(?=[A-Z])/);

/**
 * @param {string} text
 * @param {number} index
 */
const around = (text, index) => `…${text.slice(Math.max(0, index - 30), index + 40)}…`;

// The lint of commit subjects: `area: imperative summary` in at most 72 characters.

import { spawnSync } from "node:child_process";
import { root } from "./project.mjs";

/** Commits before this time are not checked. */
const SINCE = "2026-11-30T11:30:00Z";

const MAX_LENGTH = 72;

/** An area is a folder, a file or a subject, in lower case. */
const FORM = /^([a-z0-9][\w./+ -]*): ([a-z`/<.]\S*) \S/i;

/** First words of a summary that are not an imperative. */
const NOT_IMPERATIVE =
  /^(?!(embed|feed|need|seed|speed|bring|shed|wed)$)\w+(ed|ing)$|^(adds|fixes|makes|uses|removes|updates|moves|returns|the|an?|no|some|more|new)$/i;

/**
 * The rule that a subject breaks, or undefined.
 * @param {string} subject
 */
export function problemOf(subject) {
  const parts = FORM.exec(subject);
  if (parts === null) return "write `area: imperative summary`";
  if (subject.length > MAX_LENGTH) return `use at most ${MAX_LENGTH} characters`;
  if (subject.endsWith(".")) return "leave out the full stop";
  if (NOT_IMPERATIVE.test(parts[2] ?? "")) return "begin the summary with an imperative";
  return undefined;
}

/** Checks the subjects of new commits, merges excepted, and returns whether all follow the rule. */
export function checkCommits() {
  const args = ["log", "--no-merges", `--since-as-filter=${SINCE}`, "--format=%h %s"];
  const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  if (status !== 0) {
    console.log("There is no history of commits here.");
    return true;
  }
  const subjects = stdout.split("\n").filter((line) => line !== "");
  const problems = subjects.flatMap((line) => {
    const problem = problemOf(line.slice(line.indexOf(" ") + 1));
    return problem === undefined ? [] : [`${line}\n    → ${problem}`];
  });
  for (const problem of problems) console.log(problem);
  console.log(`${subjects.length} subjects of commits, ${problems.length} findings`);
  return problems.length === 0;
}

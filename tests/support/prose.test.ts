// The lint of words and of commit subjects finds what it has to, and nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { problemOf } from "../../scripts/lib/commits.mjs";
import { findingsOf } from "../../scripts/lib/prose.mjs";

const FOUND: [name: string, file: string, content: string][] = [
  ["an opening without a noun", "a.rs", "/// What a ledger wrote.\nstruct A;"],
  ["an opening in a later sentence", "a.ts", "// A ledger writes. Those that ask get an answer.\n"],
  ["a vague verb in a comment of several lines", "a.rs", "// The alarm\n// tells the endpoint.\n"],
  ["a vague verb in a text", "a.rs", 'const A: &str = "the ledger says that it failed";'],
  ["a doc comment that describes nothing", "a.rs", "/// The app.\nstruct A;"],
  ["a comment of a block", "a.mjs", "/**\n * A file that holds one subject.\n */"],
  ["a paragraph", "a.md", "The ledger takes back a token."],
  ["a cell of a table", "a.md", "| a | it is switched off |\n| - | - |"],
  ["a text of a page", "a.html", "<p>This link was switched off.</p>"],
  ["a comment of a setting", "a.toml", "# What the Worker reads.\nA = 1"],
];

for (const [name, file, content] of FOUND) {
  test(`prose_lint_finds_${name.replaceAll(" ", "_")}`, () => {
    assert.equal(findingsOf(file, content).length, 1);
  });
}

const ALLOWED: [name: string, file: string, content: string][] = [
  ["a noun as the subject", "a.rs", "/// The rows that a ledger wrote.\nstruct A;"],
  ["a question", "a.ts", "// Who made this?\n"],
  ["words in code", "a.rs", "/// A credential that is `held`.\nstruct A;"],
  [
    "an example in a doc comment",
    "a.rs",
    "/// An example of a call.\n///\n/// ```\n/// let told = 1;\n/// ```\nfn a() {}",
  ],
  ["code of a page", "a.md", "```\nWhat holds?\n```"],
  ["a heading that begins with a question word", "a.md", "## What to watch"],
  ["a line that is exempt", "a.md", "It is switched off. <!-- prose-lint-ignore -->"],
];

for (const [name, file, content] of ALLOWED) {
  test(`prose_lint_allows_${name.replaceAll(" ", "_")}`, () => {
    assert.deepEqual(findingsOf(file, content), []);
  });
}

const SUBJECTS: [subject: string, isRight: boolean][] = [
  ["ledger: read reissued tokens in a fixed order", true],
  ["tests/http: follow one event per change", true],
  ["npm: need Node 20", true],
  ["Read reissued tokens in a fixed order", false],
  ["ledger: returns reissued tokens", false],
  ["ledger: reading of tokens", false],
  ["ledger: the tokens are read", false],
  ["ledger: read tokens.", false],
  [`ledger: read ${"tokens ".repeat(10)}`.trim(), false],
];

for (const [subject, isRight] of SUBJECTS) {
  test(`commit_lint_${isRight ? "allows" : "rejects"}: ${subject}`, () => {
    assert.equal(problemOf(subject) === undefined, isRight);
  });
}

// The guide for MCP servers shows the example that the tests deploy.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { root } from "../support/config.ts";
import { blocks, readPage } from "./kit/markdown.ts";

const EXAMPLE = path.join(root, "examples", "mcp-server");

test("the_guide_shows_the_files_of_the_example", () => {
  const all = blocks(readPage("docs/guides/mcp-server.md"));
  const shown = (language: string): string =>
    all.find((block) => block.language === language)?.text.trim() ?? "";
  const file = (name: string): string => readFileSync(path.join(EXAMPLE, name), "utf8").trim();
  // The comment at the head of the program is for those who come without the guide.
  const [, ...program] = file("worker.js").split("\n\n");
  assert.equal(shown("js"), program.join("\n\n"));
  assert.equal(shown("toml"), file("wrangler.toml"));
});

test("the_example_has_the_versions_that_are_tested", () => {
  const read = (name: string): Record<string, Record<string, string>> =>
    JSON.parse(readFileSync(path.join(root, name), "utf8")) as Record<
      string,
      Record<string, string>
    >;
  const tested = read("package.json")["devDependencies"] ?? {};
  const used = read("examples/mcp-server/package.json")["dependencies"] ?? {};
  for (const [name, version] of Object.entries(used)) assert.equal(version, tested[name], name);
});

// The pages of the documentation: every link resolves, every page is reachable, and no page is too long.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root } from "../support/config.ts";
import { anchors, links, pages, readPage } from "./kit/markdown.ts";

const MAX_LINES = 400;
const README_MAX_LINES = 250;
const INDEX = "docs/README.md";

const all = pages();

/** Splits a relative link into its file, from the root of the repository, and its anchor. */
function target(from: string, link: string): { file: string; anchor: string } {
  const [file = "", anchor = ""] = link.split("#");
  const resolved = file === "" ? from : path.join(path.dirname(from), decodeURI(file));
  return { file: resolved, anchor };
}

const isExternal = (link: string) => /^[a-z]+:/.test(link);

test("every_relative_link_and_anchor_resolves", () => {
  const broken: string[] = [];
  for (const page of all) {
    for (const link of links(page)) {
      if (isExternal(link)) continue;
      const { file, anchor } = target(page.file, link);
      if (!existsSync(path.join(root, file))) broken.push(`${page.file}: ${link} (no such file)`);
      else if (anchor !== "" && file.endsWith(".md") && !anchors(readPage(file)).has(anchor)) {
        broken.push(`${page.file}: ${link} (no such heading)`);
      }
    }
  }
  assert.deepEqual(broken, []);
});

test("external_links_use_https", () => {
  const plain = all.flatMap((page) =>
    links(page)
      .filter((link) => isExternal(link) && !link.startsWith("https:"))
      .map((link) => `${page.file}: ${link}`),
  );
  assert.deepEqual(plain, []);
});

test("every_page_of_docs_is_reachable_from_the_index", () => {
  const reached = new Set<string>();
  const next = [INDEX];
  for (let file = next.pop(); file !== undefined; file = next.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    for (const link of links(readPage(file))) {
      if (isExternal(link)) continue;
      const { file: to } = target(file, link);
      if (to.startsWith("docs/") && to.endsWith(".md")) next.push(to);
    }
  }
  const files = all.map(({ file }) => file).filter((file) => file.startsWith("docs/"));
  assert.deepEqual(
    files.filter((file) => !reached.has(file)),
    [],
  );
  assert.ok(files.length > 20);
});

test("no_page_is_longer_than_400_lines_and_the_readme_than_250", () => {
  const long = all
    .map(({ file, text }) => ({ file, lines: text.trimEnd().split("\n").length }))
    .filter(({ file, lines }) => lines > (file === "README.md" ? README_MAX_LINES : MAX_LINES));
  assert.deepEqual(long, []);
});

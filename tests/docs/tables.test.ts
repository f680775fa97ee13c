// The tables of the documentation that the code knows are complete: calls, settings, bindings, and the names of tests.
// `tests/core/docs.rs` compares the tables that only Rust knows.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { config, root } from "../support/config.ts";
import { readPage } from "./kit/markdown.ts";

/** The cells of the table under a heading, without its first two rows. */
function tableUnder(file: string, heading: string): string[][] {
  const lines = readPage(file).text.split("\n");
  const start = lines.indexOf(heading);
  assert.ok(start >= 0, `${file} has no heading ${heading}`);
  const after = lines.slice(start + 1);
  const first = after.findIndex((line) => line.startsWith("|"));
  const length = after.slice(first).findIndex((line) => !line.startsWith("|"));
  const rows = after.slice(first, length < 0 ? undefined : first + length);
  return rows.slice(2).map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The code spans of a cell. */
const spans = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");

const CONFIGURATION = "docs/reference/configuration.md";

/** Settings that `wrangler.toml` leaves out because another one takes their place. */
const NOT_IN_THE_FILE = new Set(["RETENTION_SECONDS"]);

test("every_call_of_the_description_is_in_the_api_page", () => {
  const document = JSON.parse(readFileSync(path.join(root, "www/openapi.json"), "utf8")) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const methods = new Set(["get", "put", "post", "delete", "patch"]);
  const calls = Object.entries(document.paths).flatMap(([template, item]) =>
    Object.keys(item)
      .filter((method) => methods.has(method))
      .map((method) => `${method.toUpperCase()} ${template}`),
  );
  const listed = ["## Native calls", "## Calls of a standard or a vendor"]
    .flatMap((heading) => tableUnder("docs/reference/api.md", heading))
    .flatMap(([cell]) => spans(cell));
  // The last paragraph of the page names the other paths of the same calls.
  const isAnotherPath = (call: string) =>
    / \/(connection\/|v1\/oauth2\/|api\/v3\/)/.test(call) && !listed.includes(call);
  assert.deepEqual(listed.toSorted(), calls.filter((call) => !isAnotherPath(call)).toSorted());
});

test("every_variable_is_in_the_configuration_page_with_its_default", () => {
  const listed = tableUnder(CONFIGURATION, "## Variables").map(([name, value = ""]) => ({
    name: spans(name)[0] ?? "",
    value: value === "none" ? "" : (spans(value)[0] ?? value),
  }));
  const inFile = listed.filter(({ name }) => !NOT_IN_THE_FILE.has(name));
  assert.deepEqual(Object.fromEntries(inFile.map(({ name, value }) => [name, value])), {
    ...config.vars,
  });
});

test("every_binding_is_in_the_configuration_page", () => {
  const bindings = [
    ...config.durable_objects.bindings.map(({ name }) => name),
    ...config.kv_namespaces.map(({ binding }) => binding),
    ...config.ratelimits.map(({ name }) => name),
    config.assets.binding,
  ];
  const listed = tableUnder(CONFIGURATION, "## Bindings").flatMap(([cell]) => spans(cell));
  assert.deepEqual(listed.toSorted(), bindings.toSorted());
});

test("the_rate_limit_of_the_configuration_page_is_the_one_of_the_deployment", () => {
  const simple = config.ratelimits[0]?.simple;
  assert.ok(simple);
  const { text } = readPage(CONFIGURATION);
  const limit = simple.limit.toLocaleString("en-US");
  assert.ok(text.includes(`${limit} requests per ${simple.period} seconds`));
});

test("every_suite_is_in_the_contributing_page", () => {
  const source = readFileSync(path.join(root, "scripts/suites/index.mjs"), "utf8");
  const suites = [...source.matchAll(/name: "([\w-]+)"/g)].map((match) => match[1] ?? "");
  const listed = tableUnder("docs/contributing/setup.md", "## Suites").flatMap(([cell]) =>
    spans(cell),
  );
  assert.deepEqual(listed, suites);
});

test("every_npm_script_is_in_the_contributing_page", () => {
  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const listed = tableUnder("docs/contributing/setup.md", "## Commands").map(([cell]) =>
    (spans(cell)[0] ?? "").replace(/^npm (run )?/, ""),
  );
  assert.deepEqual(listed.toSorted(), Object.keys(manifest.scripts).toSorted());
});

test("every_test_that_a_promise_or_threat_names_exists", () => {
  const sources = ["src", "tests"].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(rs|ts)$/.test(name))
      .map((name) => readFileSync(path.join(root, folder, name), "utf8")),
  );
  const all = sources.join("\n");
  const names = new Set(
    [...all.matchAll(/(?:fn |test\(\s*["`])(\w+)/g)].map((match) => match[1] ?? ""),
  );
  const pages = ["docs/concepts/consistency-and-guarantees.md", "SECURITY.md"];
  const named = pages.flatMap((file) => spans(readPage(file).text)).filter(isTestName);
  assert.ok(named.length > 50);
  assert.deepEqual(
    named.filter((name) => !names.has(name)),
    [],
  );
});

/** Whether a code span is the name of a test: several words with underscores. No call or field has as many. */
const isTestName = (span: string) => /^[a-z0-9]+(_[a-z0-9]+){3,}$/.test(span);

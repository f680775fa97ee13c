// Every public module of the crate has an example, which `cargo test --doc` compiles and runs.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root } from "../support/config.ts";

/** Modules of traits, Durable Object glue and table layouts: the tests that implement or use them are the examples. */
const WITHOUT = new Set([
  "src/core/string_enum.rs",
  "src/dialects/describe/mod.rs",
  "src/dialects/extract.rs",
  "src/dialects/handler.rs",
  "src/dialects/operation.rs",
  "src/dialects/schema.rs",
  "src/ledger/alarm.rs",
  "src/ledger/app_registry.rs",
  "src/ledger/durable/mod.rs",
  "src/ledger/error.rs",
  "src/ledger/external_ids.rs",
  "src/ledger/operator.rs",
  "src/ledger/schema.rs",
  "src/ledger/sql.rs",
  "src/ledger/user/mod.rs",
  "src/operations/connection_search.rs",
  "src/operations/ledgers.rs",
  "src/operations/platform.rs",
  "src/operations/revocations.rs",
  "src/panic_test.rs",
  "src/upstream/webhooks.rs",
]);

/** The files of the public modules that a file declares, and of theirs. */
function publicModules(file: string): string[] {
  const source = readFileSync(path.join(root, file), "utf8");
  const isRoot = /(^|\/)(mod|lib)\.rs$/.test(file);
  const folder = isRoot ? path.dirname(file) : file.replace(/\.rs$/, "");
  return [...source.matchAll(/^\s*pub mod (\w+);/gm)].flatMap(([, name = ""]) => {
    const candidates = [`${folder}/${name}.rs`, `${folder}/${name}/mod.rs`];
    const found = candidates.find((candidate) => existsSync(path.join(root, candidate)));
    return found === undefined ? [] : [found, ...publicModules(found)];
  });
}

/** Whether a doc comment of the file has a code block of Rust. */
function hasExample(file: string): boolean {
  const source = readFileSync(path.join(root, file), "utf8");
  return /^\s*\/\/[/!] ```$\n\s*\/\/[/!] \S/m.test(source);
}

test("every_public_module_has_an_example", () => {
  const modules = publicModules("src/lib.rs");
  assert.ok(modules.length > 90);
  const without = modules.filter((file) => !hasExample(file) && !WITHOUT.has(file));
  assert.deepEqual(without, []);
});

test("modules_without_an_example_exist", () => {
  const known = new Set(publicModules("src/lib.rs"));
  const outdated = [...WITHOUT].filter((file) => !known.has(file));
  assert.deepEqual(outdated, []);
});

// The package to publish: its files, its size, its manifest and its types.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";

import { Consumer, inProject, projectBin } from "./kit/installed.ts";

const project = JSON.parse(readFileSync(inProject("package.json"), "utf8")) as {
  version: string;
  config: { package_gzip_budget: number };
};

let consumer: Consumer;
before(async () => {
  consumer = await Consumer.create();
});
after(() => consumer?.remove());

const read = (name: string): Buffer =>
  readFileSync(consumer.path("node_modules", "hookswitch", name));

/** The programs that a runtime loads, beside those that all of them share. */
const RUNTIMES = {
  browser: ["index.js", "element.js", "hookswitch.wasm"],
  node: ["node.js", "element-node.js"],
  workerd: ["workerd.js", "element-workerd.js", "hookswitch.wasm"],
};

for (const [runtime, own] of Object.entries(RUNTIMES)) {
  test(`all_that_a_runtime_loads_is_within_the_budget (${runtime})`, (context) => {
    const others = Object.values(RUNTIMES).flat();
    const programs = consumer.files
      .map((file) => file.path)
      .filter((name) => /\.(js|wasm)$/.test(name))
      .filter((name) => own.includes(name) || !others.includes(name));
    for (const name of own) assert.ok(programs.includes(name), name);
    let total = 0;
    for (const name of programs) {
      const content = read(name);
      const compressed = gzipSync(content).length;
      total += compressed;
      context.diagnostic(`${name}: ${content.length} bytes, ${compressed} gzipped`);
    }
    const budget = project.config.package_gzip_budget;
    context.diagnostic(`${total} bytes gzipped, of ${budget}`);
    assert.ok(total <= budget, `${total} bytes gzipped are over the budget of ${budget}`);
  });
}

test("it_holds_its_programs_its_types_and_its_licences_and_nothing_else", () => {
  const names = consumer.files.map((file) => file.path).sort();
  const others = names.filter((name) => !/^shared-\w+\.js$|^types\/.*\.d\.ts$/.test(name));
  assert.deepEqual(others, [
    "LICENSE",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "custom-elements.json",
    "element-node.js",
    "element-workerd.js",
    "element.js",
    "hookswitch.wasm",
    "index.js",
    "node.js",
    "package.json",
    "workerd.js",
  ]);
});

test("it_has_the_version_of_the_project_and_depends_on_nothing", () => {
  const manifest = JSON.parse(read("package.json").toString()) as Record<string, unknown>;
  const crate = /^version = "(.+)"$/m.exec(readFileSync(inProject("Cargo.toml"), "utf8"))?.[1];
  assert.deepEqual([manifest["name"], manifest["version"]], ["hookswitch", project.version]);
  assert.equal(crate, project.version);
  const dependent = Object.keys(manifest).filter((name) => /dependencies|scripts/i.test(name));
  assert.deepEqual(dependent, []);
});

test("publint_finds_nothing", async () => {
  const said = await consumer.run(projectBin("publint"), ["run", "--strict", consumer.tarball]);
  assert.match(said, /All good!/);
});

test("attw_finds_nothing", async () => {
  // The package is for `import` alone, as its readme states.
  const options = ["--profile", "esm-only", "--no-definitely-typed", "--no-emoji"];
  const said = await consumer.run(projectBin("attw"), [
    consumer.tarball,
    ...options,
    "--format",
    "ascii",
  ]);
  const resolved = said.match(/^(node16 \(from ESM\)|bundler): .*$/gm) ?? [];
  assert.equal(resolved.length, 2 * 6, said);
  assert.ok(
    resolved.every((line) => line.includes(": OK")),
    said,
  );
});

// `npm run lint`: every check of form, types and words, in every build.

import { checkCommits } from "./lib/commits.mjs";
import { one } from "./lib/counts.mjs";
import { runMain } from "./lib/failure.mjs";
import { npmBin, TSC } from "./lib/project.mjs";
import { checkProse } from "./lib/prose.mjs";
import { runAll } from "./lib/report.mjs";
import { run } from "./lib/run.mjs";
import { RUSTFMT, rustFiles } from "./lib/rust-files.mjs";
import { setUp } from "./setup/index.mjs";
import { setUpRustComponents, WASM_TARGET } from "./setup/rust.mjs";

const DENY_WARNINGS = ["--", "--deny", "warnings"];
const BROWSER = ["--no-default-features", "--features", "browser"];

/**
 * @param {string} name
 * @param {string} about
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string>} [env]
 * @returns {import("./lib/report.mjs").Job}
 */
const check = (name, about, command, args, env = {}) => ({
  name,
  about,
  run: async () => one((await run(command, args, { title: name, show: true, env })).code === 0),
});

/**
 * @param {string} name
 * @param {string} about
 * @param {readonly string[]} args
 */
const clippy = (name, about, args) =>
  check(name, about, "cargo", ["clippy", ...args, ...DENY_WARNINGS]);

/** The features of the build for native tests. */
const NATIVE = ["--no-default-features", "--features", "in-memory,openapi"];

/**
 * The documentation of private items too, without warnings.
 * @param {string} name
 * @param {string} about
 * @param {readonly string[]} args
 */
const rustdoc = (name, about, args) =>
  check(name, about, "cargo", ["doc", "--no-deps", "--document-private-items", ...args], {
    RUSTDOCFLAGS: "--deny warnings",
  });

await runMain(async () => {
  await setUp();
  await setUpRustComponents();
  return runAll([
    check("rustfmt", "the form of the Rust", "rustfmt", [...RUSTFMT, "--check", ...rustFiles()]),
    clippy("clippy native", "all but the Worker, natively, with the tests", [
      ...NATIVE,
      "--all-targets",
    ]),
    clippy("clippy worker", "the Worker", ["--target", WASM_TARGET]),
    clippy("clippy browser", "the browser's build, with its tests", [
      "--target",
      WASM_TARGET,
      ...BROWSER,
      "--lib",
      "--test",
      "wasm",
    ]),
    clippy("clippy panic-test", "the Worker that panics on request", [
      ...["--target", WASM_TARGET, "--features", "panic-test"],
    ]),
    clippy("clippy bindgen", "the build's own tool", [
      ...["--manifest-path", "tools/bindgen/Cargo.toml", "--locked"],
      ...["--target-dir", "target/tools"],
    ]),
    rustdoc("rustdoc native", "the documentation of all but the Worker", NATIVE),
    rustdoc("rustdoc worker", "the documentation of the Worker and the package", [
      ...["--features", "browser,panic-test", "--target", WASM_TARGET],
    ]),
    check("eslint", "the JavaScript and TypeScript", npmBin("eslint"), ["."]),
    check("tsc", "the types of scripts and tests", TSC, ["--noEmit"]),
    check("prettier", "the form of all else", npmBin("prettier"), ["--check", "."]),
    {
      name: "prose",
      about: "the words of comments, documentation, errors and pages",
      run: async () => one(checkProse()),
    },
    { name: "commits", about: "the subjects of new commits", run: async () => one(checkCommits()) },
  ]);
});

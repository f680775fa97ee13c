// The suites that cargo runs.

import fs from "node:fs";
import { countCargoTests, judged } from "../lib/counts.mjs";
import { inProject } from "../lib/project.mjs";
import { run } from "../lib/run.mjs";
import { findChromeDriver, findChromium } from "../setup/browser.mjs";
import { WASM_TARGET } from "../setup/rust.mjs";

/**
 * Runs the native tests, over in-memory ledgers and with the description of the API. They need no wasm build.
 * @param {readonly string[]} names a test runs if its name contains one of these
 */
export async function core(names) {
  const features = ["--no-default-features", "--features", "in-memory,openapi"];
  const args = ["test", ...features, ...filtered(names)];
  const { code, output } = await run("cargo", args, { title: "core", show: true });
  return judged(code, countCargoTests(output));
}

/**
 * Runs `tests/wasm`, compiled for the browser, in a browser.
 * @param {readonly string[]} names a test runs if its name contains one of these
 */
export async function wasm(names) {
  const features = ["--no-default-features", "--features", "browser"];
  const args = ["test", "--target", WASM_TARGET, ...features, "--test", "wasm", ...filtered(names)];
  const { code, output } = await run("cargo", args, {
    title: "wasm",
    show: true,
    env: {
      // Relative, since cargo would split an absolute path at its spaces.
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: ".tools/bin/wasm-bindgen-test-runner",
      CHROMEDRIVER: findChromeDriver() ?? "",
      WASM_BINDGEN_TEST_WEBDRIVER_JSON: writeWebDriverOptions(),
      WASM_BINDGEN_TEST_TIMEOUT: "120",
    },
  });
  return judged(code, countCargoTests(output));
}

/** @param {readonly string[]} names */
const filtered = (names) => (names.length === 0 ? [] : ["--", ...names]);

/** Writes what ChromeDriver is to start, and answers with the file. */
function writeWebDriverOptions() {
  const file = inProject(".tools", "webdriver.json");
  const args = [
    "--headless",
    // Chromium refuses its sandbox to root, as whom containers run.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    // Nothing that would reach for the network by itself.
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
  const options = { "goog:chromeOptions": { binary: findChromium(), args } };
  fs.writeFileSync(file, JSON.stringify(options, null, 2));
  return file;
}

// Chromium and ChromeDriver, for the tests alone: found, or, where we may, installed.

import fs from "node:fs";
import path from "node:path";
import { Failure } from "../lib/failure.mjs";
import { ask, looksOffline, step } from "../lib/run.mjs";

const CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const CHROMEDRIVER_NAMES = ["chromedriver"];
const USUAL_PLACES = ["/usr/bin", "/usr/lib/chromium", "/usr/lib/chromium-browser"];

/** The browser, or `undefined` if it is not installed. */
export const findChromium = () => find("CHROME_PATH", CHROMIUM_NAMES);

/** The driver that speaks WebDriver for it, or `undefined` if it is not installed. */
export const findChromeDriver = () => find("CHROMEDRIVER", CHROMEDRIVER_NAMES);

export async function setUpBrowser() {
  if (findChromium() !== undefined && findChromeDriver() !== undefined) return;

  const mayInstall =
    process.getuid?.() === 0 && (await ask("apt-get", ["--version"])) !== undefined;
  if (!mayInstall) {
    throw new Failure(
      "The tests need Chromium and ChromeDriver of the same version: install both (Debian's packages chromium and chromium-driver), or name them in CHROME_PATH and CHROMEDRIVER, and run this again.",
    );
  }
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const sentence = (/** @type {string} */ output) =>
    looksOffline(output)
      ? "apt-get could not reach its mirror: check the network and run this again."
      : "Chromium could not be installed, for the reason above: install chromium and chromium-driver by hand and run this again.";
  await step("Reading Debian's package lists", "apt-get", ["update"], { env, sentence });
  await step(
    "Installing Chromium and ChromeDriver (once)",
    "apt-get",
    ["install", "-y", "--no-install-recommends", "chromium", "chromium-driver"],
    { env, sentence },
  );
}

/**
 * A program that an environment variable names, or that is on PATH, or in one of the usual places.
 * @param {string} variable
 * @param {readonly string[]} names
 */
function find(variable, names) {
  const named = process.env[variable];
  if (named !== undefined && named !== "") {
    if (isProgram(named)) return named;
    throw new Failure(`${variable} names ${named}, which is not there: correct it or unset it.`);
  }
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), ...USUAL_PLACES];
  for (const name of names) {
    for (const folder of folders) {
      const file = path.join(folder, name);
      if (isProgram(file)) return file;
    }
  }
  return undefined;
}

/** @param {string} file */
function isProgram(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

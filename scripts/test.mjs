// `npm test`: sets up, then runs every suite but the judges; `npm run test:judges` runs those.
//
//     npm test -- core http        the named suites, judges too
//     npm test -- http tokens      tests/http/tokens.test.ts alone: a word that names no suite belongs to the suite before
//     npm test -- core consume     the tests of the core whose name contains the word

import { compileWorkerAhead } from "./lib/build.mjs";
import { Failure, runMain } from "./lib/failure.mjs";
import { runAll } from "./lib/report.mjs";
import { setUp } from "./setup/index.mjs";
import { suites } from "./suites/index.mjs";

/** @typedef {{ suite: import("./suites/index.mjs").Suite, names: string[] }} Chosen */

/**
 * The suites that the arguments name.
 * @param {readonly string[]} words
 * @returns {Chosen[]}
 */
function named(words) {
  /** @type {Chosen[]} */
  const chosen = [];
  for (const word of words) {
    const suite = suites.find(({ name }) => name === word);
    const last = chosen.at(-1);
    if (suite !== undefined) chosen.push({ suite, names: [] });
    else if (last?.suite.takesNames === true) last.names.push(word);
    else {
      throw new Failure(
        `There is no suite ${word}: choose from ${suites.map(({ name }) => name).join(", ")}.`,
      );
    }
  }
  return chosen;
}

await runMain(async () => {
  const judges = process.argv[2] === "--judges";
  const words = process.argv.slice(judges ? 3 : 2);
  const chosen =
    words.length > 0
      ? named(words)
      : suites
          .filter(({ isJudge = false }) => isJudge === judges)
          .map((suite) => ({ suite, names: [] }));
  await setUp({
    browser: chosen.some(({ suite }) => suite.needsBrowser === true),
    testRunner: chosen.some(({ suite }) => suite.needsTestRunner === true),
    ...(chosen.some(({ suite }) => suite.needsWorker === true)
      ? { meanwhile: compileWorkerAhead }
      : {}),
  });
  return runAll(
    chosen.map(({ suite, names }) => ({
      name: suite.name,
      about: suite.about,
      run: () => suite.run(names),
    })),
  );
});

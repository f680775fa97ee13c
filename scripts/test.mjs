// `npm test`: sets up, then runs every suite; `npm test -- core http` runs the named ones.

import { Failure, runMain } from "./lib/failure.mjs";
import { runAll } from "./lib/report.mjs";
import { setUp } from "./setup/index.mjs";
import { suites } from "./suites/index.mjs";

await runMain(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => suites.every((suite) => suite.name !== name));
  if (unknown.length > 0) {
    throw new Failure(
      `There is no suite ${unknown.join(", ")}: choose from ${suites.map(({ name }) => name).join(", ")}.`,
    );
  }
  const chosen = wanted.length === 0 ? suites : suites.filter(({ name }) => wanted.includes(name));
  await setUp({ browser: chosen.some(({ needsBrowser }) => needsBrowser === true) });
  return runAll(chosen);
});

// `npm run deploy`: builds, then `wrangler deploy`; arguments go to wrangler, as in `npm run deploy -- --dry-run`. The first
// deployment creates the directory's database, and each one brings its tables up to date.

import { build, compileWorkerAhead } from "./lib/build.mjs";
import { runMain } from "./lib/failure.mjs";
import { run } from "./lib/run.mjs";
import { WRANGLER, WRANGLER_ENV } from "./lib/wrangler.mjs";
import { setUp } from "./setup/index.mjs";

await runMain(async () => {
  await setUp({ meanwhile: compileWorkerAhead });
  await build();
  const args = process.argv.slice(2);
  const { code } = await run(WRANGLER, ["deploy", ...args], {
    show: true,
    title: "wrangler deploy",
    env: WRANGLER_ENV,
  });
  if (code === 0 && !args.includes("--dry-run")) await migrateDirectory(environment(args));
  return code;
});

/**
 * Creates or changes the tables of the directory. If that fails, the Worker creates missing tables by itself.
 * @param {string[]} args
 */
async function migrateDirectory(args) {
  const migrate = ["d1", "migrations", "apply", "DIRECTORY", "--remote", ...args];
  const { code } = await run(WRANGLER, migrate, {
    show: true,
    title: "wrangler d1 migrations apply",
    env: { ...WRANGLER_ENV, CI: "true" },
  });
  if (code !== 0) {
    console.error(
      "The tables of the directory were not brought up to date. The Worker creates missing tables with the first list or change.",
    );
  }
}

/**
 * The arguments that name wrangler's environment or configuration.
 * @param {string[]} args
 */
function environment(args) {
  const names = ["--env", "-e", "--config", "-c"];
  return args.filter(
    (arg, index) =>
      names.some((name) => arg === name || arg.startsWith(`${name}=`)) ||
      names.includes(args[index - 1] ?? ""),
  );
}

// `npm run fmt`: formats the sources, and writes the files that are generated from the routes and types of the API.

import { Failure, runMain } from "./lib/failure.mjs";
import { npmBin } from "./lib/project.mjs";
import { run } from "./lib/run.mjs";
import { RUSTFMT, rustFiles } from "./lib/rust-files.mjs";
import { setUp } from "./setup/index.mjs";
import { setUpRustComponents } from "./setup/rust.mjs";

/** Writes `www/openapi.json`, `www/api/types.ts` and `run_worker_first` in `wrangler.toml`. */
const API = [
  "--no-default-features",
  "--features",
  "openapi",
  "--example",
  "openapi",
  "--",
  "--write",
];

await runMain(async () => {
  await setUp();
  await setUpRustComponents();
  const rust = await run("rustfmt", [...RUSTFMT, ...rustFiles()], { show: true });
  const api = await run("cargo", ["run", "--quiet", ...API], { title: "API", show: true });
  const rest = await run(npmBin("prettier"), ["--write", "--log-level", "warn", "."], {
    show: true,
  });
  if (rust.code !== 0 || api.code !== 0 || rest.code !== 0) {
    throw new Failure(
      "Something could not be formatted: mend what is named above and run this again.",
    );
  }
});

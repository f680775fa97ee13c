// `npm run fmt`: brings everything into the form that `npm run lint` asks for.

import { Failure, runMain } from "./lib/failure.mjs";
import { npmBin } from "./lib/project.mjs";
import { run } from "./lib/run.mjs";
import { RUSTFMT, rustFiles } from "./lib/rust-files.mjs";
import { setUp } from "./setup/index.mjs";
import { setUpRustComponents } from "./setup/rust.mjs";

await runMain(async () => {
  await setUp();
  await setUpRustComponents();
  const rust = await run("rustfmt", [...RUSTFMT, ...rustFiles()], { show: true });
  const rest = await run(npmBin("prettier"), ["--write", "--log-level", "warn", "."], {
    show: true,
  });
  if (rust.code !== 0 || rest.code !== 0) {
    throw new Failure(
      "Something could not be formatted: mend what is named above and run this again.",
    );
  }
});

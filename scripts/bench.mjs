// `npm run bench`: builds, then runs `bench/run.ts` with the arguments given.

import fs from "node:fs";
import { build, compileWorkerAhead } from "./lib/build.mjs";
import { Failure, runMain } from "./lib/failure.mjs";
import { inProject, npmBin } from "./lib/project.mjs";
import { run } from "./lib/run.mjs";
import { setUp } from "./setup/index.mjs";

await runMain(async () => {
  const script = inProject("bench", "run.ts");
  if (!fs.existsSync(script)) {
    throw new Failure("There is no benchmark in this checkout: bench/run.ts is missing.");
  }
  await setUp({ meanwhile: compileWorkerAhead });
  await build();
  const { code } = await run(npmBin("node"), [script, ...process.argv.slice(2)], {
    title: "bench",
    show: true,
  });
  return code;
});

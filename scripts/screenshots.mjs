// `npm run screenshots`: builds, then renews the pictures of the documentation in `docs/assets`.
//
//     npm run screenshots -- element    only the named pictures

import { build, compileWorkerAhead } from "./lib/build.mjs";
import { runMain } from "./lib/failure.mjs";
import { inProject, npmBin } from "./lib/project.mjs";
import { run } from "./lib/run.mjs";
import { setUp } from "./setup/index.mjs";

await runMain(async () => {
  const names = process.argv.slice(2);
  const needsWorker = names.length === 0 || names.includes("console");
  await setUp({ browser: true, ...(needsWorker ? { meanwhile: compileWorkerAhead } : {}) });
  await build(needsWorker ? undefined : ["pages", "package"]);
  const script = inProject("tests", "pages", "screenshots.ts");
  const { code } = await run(npmBin("node"), [script, ...names], {
    title: "screenshots",
    show: true,
  });
  return code;
});

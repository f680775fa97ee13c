// `npm run build`: builds the Worker, its assets and the npm package into `build/`; `npm run build -- worker` builds
// that part alone. wrangler runs it, too, before it serves or deploys.

import { ALL_PARTS, build, compileWorkerAhead } from "./lib/build.mjs";
import { Failure, runMain } from "./lib/failure.mjs";
import { setUp } from "./setup/index.mjs";

await runMain(async () => {
  // `npm start` has built already, and leaves rebuilding on change to `npm run dev`.
  if (process.env.HOOKSWITCH_NO_REBUILD === "1") return;
  const wanted = process.argv.slice(2);
  const parts = ALL_PARTS.filter((part) => wanted.length === 0 || wanted.includes(part));
  if (parts.length < wanted.length) {
    throw new Failure(`\`npm run build\` takes names of parts: ${ALL_PARTS.join(", ")}.`);
  }
  await setUp({ meanwhile: compileWorkerAhead });
  await build(parts);
});

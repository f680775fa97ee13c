// `npm run build`: the Worker and its assets into `build/`. wrangler runs it, too, before it serves or deploys.

import { build } from "./lib/build.mjs";
import { runMain } from "./lib/failure.mjs";
import { setUp } from "./setup/index.mjs";

await runMain(async () => {
  // `npm start` has built already, and leaves rebuilding on change to `npm run dev`.
  if (process.env.HOOKSWITCH_NO_REBUILD === "1") return;
  await setUp();
  await build();
});

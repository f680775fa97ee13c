// `npm run deploy`: builds, then `wrangler deploy`; arguments go to wrangler, as in `npm run deploy -- --dry-run`.

import { build, compileWorkerAhead } from "./lib/build.mjs";
import { runMain } from "./lib/failure.mjs";
import { run } from "./lib/run.mjs";
import { WRANGLER, WRANGLER_ENV } from "./lib/wrangler.mjs";
import { setUp } from "./setup/index.mjs";

await runMain(async () => {
  await setUp({ meanwhile: compileWorkerAhead });
  await build();
  const { code } = await run(WRANGLER, ["deploy", ...process.argv.slice(2)], {
    show: true,
    title: "wrangler deploy",
    env: WRANGLER_ENV,
  });
  return code;
});

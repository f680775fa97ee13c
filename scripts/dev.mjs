// `npm run dev`: as `npm start`, and what changes in `src/` or `www/` is built and served at once.

import { runMain } from "./lib/failure.mjs";
import { serve } from "./lib/serve.mjs";

await runMain(() => serve({ rebuild: true }));

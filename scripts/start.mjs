// `npm start`: from a fresh clone to a running server.

import { runMain } from "./lib/failure.mjs";
import { serve } from "./lib/serve.mjs";

await runMain(() => serve({ rebuild: false }));

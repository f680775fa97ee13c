// How this project runs wrangler: without telemetry, notices, questions or stores of its own.

import { inProject, npmBin } from "./project.mjs";

export const WRANGLER = npmBin("wrangler");

/** @type {Readonly<Record<string, string>>} */
export const WRANGLER_ENV = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
  // The banner is where wrangler asks for a newer version of itself.
  WRANGLER_HIDE_BANNER: "true",
  // The local server would ask the network what `Request.cf` is.
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  // It would also keep traces, with whole URLs, and show all storage on a page.
  X_LOCAL_OBSERVABILITY: "false",
  X_LOCAL_EXPLORER: "false",
  WRANGLER_LOG_PATH: inProject(".wrangler", "logs"),
};

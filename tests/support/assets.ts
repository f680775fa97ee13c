// The `[assets]` of `wrangler.toml` as miniflare's options, with what wrangler reads from the folder itself.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { config, root } from "./config.ts";

/** The folder of the static files. */
export const assetsFolder = path.join(root, config.assets.directory);

/** Static files in front of the Worker, but for the paths that `run_worker_first` names. */
export function assetsOptions(): object {
  const { binding, run_worker_first: first, html_handling, not_found_handling } = config.assets;
  const rules = Array.isArray(first) ? first : [];
  return {
    directory: assetsFolder,
    binding,
    routerConfig: {
      has_user_worker: true,
      ...(first === true ? { invoke_user_worker_ahead_of_assets: true } : {}),
      ...(rules.length > 0 ? { static_routing: staticRouting(rules) } : {}),
    },
    assetConfig: {
      ...(html_handling === undefined ? {} : { html_handling }),
      ...(not_found_handling === undefined ? {} : { not_found_handling }),
      headers: { version: 2, rules: headerRules() },
    },
  };
}

/** wrangler spells "not through the Worker" with a leading `!`. */
function staticRouting(rules: string[]): { user_worker: string[]; asset_worker?: string[] } {
  const excepted = rules.filter((rule) => rule.startsWith("!")).map((rule) => rule.slice(1));
  return {
    user_worker: rules.filter((rule) => !rule.startsWith("!")),
    ...(excepted.length > 0 ? { asset_worker: excepted } : {}),
  };
}

interface HeaderRule {
  set: Record<string, string>;
  unset: string[];
}

/** The file `_headers`: a path on a line of its own, then, indented, the headers of its answers. */
function headerRules(): Record<string, HeaderRule> {
  const file = path.join(assetsFolder, "_headers");
  const rules: Record<string, HeaderRule> = {};
  if (!existsSync(file)) return rules;

  let rule: HeaderRule | undefined;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    if (!/^\s/.test(line)) {
      rule = rules[text] ??= { set: {}, unset: [] };
    } else if (text.startsWith("!")) {
      rule?.unset.push(text.slice(1).trim());
    } else {
      const colon = text.indexOf(":");
      if (rule) rule.set[text.slice(0, colon).trim().toLowerCase()] = text.slice(colon + 1).trim();
    }
  }
  return rules;
}

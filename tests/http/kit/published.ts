// Descriptions of vendors' APIs, as the vendors publish them: `tests/published/` has them byte for byte.

import { readFileSync } from "node:fs";
import path from "node:path";

import { parse } from "yaml";

import { root } from "../../support/config.ts";
import { Contract } from "../../support/openapi.ts";

/** A published description, to hold our answers against. */
export function published(name: string): Contract {
  return new Contract(parse(readFileSync(path.join(root, "tests", "published", name), "utf8")));
}

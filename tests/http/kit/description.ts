// Holds every answer against the description of the API. What the description has no operation for is answered as
// its responses for unknown paths and methods say, in the words of the dialect whose path it is.

import { readFileSync } from "node:fs";
import path from "node:path";

import type { Answer } from "../../support/client.ts";
import { root } from "../../support/config.ts";
import { Contract, UNSEEN } from "../../support/openapi.ts";

/** The description of the API, generated from routes and types. */
export const description = JSON.parse(
  readFileSync(path.join(root, "www", "openapi.json"), "utf8"),
) as Record<string, unknown>;

type Methods = Record<string, unknown>;

/** The path templates, each with its methods. */
export const paths = description["paths"] as Record<string, Methods>;

export const METHODS = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"] as const;

/** The methods that the description has for a path template. */
export function documented(template: string): string[] {
  return METHODS.filter((method) => method.toLowerCase() in (paths[template] ?? {}));
}

const contract = new Contract(description);

/** By the beginning of a path: what is answered there where there is nothing. The longest that fits counts. */
const ELSEWHERE = Object.entries(
  description["x-elsewhere"] as Record<string, Record<string, unknown>>,
)
  .map(([start, responses]) => ({ start, responses, pattern: pattern(start, "") }))
  .toSorted((a, b) => b.start.length - a.start.length);

const elsewhere = new Contract({
  ...description,
  paths: Object.fromEntries(
    ELSEWHERE.map(({ start, responses }) => [start, { get: { responses } }]),
  ),
});

/** Static files: for any other method the file store answers, without the Worker. */
export const STATIC = new Set(["/openapi.json"]);

const templates = Object.keys(paths).map((text) => ({ text, pattern: pattern(text, "$") }));

/** The paths that are of a template's form up to its end, or go on as the pattern does. */
function pattern(template: string, end: "" | "$"): RegExp {
  const literal = template.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  return new RegExp(`^${literal.replace(/\{[^}]+\}/g, "[^/]+")}${end}`);
}

/** A path of a template's form: a parameter that has no value is `x`. */
export function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{[^}]+\}/g, (name) => encodeURIComponent(values[name] ?? "x"));
}

/** Fails unless the description has this answer. */
export function assertDescribed(answer: Omit<Answer, "body" | "cost"> & { body: unknown }): void {
  const { method, status, contentType, body, headers } = answer;
  const target = answer.path.split("?")[0] ?? "";
  const methods = paths[templates.find(({ pattern }) => pattern.test(target))?.text ?? ""] ?? {};
  const isHead = method === "HEAD" && "get" in methods;
  if (isHead) {
    // The headers of a GET, and nothing else to look at.
    if (body !== "") throw new Error(`HEAD ${target} has a body`);
    contract.assertMatches("GET", target, status, contentType, UNSEEN, headers);
  } else if (method.toLowerCase() in methods) {
    contract.assertMatches(method, target, status, contentType, body, headers);
  } else if (STATIC.has(target)) {
    if (status !== 405) throw new Error(`${method} ${target} → ${status}`);
  } else {
    const rule = ELSEWHERE.find(
      ({ pattern, responses }) => pattern.test(target) && String(status) in responses,
    );
    if (rule === undefined) throw new Error(`nothing describes ${method} ${target} → ${status}`);
    // A HEAD that is refused has no body either.
    const seen = method === "HEAD" ? UNSEEN : body;
    try {
      elsewhere.assertMatches("GET", rule.start, status, contentType, seen, headers);
    } catch (error) {
      throw new Error(`${method} ${target} is not as x-elsewhere has it`, { cause: error });
    }
  }
}

// Holds every answer against the description of the API. What the description has no operation for is answered as
// its responses for unknown paths and methods say, in the words of the dialect whose path it is.

import path from "node:path";

import { bundle, resolve } from "../../../scripts/openapi.mjs";
import type { Answer } from "../../support/client.ts";
import { root } from "../../support/config.ts";
import { Contract } from "../../support/openapi.ts";

/** The description of the API, whole. */
export const description = bundle(path.join(root, "www", "openapi"));

type Methods = Record<string, unknown>;

/** The path templates, each with its methods. */
export const paths = description["paths"] as Record<string, Methods>;

export const METHODS = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"] as const;

/** The methods that the description has for a path template. */
export function documented(template: string): string[] {
  return METHODS.filter((method) => method.toLowerCase() in (paths[template] ?? {}));
}

const contract = new Contract(description);

/** The dialects: the paths that are one's own, and what it says where there is nothing. */
const DIALECTS: { name: string; owns: RegExp; notFound: string; notAllowed: string }[] = [
  {
    name: "/partoo",
    owns: /^\/(v2\/)?connection\//,
    notFound: "PartooNotFound",
    notAllowed: "PartooMethodNotAllowed",
  },
  {
    name: "/oauth",
    owns: /^\/oauth\/|^\/\.well-known\/oauth-authorization-server/,
    notFound: "OAuthNotFound",
    notAllowed: "OAuthMethodNotAllowed",
  },
  {
    name: "/flinks",
    owns: /^\/api\/v1\//,
    notFound: "FlinksNotFound",
    notAllowed: "FlinksMethodNotAllowed",
  },
  {
    name: "/composio",
    owns: /^\/api\/v3(\.1)?\//,
    notFound: "ComposioNotFound",
    notAllowed: "ComposioMethodNotAllowed",
  },
  {
    name: "/stytch-oauth2",
    owns: /^\/v1\/(public\/[^/]+\/)?oauth2\/(token|introspect|revoke)$/,
    notFound: "StytchProjectNotFound",
    notAllowed: "StytchOAuthMethodNotAllowed",
  },
  {
    name: "/stytch",
    owns: /^\/v1\/(public|oauth2)\/|^\/v1\/users\/[^/]+\/connected_apps(\/[^/]+\/revoke)?$/,
    notFound: "StytchRouteNotFound",
    notAllowed: "StytchMethodNotAllowed",
  },
  { name: "/native", owns: /^/, notFound: "PathNotFound", notAllowed: "MethodNotAllowed" },
];

const elsewhere = new Contract({
  ...description,
  paths: Object.fromEntries(
    DIALECTS.map(({ name, notFound, notAllowed }) => [
      name,
      { get: { responses: responses({ 404: notFound, 405: notAllowed }) } },
    ]),
  ),
});

/** Static files: for any other method the file store answers, without the Worker. */
export const STATIC = new Set(["/openapi.json"]);

const templates = Object.keys(paths).map((text) => ({
  text,
  pattern: new RegExp(`^${text.replaceAll(".", "\\.").replace(/\{[^}]+\}/g, "[^/]+")}$`),
}));

/** Fails unless the description has this answer. */
export function assertDescribed(answer: Omit<Answer, "body" | "cost"> & { body: unknown }): void {
  const { method, status, contentType, body, headers } = answer;
  const target = answer.path.split("?")[0] ?? "";
  const methods = paths[templates.find(({ pattern }) => pattern.test(target))?.text ?? ""] ?? {};
  const isHead = method === "HEAD" && "get" in methods;
  if (isHead) {
    // The headers of a GET, and nothing else to look at.
    if (body !== "") throw new Error(`HEAD ${target} has a body`);
    contract.assertMatches("GET", target, status, contentType, sample(methods, status), headers);
  } else if (method.toLowerCase() in methods) {
    contract.assertMatches(method, target, status, contentType, body, headers);
  } else if (STATIC.has(target)) {
    if (status !== 405) throw new Error(`${method} ${target} → ${status}`);
  } else {
    const dialect = DIALECTS.find(({ owns }) => owns.test(target))?.name ?? "/native";
    // A HEAD that is refused has no body either.
    const seen = method === "HEAD" ? sample(elsewherePaths(dialect), status) : body;
    elsewhere.assertMatches("GET", dialect, status, contentType, seen, headers);
  }
}

function elsewherePaths(dialect: string): Methods {
  return (elsewhere.document as { paths: Record<string, Methods> }).paths[dialect] ?? {};
}

/** A body that fits, to look at the rest of an answer that has none. */
function sample(methods: Methods, status: number): unknown {
  const { responses = {} } = methods["get"] as { responses?: Record<string, Described> };
  const content = Object.values(followed(responses[String(status)])?.content ?? {})[0];
  if (content?.example !== undefined) return content.example;
  return { openapi: "3.1.0", info: {}, paths: {} };
}

interface Described {
  $ref?: string;
  content?: Record<string, { example?: unknown }>;
}

function followed(response: Described | undefined): Described | undefined {
  if (response?.$ref === undefined) return response;
  return resolve(description, response.$ref) as Described | undefined;
}

function responses(names: Record<number, string>): Record<string, { $ref: string }> {
  return Object.fromEntries(
    Object.entries(names).map(([status, name]) => [
      status,
      { $ref: `#/components/responses/${name}` },
    ]),
  );
}

// What Flinks publishes of its revocation, and that our answers and our description fit it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { forge, newUser } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import { description, paths } from "./kit/description.ts";
import { Client, authorized, newClientApp } from "./kit/oauth.ts";
import { published } from "./kit/published.ts";
import { serve } from "./kit/service.ts";

const PATH = "/api/v1/revoke";

/** Flinks' description of the call. */
const CONTRACT = published("flinks-revoke.yaml");

/** The codes that its guide to errors has for these calls. */
const CODES = new Set([
  "invalid_client",
  "invalid_grant",
  "invalid_request",
  "invalid_scope",
  "server_error",
  "temporarily_unavailable",
  "unauthorized_client",
  "unsupported_grant_type",
  "unsupported_token_type",
]);

const service = await serve();
after(() => service.stop());
const { root } = service;

let client: Client;
before(async () => {
  client = new Client(root, await newClientApp(root));
});

/** The request as a client made from the published description builds it. */
function revokeConnection(
  token?: string,
  more: Record<string, string> = {},
): Promise<Answer<unknown>> {
  const headers = { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...more };
  return root.as(undefined).send("DELETE", PATH, { headers });
}

test("a_revoked_connection_is_204_without_a_body", async () => {
  const { access_token } = await authorized(root, await newUser(root), client);
  const { status, text, headers } = await revokeConnection(access_token);
  assert.deepEqual([status, text, headers.get("content-type")], [204, "", null]);
  CONTRACT.assertMatches("DELETE", PATH, status, null, text);
});

test("every_failure_has_the_published_body", async () => {
  const { access_token } = await authorized(root, await newUser(root), client);
  const failures: [Answer<unknown>, string][] = [
    [await revokeConnection(), "4XX"],
    [await revokeConnection(forge(access_token)), "4XX"],
    [await revokeConnection(access_token, { "x-test-fault": "ledger" }), "5XX"],
    [await root.send("DELETE", PATH), "4XX"],
  ];
  for (const [{ status, body, contentType }, range] of failures) {
    assert.equal(`${Math.floor(status / 100)}XX`, range);
    assert.equal(contentType, "application/json");
    CONTRACT.assertMatches("DELETE", PATH, status, contentType, body);
    const { error, ...rest } = body as { error: string };
    assert.deepEqual(Object.keys(rest), ["error_description"]);
    assert.ok(CODES.has(error), error);
  }
});

test("our_description_has_what_flinks_publishes", () => {
  const operation = paths[PATH]?.["delete"] as {
    responses: Record<string, { content?: unknown }>;
    requestBody?: unknown;
    security?: Record<string, unknown>[];
  };
  const statuses = Object.keys(operation.responses);
  assert.ok(statuses.includes("204"));
  assert.equal(operation.responses["204"]?.content, undefined);
  for (const range of [/^4/, /^5/]) assert.ok(statuses.some((status) => range.test(status)));
  assert.equal(operation.requestBody, undefined);

  const { securitySchemes } = description["components"] as {
    securitySchemes: Record<string, { type: string; scheme?: string }>;
  };
  const schemes = (operation.security ?? []).flatMap((one) => Object.keys(one));
  assert.equal(schemes.length, 1);
  const { type, scheme } = securitySchemes[schemes[0] ?? ""] ?? {};
  assert.deepEqual([type, scheme], ["http", "bearer"]);
});

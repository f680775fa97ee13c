// Who may make which call: one line for each call of the service, one column for each kind of caller.
//
// The statuses are those of a request that is right in itself and names things that are there. `inactive` is a 200 that
// says no more than that (RFC 7662 §2.2).

import type { Asked, Things } from "./matrix-things.ts";
import { CALLS } from "./matrix-calls.ts";

/** The callers, in the order of the columns. */
export const CALLERS = [
  "nobody",
  "a forged key",
  "an expired key",
  "a revoked key",
  "another member",
  "a manager of another group",
  "the member itself",
  "a manager of its group",
  "an admin",
  "root",
  "another app's client",
  "the app's own client",
] as const;

export type Caller = (typeof CALLERS)[number];

/** How a call takes its credentials. */
export type Scheme =
  "bearer" | "partoo" | "client" | "client in body" | "access token" | "stytch" | "composio";

export type Expected = number | "inactive";

export interface Row {
  /** The method and the path, whose parameters may have any name. */
  call: string;
  scheme: Scheme;
  expected: readonly Expected[];
  /** What the one who may do everything is answered where there is no such thing. */
  absent: Expected;
  /** Asks for it, about these things. */
  ask: (things: Things) => Promise<Asked>;
}

// prettier-ignore
const TABLE: readonly (readonly [string, Scheme, readonly Expected[], Expected])[] = [
  //                                                          none  forged expired revoked  stranger outside  itself inside  admin root  other own    absent
  ["PUT /v1/users/{user_id}",                       "bearer",       [401, 401, 401, 401,     403, 403,         403, 200,      200, 200,   401, 401],   201],
  ["GET /v1/users/{user_id}",                       "bearer",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["POST /v1/users/{user_id}/revoke",               "bearer",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["GET /v1/users/{user_id}/tokens",                "bearer",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["GET /v1/users/{user_id}/connections",           "bearer",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["GET /v1/users/{user_id}/events",                "bearer",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["POST /v1/tokens",                               "bearer",       [401, 401, 401, 401,     403, 403,         201, 201,      201, 201,   401, 401],   404],
  ["POST /v1/tokens/check",                         "bearer",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["POST /v1/tokens/consume",                       "bearer",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["POST /v1/tokens/revoke",                        "bearer",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["POST /v1/api-keys",                             "bearer",       [401, 401, 401, 401,     403, 403,         201, 201,      201, 201,   401, 401],   404],
  ["PUT /v1/apps/{app_id}",                         "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   201],
  ["GET /v1/apps/{app_id}",                         "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   404],
  ["POST /v1/apps/{app_id}/client-secret",          "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      201, 201,   401, 401],   404],
  ["POST /v1/connections",                          "bearer",       [401, 401, 401, 401,     403, 403,         201, 201,      201, 201,   401, 401],   404],
  ["GET /v1/connections/{id}",                      "bearer",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["POST /v1/connections/{id}/revoke",              "bearer",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["POST /v1/connections/{id}/disable",             "bearer",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["POST /v1/connections/{id}/enable",              "bearer",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["POST /v1/connections/{id}/tokens",              "bearer",       [401, 401, 401, 401,     403, 403,         403, 201,      201, 201,   401, 401],   404],
  ["PUT /v1/connections/{id}/upstream",             "bearer",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["GET /v1/providers",                             "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   200],
  ["PUT /v1/providers/{slug}",                      "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   201],
  ["GET /v1/providers/{slug}",                      "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   404],
  ["DELETE /v1/providers/{slug}",                   "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      204, 204,   401, 401],   404],
  ["POST /v1/providers/{slug}/approve",             "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      403, 200,   401, 401],   404],
  ["GET /v1/providers/{slug}/events",               "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   200],
  ["POST /v1/revocations/retry",                    "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   200],
  ["POST /v1/revocations/dismiss",                  "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   200],
  ["GET /v1/revocations",                           "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   200],
  ["GET /v1/revocations/{id}",                      "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   404],
  ["POST /v1/revocations/{id}/retry",               "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   404],
  ["POST /v1/revocations/{id}/dismiss",             "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   404],
  ["GET /v1/webhooks",                              "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   200],
  ["PUT /v1/webhooks/{name}",                       "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   201],
  ["GET /v1/webhooks/{name}",                       "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   404],
  ["DELETE /v1/webhooks/{name}",                    "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      204, 204,   401, 401],   404],
  ["POST /v1/webhooks/{name}/secret",               "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      201, 201,   401, 401],   404],
  ["POST /v1/webhooks/{name}/test",                 "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   404],
  ["GET /v1/webhooks/{name}/deliveries",            "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      200, 200,   401, 401],   404],
  ["POST /v1/status-tickets",                       "bearer",       [401, 401, 401, 401,     403, 403,         201, 201,      201, 201,   401, 401],   404],
  ["GET /v1/status",                                "bearer",       [401, 401, 401, 401,     401, 401,         401, 401,      401, 401,   401, 401],   401],
  ["GET /v1/status/live",                           "bearer",       [401, 401, 401, 401,     401, 401,         401, 401,      401, 401,   401, 401],   401],
  ["POST /v2/connection/generate_token",            "partoo",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["GET /v2/connection/check_token",                "partoo",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["POST /v2/connection/revoke_token",              "partoo",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["POST /connection/generate_token",               "partoo",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["GET /connection/check_token",                   "partoo",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["POST /connection/revoke_token",                 "partoo",       [401, 401, 401, 401,     403, 403,         200, 200,      200, 200,   401, 401],   404],
  ["POST /oauth/token",                             "client",       [401, 401, 401, 401,     401, 401,         401, 401,      401, 401,   400, 200],   401],
  ["POST /oauth/introspect",                        "client",       [401, 401, 401, 401,     "inactive", "inactive", 200, 200, 200, 200,   "inactive", 200], "inactive"],
  ["POST /oauth/revoke",                            "client",       [401, 401, 401, 401,     401, 401,         401, 401,      401, 401,   400, 200],   401],
  ["POST /api/v1/token",                            "client in body", [400, 400, 400, 400,   400, 400,         400, 400,      400, 400,   400, 200],   400],
  ["DELETE /api/v1/revoke",                         "access token", [400, 400, 400, 400,     400, 400,         400, 400,      400, 400,   400, 204],   400],
  ["GET /v1/users/{user_id}/connected_apps",        "stytch",       [401, 401, 401, 401,     401, 401,         401, 401,      200, 200,   401, 401],   404],
  ["POST /v1/users/{user_id}/connected_apps/{connected_app_id}/revoke", "stytch", [401, 401, 401, 401, 401, 401, 401, 401,    200, 200,   401, 401],   404],
  ["POST /v1/public/{project_id}/oauth2/token",     "client in body", [401, 401, 401, 401,   401, 401,         401, 401,      401, 401,   400, 200],   401],
  ["POST /v1/public/{project_id}/oauth2/introspect", "client in body", [401, 401, 401, 401,  401, 401,         401, 401,      401, 401,   "inactive", 200], 401],
  ["POST /v1/public/{project_id}/oauth2/revoke",    "client in body", [401, 401, 401, 401,   401, 401,         401, 401,      401, 401,   400, 200],   401],
  ["POST /v1/oauth2/token",                         "client in body", [401, 401, 401, 401,   401, 401,         401, 401,      401, 401,   400, 200],   401],
  ["POST /v1/oauth2/introspect",                    "client in body", [401, 401, 401, 401,   401, 401,         401, 401,      401, 401,   "inactive", 200], 401],
  ["POST /v1/oauth2/revoke",                        "client in body", [401, 401, 401, 401,   401, 401,         401, 401,      401, 401,   400, 200],   401],
  ["GET /api/v3.1/connected_accounts",              "composio",     [401, 401, 401, 401,     401, 401,         401, 401,      200, 200,   401, 401],   200],
  ["POST /api/v3.1/connected_accounts/link",        "composio",     [401, 401, 401, 401,     401, 401,         401, 401,      201, 201,   401, 401],   404],
  ["GET /api/v3.1/connected_accounts/{nanoid}",     "composio",     [401, 401, 401, 401,     401, 401,         401, 401,      200, 200,   401, 401],   404],
  ["PATCH /api/v3.1/connected_accounts/{nanoid}/status", "composio",     [401, 401, 401, 401,     401, 401,         401, 401,      200, 200,   401, 401],   404],
  ["DELETE /api/v3.1/connected_accounts/{nanoid}",  "composio",     [401, 401, 401, 401,     401, 401,         401, 401,      200, 200,   401, 401],   404],
  ["POST /api/v3.1/connected_accounts/{nanoid}/revoke", "composio",     [401, 401, 401, 401,     401, 401,         401, 401,      200, 200,   401, 401],   404],
  ["GET /api/v3/connected_accounts",                "composio",     [401, 401, 401, 401,     401, 401,         401, 401,      200, 200,   401, 401],   200],
  ["POST /api/v3/connected_accounts/link",        "composio",     [401, 401, 401, 401,     401, 401,         401, 401,      201, 201,   401, 401],   404],
  ["GET /api/v3/connected_accounts/{nanoid}",       "composio",     [401, 401, 401, 401,     401, 401,         401, 401,      200, 200,   401, 401],   404],
  ["PATCH /api/v3/connected_accounts/{nanoid}/status", "composio",     [401, 401, 401, 401,     401, 401,         401, 401,      200, 200,   401, 401],   404],
  ["DELETE /api/v3/connected_accounts/{nanoid}",    "composio",     [401, 401, 401, 401,     401, 401,         401, 401,      200, 200,   401, 401],   404],
  ["GET /.well-known/oauth-authorization-server",   "bearer",       [200, 200, 200, 200,     200, 200,         200, 200,      200, 200,   200, 200],   200],
  ["GET /connect",                                  "bearer",       [200, 200, 200, 200,     200, 200,         200, 200,      200, 200,   200, 200],   404],
  ["POST /connect",                                 "bearer",       [200, 200, 200, 200,     200, 200,         200, 200,      200, 200,   200, 200],   404],
  ["POST /v1/sign-in-codes",                        "bearer",       [401, 401, 401, 401,     403, 403,         403, 403,      403, 201,   401, 401],   201],
  ["POST /v1/sessions",                             "bearer",       [403, 403, 403, 403,     403, 403,         403, 403,      403, 403,   403, 403],   403],
  ["GET /healthz",                                  "bearer",       [200, 200, 200, 200,     200, 200,         200, 200,      200, 200,   200, 200],   200],
  ["GET /openapi.json",                             "bearer",       [200, 200, 200, 200,     200, 200,         200, 200,      200, 200,   200, 200],   200],
];

/**
 * The refusals that are not the same where the thing is not there, and why:
 *
 * - RFC 7009 §2.2 has an unknown token answered like a revoked one; a token of another client is an error (§2.1).
 *   Whoever can ask holds the token already.
 */
export const TOLD: readonly (readonly [RegExp, Caller])[] = [
  [/oauth2?\/revoke$/, "another app's client"],
];

/** Path parameters have any name: what counts is where they are. */
export function anonymous(call: string): string {
  return call.replace(/\{[^}]+\}/g, "{}");
}

export const ROWS: readonly Row[] = TABLE.map(([call, scheme, expected, absent]) => {
  const ask = CALLS[call];
  if (ask === undefined) throw new Error(`nothing says how to make ${call}`);
  if (expected.length !== CALLERS.length) throw new Error(`a column is missing in ${call}`);
  return { call, scheme, expected, absent, ask };
});

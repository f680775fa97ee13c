// What Stytch publishes of revoking an app, and that our answers and our description fit it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Ajv2020 } from "ajv/dist/2020.js";

import { newUser } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import { connect } from "./kit/connections.ts";
import { description, paths } from "./kit/description.ts";
import { newClientApp } from "./kit/oauth.ts";
import { published } from "./kit/published.ts";
import { serve } from "./kit/service.ts";
import type { App } from "./kit/shapes.ts";
import { Stytch, type StytchAnswer } from "./kit/stytch.ts";
import { times } from "./kit/wait.ts";

const PATH = "/v1/users/{user_id}/connected_apps/{connected_app_id}/revoke";
const LIMIT = 20;

const service = await serve({ rateLimit: LIMIT });
after(() => service.stop());
const { root } = service;

const ajv = new Ajv2020({ strict: false });

/** Stytch's description of the call. */
const CONTRACT = published("stytch-revoke.yaml");

/** The members that every published example of a failure has, and no others. */
const FAILURE = ajv.compile({
  type: "object",
  properties: {
    status_code: { type: "integer" },
    request_id: {
      type: "string",
      pattern: "^request-id-test-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    },
    error_type: { type: "string" },
    error_message: { type: "string" },
    error_url: { type: "string", pattern: "^https://stytch\\.com/docs/api/errors/[0-9]{3}" },
  },
  required: ["status_code", "request_id", "error_type", "error_message", "error_url"],
  additionalProperties: false,
});

let user: string;
let app: App;

before(async () => {
  user = await newUser(root);
  app = await newClientApp(root);
  await connect(root, user, app.app_id);
});

test("every_failure_has_the_published_members", async () => {
  const nobody = new Stytch(root, service.projectId, "nonsense");
  const admin = new Stytch(root, service.projectId, service.secrets.rootKey);
  const failed = (answer: Answer<StytchAnswer>, status: number): StytchAnswer => {
    assert.deepEqual([answer.status, answer.body.status_code], [status, status], answer.text);
    assert.ok(FAILURE(answer.body), `${answer.text}: ${ajv.errorsText(FAILURE.errors)}`);
    return answer.body;
  };
  const stranger = failed(await nobody.revoke(user, app.app_id), 401);
  assert.equal(stranger.error_type, "unauthorized_credentials");
  assert.equal(stranger.error_message, "Unauthorized credentials.");
  failed(await admin.revoke(user, app.app_id, { body: "{" }), 400);
  const headers = { "x-test-fault": "ledger" };
  failed(await admin.revoke(user, app.app_id, { json: {}, headers }), 503);
});

test("a_revoked_app_is_answered_as_published", async () => {
  const admin = new Stytch(root, service.projectId, service.secrets.rootKey);
  const answer = await admin.revoke(user, app.app_id);
  assert.equal(answer.status, 200, answer.text);
  CONTRACT.assertMatches("POST", answer.path, 200, answer.contentType, answer.body);
  assert.deepEqual(Object.keys(answer.body).sort(), ["request_id", "status_code"]);
  assert.equal(answer.body.status_code, 200);
});

test("too_many_requests_are_refused_as_published", async () => {
  const admin = new Stytch(root, service.projectId, service.secrets.rootKey);
  const answers = await Promise.all(times(LIMIT * 3, () => admin.revoke(user, app.app_id)));
  const refused = answers.filter(({ status }) => status === 429);
  assert.ok(refused.length >= LIMIT);
  for (const { body, headers } of refused) {
    assert.ok(FAILURE(body), ajv.errorsText(FAILURE.errors));
    assert.equal(body.error_type, "too_many_requests");
    assert.equal(body.error_message, "Too many requests have been made.");
    assert.ok(Number(headers.get("retry-after")) >= 1);
  }
});

test("our_description_has_what_stytch_publishes", () => {
  const operation = (paths[PATH] ?? {})["post"] as Operation;
  const components = description["components"] as Components;
  const names = (operation.parameters ?? [])
    .filter((parameter) => parameter.in === "path")
    .map((parameter) => parameter.name);
  assert.deepEqual(names.sort(), ["connected_app_id", "user_id"]);
  for (const status of ["200", "400", "401", "429", "500"]) {
    assert.ok(status in operation.responses, status);
  }
  const schemes = (operation.security ?? []).flatMap((one) => Object.keys(one));
  assert.equal(schemes.length, 1);
  const { type, scheme } = components.securitySchemes[schemes[0] ?? ""] ?? {};
  assert.deepEqual([type, scheme], ["http", "basic"]);
});

interface Operation {
  parameters?: { name: string; in: string }[];
  responses: object;
  security?: Record<string, unknown>[];
}

interface Components {
  securitySchemes: Record<string, { type: string; scheme?: string }>;
}

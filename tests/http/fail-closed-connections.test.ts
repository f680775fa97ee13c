// Storage that fails under apps and connections: an answer is right, or it is 503.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { check, consume, eventsOf, mint, newUser, tokensOf } from "./kit/actions.ts";
import { userPath, type Answer } from "./kit/api.ts";
import {
  appPath,
  connect,
  connectionPath,
  connectionsOf,
  issue,
  issuePair,
  newApp,
  readConnection,
  revokeConnection,
} from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import type { App, ChangedConnection, Connection, Issued, Problem } from "./kit/shapes.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

type Fault = "ledger" | "ledger-lost";

let user: string;
let app: string;
let connection: string;

before(async () => {
  user = await newUser(root);
  app = (await newApp(root)).app_id;
  connection = (await connect(root, user, app)).id;
});

test("a_failing_ledger_is_503_and_no_connection_has_changed", async () => {
  const told = (await eventsOf(root, user)).length;
  const calls: [string, string, object?][] = [
    ["PUT", appPath(app), { name: "Another" }],
    ["GET", appPath(app)],
    ["POST", appPath(app, "/client-secret"), {}],
    ["POST", "/v1/connections", { user_id: user, app_id: app }],
    ["GET", connectionPath(connection)],
    ["GET", userPath(user, "/connections")],
    ...["/revoke", "/disable", "/enable", "/tokens"].map((rest): [string, string, object] => [
      "POST",
      connectionPath(connection, rest),
      {},
    ]),
  ];
  for (const [method, path, json] of calls) {
    const options = json === undefined ? {} : { json };
    const answer = await root.send(method, path, { ...options, headers: fault("ledger") });
    isUnavailable(answer, `${method} ${path.replace(/[0-9a-f]{48}/, "…")}`);
  }
  assert.equal((await eventsOf(root, user)).length, told);
  assert.equal((await readConnection(root, connection)).status, "active");
  assert.equal((await root.get<App>(appPath(app))).body.name, "An app");
});

test("an_app_that_cannot_be_looked_up_is_503_and_not_404", async () => {
  const fresh = await newApp(root);
  await service.restart();
  const order = { user_id: user, app_id: fresh.app_id };
  for (const path of ["/v1/tokens", "/v1/connections"]) {
    isUnavailable(await root.send("POST", path, { json: order, headers: fault("ledger") }), path);
  }
  assert.deepEqual(await connectionsOf(root, user, { app_id: fresh.app_id }), []);
});

test("a_revocation_whose_answer_was_lost_has_revoked", async () => {
  const { id } = await connect(root, user, app);
  const [access] = await issuePair(root, id);
  const key = { "idempotency-key": randomUUID() };
  const path = connectionPath(id, "/revoke");
  isUnavailable(await root.send("POST", path, { json: {}, headers: lost(key) }), "revoke");
  assert.equal((await check(root, access)).status, "revoked");
  const again = await root.post<ChangedConnection>(path, {}, 200, key);
  assert.deepEqual([again.body.changed, again.body.previous], [true, "active"]);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.equal((await root.post<ChangedConnection>(path, {})).body.changed, false);
});

test("tokens_whose_answer_was_lost_are_given_when_asked_again_with_the_key", async () => {
  const other = await newUser(root);
  const { id } = await connect(root, other, app);
  const key = { "idempotency-key": randomUUID() };
  const path = connectionPath(id, "/tokens");
  isUnavailable(await root.send("POST", path, { json: {}, headers: lost(key) }), "issue");
  const { body } = await root.post<Issued>(path, {}, 201, key);
  assert.equal((await check(root, body.access_token)).status, "valid");
  assert.equal((await tokensOf(root, other)).length, 2);
});

test("a_connection_whose_answer_was_lost_is_one_connection", async () => {
  const other = await newUser(root);
  const key = { "idempotency-key": randomUUID() };
  const order = { user_id: other, app_id: app };
  // The isolate knows the app, so that it is the user's ledger that fails.
  await connect(root, user, app);
  isUnavailable(
    await root.send("POST", "/v1/connections", { json: order, headers: lost(key) }),
    "connect",
  );
  const { body } = await root.post<Connection>("/v1/connections", order, 201, key);
  assert.deepEqual(
    (await connectionsOf(root, other)).map(({ id }) => id),
    [body.id],
  );
});

test("a_failing_kv_changes_no_verdict_on_what_is_under_a_connection", async () => {
  const { id } = await connect(root, user, app);
  const [access, refresh] = await issuePair(root, id);
  const { token } = await mint(root, user, { app_id: app });
  await service.setKvOutage(true);
  try {
    for (const one of [access, refresh, token]) {
      assert.equal((await check(root, one)).status, "valid");
    }
    await revokeConnection(root, id);
    for (const one of [access, refresh, token]) {
      assert.equal((await check(root, one)).status, "revoked");
    }
    await service.restart();
    await service.setKvOutage(true);
    assert.equal((await check(root, access)).status, "revoked");
    assert.equal((await consume(root, token)).body.code, "token_revoked");
  } finally {
    await service.setKvOutage(false);
  }
});

test("a_failure_never_says_valid_of_what_died_with_its_connection", async () => {
  const { id } = await connect(root, user, app);
  const { access_token } = await issue(root, id);
  await revokeConnection(root, id);
  for (const kind of ["ledger", "ledger-lost"] as const) {
    const answer = await root.send<{ status: unknown }>("POST", "/v1/tokens/check", {
      json: { token: access_token },
      headers: fault(kind),
    });
    if (answer.status === 200) assert.equal(answer.body.status, "revoked");
    else isUnavailable(answer, kind);
  }
});

function fault(kind: Fault): Record<string, string> {
  return { "x-test-fault": kind };
}

function lost(headers: Record<string, string>): Record<string, string> {
  return { ...headers, ...fault("ledger-lost") };
}

function isUnavailable({ status, headers, body }: Answer<unknown>, what: string): void {
  assert.deepEqual([status, (body as Problem).code], [503, "unavailable"], what);
  assert.match(headers.get("retry-after") ?? "", /^[1-9][0-9]*$/);
}

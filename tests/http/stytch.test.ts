// Stytch's two calls about the apps that a user is connected to.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { asUser, check, eventsOf, forge, newKey, newUser } from "./kit/actions.ts";
import { userPath } from "./kit/api.ts";
import { connect, disable, enable, issuePair, readConnection } from "./kit/connections.ts";
import {
  Client,
  authorized,
  isActive,
  newClientApp,
  newCode,
  newPublicApp,
  rawBasic,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import type { App, Problem } from "./kit/shapes.ts";
import {
  Stytch,
  appsPath,
  assertDone,
  assertFailed,
  encodedWhole,
  revokePath,
} from "./kit/stytch.ts";
import { times } from "./kit/wait.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;
const project = service.projectId;
const stytch = new Stytch(root, project, service.secrets.rootKey);

let app: App;
let client: Client;

before(async () => {
  app = await newClientApp(root, {
    name: "Calendar",
    description: "Reads a calendar.",
    logo_url: "https://app.example/logo.png",
  });
  client = new Client(root, app);
});

test("the_connected_apps_of_a_user_are_listed", async () => {
  const user = await newUser(root);
  assertDone(await stytch.list(user), { connected_apps: [] });
  const open = await newPublicApp(root, { name: "Open", scopes: [] });
  await authorized(root, user, client);
  await authorized(root, user, new Client(root, open));
  const { body, ...answer } = await stytch.list(user);
  const byName = body.connected_apps.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  assertDone(
    { ...answer, body: { ...body, connected_apps: byName } },
    {
      connected_apps: [
        {
          connected_app_id: app.app_id,
          name: "Calendar",
          description: "Reads a calendar.",
          client_type: "third_party",
          scopes_granted: "read write",
          logo_url: "https://app.example/logo.png",
        },
        {
          connected_app_id: open.app_id,
          name: "Open",
          description: "",
          client_type: "third_party_public",
          scopes_granted: "",
          logo_url: null,
        },
      ],
    },
  );
});

test("an_app_is_listed_once_with_the_scopes_of_all_its_connections", async () => {
  const user = await newUser(root);
  await connect(root, user, app.app_id, { scope: "write" });
  await connect(root, user, app.app_id, { scope: "read" });
  const { connected_apps } = (await stytch.list(user)).body;
  assert.equal(connected_apps.length, 1);
  assert.deepEqual(connected_apps[0]?.scopes_granted.split(" ").sort(), ["read", "write"]);
});

test("what_is_pending_is_not_listed_and_what_is_inactive_is", async () => {
  const user = await newUser(root);
  const code = await newCode(root, user, app);
  assert.deepEqual(await stytch.appIds(user), []);
  assert.equal((await client.exchange(code.token)).status, 200);
  assert.deepEqual(await stytch.appIds(user), [app.app_id]);
  await disable(root, code.connection_id);
  assert.deepEqual(await stytch.appIds(user), [app.app_id]);
  await enable(root, code.connection_id);
  assertDone(await stytch.revoke(user, app.app_id));
  assert.deepEqual(await stytch.appIds(user), []);
});

test("revoking_an_app_ends_all_that_it_has_of_the_user", async () => {
  const user = await newUser(root);
  const granted = await authorized(root, user, client);
  const second = await connect(root, user, app.app_id);
  const native = await issuePair(root, second.id);
  const pending = await newCode(root, user, app);
  const other = await authorized(root, user, new Client(root, await newClientApp(root)));
  const elsewhere = await authorized(root, await newUser(root), client);

  assertDone(await stytch.revoke(user, app.app_id));
  for (const token of [granted.access_token, granted.refresh_token, ...native, pending.token]) {
    assert.equal((await check(root, token)).status, "revoked");
  }
  for (const id of [granted.code.connection_id, second.id, pending.connection_id]) {
    assert.equal((await readConnection(root, id)).status, "revoked");
  }
  assert.deepEqual(await stytch.appIds(user), [other.code.app_id]);
  assert.equal(await isActive(root, other.access_token), true);
  assert.equal(await isActive(root, elsewhere.access_token), true);
  assert.equal((await client.refresh(granted.refresh_token)).body.error, "invalid_grant");
  assert.equal((await client.exchange(pending.token)).body.error, "invalid_grant");

  const again = await authorized(root, user, client);
  assert.equal(await isActive(root, again.access_token), true, "after a new authorization");
  assert.equal((await check(root, granted.access_token)).status, "revoked");
});

test("revoking_again_changes_nothing_and_is_told_once", async () => {
  const user = await newUser(root);
  await authorized(root, user, client);
  const answers = await Promise.all(times(16, () => stytch.revoke(user, app.app_id)));
  for (const answer of answers) assertDone(answer);
  assertDone(await stytch.revoke(user, app.app_id));
  assert.equal((await eventsOf(root, user, "user.revoked")).length, 1);
});

test("an_app_that_is_not_connected_is_revoked_as_it_is", async () => {
  assertDone(await stytch.revoke(await newUser(root), app.app_id));
});

test("a_pending_code_is_revoked_before_anything_is_connected", async () => {
  const user = await newUser(root);
  const code = await newCode(root, user, app);
  assertDone(await stytch.revoke(user, app.app_id));
  assert.equal((await check(root, code.token)).status, "revoked");
});

test("who_is_not_there_is_not_found", async () => {
  const user = await newUser(root);
  const nobody = `user-test-${randomUUID()}`;
  const text = "User could not be found.";
  assertFailed(await stytch.list(nobody), 404, "user_not_found", text);
  assertFailed(await stytch.revoke(nobody, app.app_id), 404, "user_not_found", text);
  assertFailed(
    await stytch.revoke(user, `connected-app-test-${randomUUID()}`),
    404,
    "connected_app_not_found",
    "The Connected App requested could not be found.",
  );
});

test("a_user_is_found_by_its_external_id", async () => {
  const external_id = `crm|42.a_b-${randomUUID()}`;
  const user = await newUser(root, { external_id });
  const { access_token } = await authorized(root, user, client);
  for (const spelling of [
    external_id,
    encodeURIComponent(external_id),
    encodedWhole(external_id),
    encodedWhole(external_id).toLowerCase(),
  ]) {
    const { status, body } = await stytch.send("GET", `/v1/users/${spelling}/connected_apps`);
    assert.deepEqual([status, body.connected_apps.length], [200, 1], spelling);
  }
  assertDone(await stytch.revoke(external_id, app.app_id));
  assert.equal(await isActive(root, access_token), false);
  assert.deepEqual(await stytch.appIds(user), []);

  await root.put(userPath(user), {});
  assertFailed(await stytch.list(external_id), 404, "user_not_found");
});

test("ids_are_percent_decoded_once", async () => {
  for (const odd of ["a b", "a/b", "a|b", "100%2F", "a+b?c#d", "ünï", "..", "a\\b"]) {
    const user = `${odd}-${randomUUID()}`;
    await root.put(userPath(user), {}, 201);
    const strange = await newClientApp(root, { app_id: `${odd}-${randomUUID()}` });
    await connect(root, user, strange.app_id);
    const ids = [encodedWhole(user), encodedWhole(strange.app_id)];
    assert.deepEqual(await stytch.appIds(user), [strange.app_id]);
    const list = await stytch.send("GET", `/v1/users/${ids[0]}/connected_apps`);
    assert.equal(list.body.connected_apps.length, 1, odd);
    const path = `/v1/users/${ids[0]}/connected_apps/${ids[1]}/revoke`;
    assertDone(await stytch.send("POST", path, { json: {} }));
    assert.deepEqual(await stytch.appIds(user), [], odd);
  }
});

test("a_body_is_ignored_unless_it_is_broken", async () => {
  const user = await newUser(root);
  await connect(root, user, app.app_id);
  const listed = await stytch.list(user, { json: {} });
  assert.deepEqual([listed.status, listed.body.connected_apps.length], [200, 1]);
  assert.equal((await stytch.send("GET", `${appsPath(user)}?user_id=${user}`)).status, 200);

  const broken = await stytch.revoke(user, app.app_id, { body: "{" });
  assertFailed(broken, 400, "bad_request");
  assert.deepEqual(await stytch.appIds(user), [app.app_id]);
  for (const options of [
    {},
    { body: "" },
    { json: {} },
    { json: { user_id: "another", connected_app_id: "another", more: [1] } },
  ]) {
    assertDone(await stytch.revoke(user, app.app_id, options));
  }
  assert.deepEqual(await stytch.appIds(user), []);
  const large = await stytch.revoke(user, app.app_id, { json: { padding: "x".repeat(70_000) } });
  assertFailed(large, 413, "request_too_large");
});

test("only_an_admin_of_the_project_may_call", async () => {
  const user = await newUser(root);
  const { access_token } = await authorized(root, user, client);
  const admin = (await newKey(root, await newUser(root, { role: "admin" }))).api_key;
  const manager = (await newKey(root, await newUser(root, { role: "manager" }))).api_key;
  const { api_key: own } = await newKey(root, user);
  assert.deepEqual(await new Stytch(root, project, admin).appIds(user), [app.app_id]);

  const strangers = [
    new Stytch(root),
    new Stytch(root, project, ""),
    new Stytch(root, project, "nonsense"),
    new Stytch(root, project, forge(admin)),
    new Stytch(root, project, manager),
    new Stytch(root, project, own),
    new Stytch(root, project, app.client_secret),
    new Stytch(root, `project-test-${randomUUID()}`, admin),
    new Stytch(root, "", admin),
    new Stytch(root, admin, project),
  ];
  const headers: Record<string, string>[] = [
    { authorization: `Bearer ${admin}` },
    { authorization: "Basic" },
    { authorization: "Basic !!!" },
    { authorization: `Basic ${Buffer.from(admin).toString("base64")}` },
    { "x-apikey": admin },
  ];
  const text = "Unauthorized credentials.";
  for (const stranger of strangers) {
    assertFailed(await stranger.list(user), 401, "unauthorized_credentials", text);
    const answer = await stranger.revoke(user, app.app_id);
    assertFailed(answer, 401, "unauthorized_credentials", text);
  }
  for (const one of headers) {
    const answer = await new Stytch(root).list(user, { headers: one });
    assertFailed(answer, 401, "unauthorized_credentials", text);
  }
  assert.equal(await isActive(root, access_token), true);
  assertDone(await new Stytch(root, project, admin).revoke(user, app.app_id));
});

test("basic_is_read_in_any_case", async () => {
  const user = await newUser(root);
  const authorization = rawBasic(project, service.secrets.rootKey).replace("Basic", "bAsIc");
  assert.equal((await new Stytch(root).list(user, { headers: { authorization } })).status, 200);
});

test("the_native_calls_know_nothing_of_basic", async () => {
  const user = await newUser(root);
  const headers = { authorization: rawBasic(project, service.secrets.rootKey) };
  const { status } = await root.as(undefined).send("GET", userPath(user), { headers });
  assert.equal(status, 401);
  assert.equal((await (await asUser(root, user)).send("GET", userPath(user))).status, 200);
});

test("there_are_no_other_methods", async () => {
  const user = await newUser(root);
  for (const [method, path, allow] of [
    ["POST", appsPath(user), "GET, HEAD"],
    ["DELETE", appsPath(user), "GET, HEAD"],
    ["GET", revokePath(user, app.app_id), "POST"],
    ["DELETE", revokePath(user, app.app_id), "POST"],
  ] as const) {
    const answer = await stytch.send(method, path);
    assertFailed(answer, 405, "method_not_allowed");
    assert.equal(answer.headers.get("allow"), allow);
  }
});

test("storage_that_fails_is_unavailable_and_ends_nothing", async () => {
  const user = await newUser(root);
  const { access_token } = await authorized(root, user, client);
  const headers = { "x-test-fault": "ledger" };
  for (const answer of [
    await stytch.list(user, { headers }),
    await stytch.revoke(user, app.app_id, { json: {}, headers }),
  ]) {
    assertFailed(answer, 503, "service_unavailable");
    assert.ok(Number(answer.headers.get("retry-after")) >= 1);
  }
  assert.equal(await isActive(root, access_token), true);
});

test("a_name_is_of_one_user_whether_it_is_an_id_or_an_external_id", async () => {
  const user = await newUser(root);
  const other = await newUser(root);
  const taken = await root.put<Problem>(userPath(other), { external_id: user }, 409);
  assert.equal(taken.body.code, "external_id_taken");

  const external_id = `crm-${randomUUID()}`;
  await root.put(userPath(other), { external_id });
  const refused = await root.put<Problem>(userPath(external_id), {}, 409);
  assert.equal(refused.body.code, "user_id_taken");

  const { id } = await connect(root, other, app.app_id);
  assertDone(await stytch.revoke(external_id, app.app_id));
  assert.equal((await readConnection(root, id)).status, "revoked");
  await root.put(userPath(other), {});
  await root.put(userPath(external_id), {}, 201);
});

test("each_call_costs_one_call_of_the_ledger_where_the_app_is_remembered", async () => {
  const user = await newUser(root);
  await authorized(root, user, client);
  for (const { cost } of [await stytch.list(user), await stytch.revoke(user, app.app_id)]) {
    assert.deepEqual(cost, { kvReads: 0, kvWrites: 0, ledgerCalls: 1 });
  }
});

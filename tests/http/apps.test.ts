// Apps: put, read and replaced by root and admins, with a secret that is shown once.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";

import { asNew, mint, newUser } from "./kit/actions.ts";
import type { Api } from "./kit/api.ts";
import { appPath, connect, newApp } from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import type { App, Problem, Registration } from "./kit/shapes.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

const REGISTRATION: Registration = {
  name: "Kalender ☎",
  description: "Puts your appointments into one place.",
  redirect_uris: ["https://app.example/callback", "com.example.app:/done"],
  scopes: ["calendar.read", "contacts.read"],
  client_type: "confidential",
  logo_url: "https://app.example/logo.png",
  provider: "google",
};

const DEFAULTS = {
  description: null,
  redirect_uris: [],
  scopes: [],
  client_type: "confidential",
  logo_url: null,
  provider: null,
};

test("an_app_is_what_was_put", async () => {
  const id = `app-${randomUUID()}`;
  const made = await root.put<App>(appPath(id), REGISTRATION, 201);
  assert.equal(made.headers.get("location"), appPath(id));
  const { app_id, created_at, updated_at, client_secret, ...rest } = made.body;
  assert.deepEqual([app_id, rest], [id, REGISTRATION]);
  assert.equal(created_at, updated_at);
  assert.match(client_secret ?? "", /^hcs_[0-9a-f]{48}$/);
  const read = (await root.get<App>(appPath(id))).body;
  assert.deepEqual(read, { app_id, ...rest, created_at, updated_at });
});

test("an_app_needs_but_a_name", async () => {
  const { app_id, client_secret } = await newApp(root, { name: "n" });
  assert.ok(client_secret !== undefined, "confidential, where nothing is said");
  const { created_at, updated_at, ...rest } = (await root.get<App>(appPath(app_id))).body;
  assert.equal(created_at, updated_at);
  assert.deepEqual(rest, { app_id, name: "n", ...DEFAULTS });
});

test("a_put_replaces_all_of_an_app_and_shows_no_secret", async () => {
  const before = await newApp(root, REGISTRATION);
  const { body, headers, text } = await root.put<App>(appPath(before.app_id), { name: "Other" });
  const { app_id, created_at, updated_at, ...rest } = body;
  assert.deepEqual(rest, { name: "Other", ...DEFAULTS });
  assert.deepEqual([app_id, created_at], [before.app_id, before.created_at]);
  assert.ok(updated_at > before.updated_at);
  assert.equal(headers.get("location"), null);
  assert.ok(!text.includes("hcs_"));
});

test("no_read_shows_a_secret", async () => {
  const { app_id, client_secret = "" } = await newApp(root);
  for (const { text } of [
    await root.get(appPath(app_id)),
    await root.put(appPath(app_id), { name: "An app" }),
    await root.get(appPath(app_id)),
  ]) {
    assert.ok(!text.includes(client_secret.slice(4)));
  }
});

test("a_public_app_has_no_secret_and_is_given_one_when_it_turns_confidential", async () => {
  const app = await newApp(root, { client_type: "public" });
  const path = appPath(app.app_id);
  assert.equal(app.client_secret, undefined);
  const refused = await root.post<Problem>(`${path}/client-secret`, {}, 409);
  assert.equal(refused.body.code, "app_is_public");

  const first = await root.put<App>(path, { name: "An app", client_type: "confidential" });
  assert.match(first.body.client_secret ?? "", /^hcs_/);
  const same = await root.put<App>(path, { name: "An app", client_type: "confidential" });
  assert.equal(same.body.client_secret, undefined, "it has one already");

  const open = await root.put<App>(path, { name: "An app", client_type: "public" });
  assert.equal(open.body.client_secret, undefined);
  const second = await root.put<App>(path, { name: "An app" });
  assert.ok(second.body.client_secret !== undefined);
  assert.notEqual(second.body.client_secret, first.body.client_secret);
});

test("a_secret_is_made_anew", async () => {
  const app = await newApp(root);
  const path = appPath(app.app_id, "/client-secret");
  const secrets = [app.client_secret];
  for (const json of [{}, { previous_ttl: 0 }, { previous_ttl: 604_800 }]) {
    const { body } = await root.post<App>(path, json, 201);
    const { client_secret, ...rest } = body;
    secrets.push(client_secret);
    assert.deepEqual(rest, (await root.get<App>(appPath(app.app_id))).body);
  }
  assert.equal(new Set(secrets).size, secrets.length);
  const empty = await root.send<App>("POST", path);
  assert.equal(empty.status, 201, "no body is needed");
});

test("six_concurrent_puts_make_one_app_with_one_secret", async () => {
  const path = appPath(`app-${randomUUID()}`);
  const answers = await Promise.all(
    [1, 2, 3, 4, 5, 6].map(() => root.send<App>("PUT", path, { json: { name: "An app" } })),
  );
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 201]);
  const shown = answers.filter(({ body }) => body.client_secret !== undefined);
  assert.deepEqual(
    shown.map(({ status }) => status),
    [201],
  );
});

test("any_app_id_survives_the_way_through_a_path", async () => {
  const ids = [
    "a/b",
    "a%2Fb",
    "ü☎😀",
    "a b",
    "a?b#c",
    "..a",
    "app:x",
    "'\"<>\\",
    "root",
    "x".repeat(128),
  ];
  for (const id of ids.map((id) =>
    id.length < 60 && id !== "root" ? `${id}-${randomUUID()}` : id,
  )) {
    const made = await root.put<App>(appPath(id), { name: "An app" }, 201);
    assert.equal(made.body.app_id, id);
    assert.equal((await root.get<App>(made.headers.get("location") ?? "")).body.app_id, id);
    assert.equal((await connect(root, await newUser(root), id)).app_id, id);
  }
});

test("an_app_and_a_user_of_one_name_are_two_things", async () => {
  const id = `both-${randomUUID()}`;
  await root.put(appPath(id), { name: "An app" }, 201);
  await root.get(`/v1/users/${id}`, 404);
  await root.put(`/v1/users/${id}`, {}, 201);
  assert.equal((await connect(root, id, id)).user_id, id);
});

test("an_app_that_nobody_put_is_not_there", async () => {
  const nowhere = `app-${randomUUID()}`;
  const user = await newUser(root);
  const answers = [
    await root.get<Problem>(appPath(nowhere), 404),
    await root.post<Problem>(appPath(nowhere, "/client-secret"), {}, 404),
    await root.post<Problem>("/v1/tokens", { user_id: user, app_id: nowhere }, 404),
    await root.post<Problem>("/v1/connections", { user_id: user, app_id: nowhere }, 404),
  ];
  for (const { body } of answers) assert.equal(body.code, "app_not_found");
  // An isolate that has just heard of no app hears of one that is made now.
  await root.put(appPath(nowhere), { name: "An app" }, 201);
  await root.get(appPath(nowhere));
});

test("only_root_and_admins_read_and_write_apps", async () => {
  const app = await newApp(root, REGISTRATION);
  const { api: admin } = await asNew(root, { role: "admin" });
  const others: [string, Api][] = [];
  for (const role of ["manager", "member", "none"] as const) {
    others.push([role, (await asNew(root, { role, groups: ["paris"] })).api]);
  }
  const calls = (id: string): ((api: Api) => ReturnType<Api["send"]>)[] => [
    (api) => api.send("GET", appPath(id)),
    (api) => api.send("PUT", appPath(id), { json: { name: "Mine" } }),
    (api) => api.send("POST", appPath(id, "/client-secret"), { json: {} }),
  ];
  for (const [name, api] of others) {
    // Whether there is such an app or not, it reads the same.
    for (const call of [...calls(app.app_id), ...calls(`app-${randomUUID()}`)]) {
      const { status, body } = await call(api);
      assert.deepEqual([status, (body as Problem).code], [403, "forbidden"], name);
    }
  }
  for (const call of calls(app.app_id)) {
    const { status } = await call(root.as(undefined));
    assert.equal(status, 401);
  }
  assert.equal((await root.get<App>(appPath(app.app_id))).body.name, REGISTRATION.name);
  assert.deepEqual(
    await Promise.all(calls(app.app_id).map(async (call) => (await call(admin)).status)),
    [200, 200, 201],
  );
});

test("whoever_may_write_a_user_connects_it_to_any_app", async () => {
  const { app_id } = await newApp(root);
  const { api, userId } = await asNew(root, { role: "member" });
  assert.equal((await mint(api, userId, { app_id })).app_id, app_id);
  assert.equal((await connect(api, userId, app_id)).created_by, userId);
});

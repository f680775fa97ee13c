// The Worker has the paths and methods of its description, and no other.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { userPath, type Answer } from "./kit/api.ts";
import { METHODS, STATIC, description, documented, filled, paths } from "./kit/description.ts";
import { serve } from "./kit/service.ts";
import { connect, newApp } from "./kit/connections.ts";
import type { PartooErrors, Problem } from "./kit/shapes.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;
const user = `user-${randomUUID()}`;
/** What stands for the parameters of a path. */
const parameters: Record<string, string> = {
  "{user_id}": user,
  "{project_id}": service.projectId,
};

before(async () => {
  await root.put(userPath(user), {}, 201);
  const { app_id } = await newApp(root);
  parameters["{app_id}"] = parameters["{connected_app_id}"] = app_id;
  const { id } = await connect(root, user, app_id);
  parameters["{connection_id}"] = parameters["{nanoid}"] = id;
});

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

for (const template of Object.keys(paths)) {
  const target = (): string => filled(template, parameters);
  const methods = documented(template);

  test(`${template} has ${methods.join(" and ")} and no other method`, async () => {
    const allowed = [...methods, ...(methods.includes("GET") ? ["HEAD"] : [])].sort();
    for (const method of [...METHODS, "HEAD"]) {
      if (allowed.includes(method)) continue;
      // The words are held against the description.
      const answer = await root.send(method, target());
      assert.equal(answer.status, 405, `${method} ${template}`);
      if (!STATIC.has(template)) assert.deepEqual(allow(answer), allowed, `${method} ${template}`);
    }
  });

  test(`${template} is there for every method that it is described with`, async () => {
    const names = template.match(/\{[^}]+\}/g) ?? [];
    // What is not known here is `x` there, and a vendor may say that there is no `x`.
    const absent = names.every((name) => name in parameters) ? [404, 405] : [405];
    for (const method of methods) {
      const options = method === "GET" ? {} : { json: {} };
      const { status } = await root.send(method, target(), options);
      assert.ok(!absent.includes(status), `${method} ${template}: ${status}`);
    }
  });
}

test("nothing_is_at_any_other_path", async () => {
  const nowhere = [
    "/v1",
    "/v1/",
    "/v1/users",
    "/v1/users/",
    `${userPath(user)}/`,
    `${userPath(user)}/nothing`,
    "/v1/tokens/",
    "/v1/tokens/check/",
    "/v1/token",
    "/V1/tokens",
    "/v1//tokens",
    "//v1/tokens",
    "/v2",
    "/v2/tokens",
    "/healthz/",
    "/healthz/x",
    "/v1/users/a/b/c",
    "/v1/apps",
    "/v1/apps/",
    "/v1/apps/a/secret",
    "/v1/connections/",
    "/v1/connections/a/b",
    "/v1/connections/a/revoke/",
    "/v1/users/a/connected_apps/b",
  ];
  for (const path of nowhere) {
    for (const method of ["GET", "POST"]) {
      const options = method === "GET" ? {} : { json: {} };
      const { status, body } = await root.send<Problem>(method, path, options);
      assert.deepEqual([status, body.code], [404, "not_found"], `${method} ${path}`);
    }
  }
});

test("nothing_is_at_any_other_path_of_partoo_and_partoo_says_so", async () => {
  for (const path of [
    "/v2/connection/",
    "/v2/connection/nothing",
    "/connection/generate_token/",
    "/connection/x",
  ]) {
    const { status, body } = await root.partoo().send<PartooErrors>("POST", path, { json: {} });
    assert.deepEqual([status, body], [404, { errors: { json: "Resource not found" } }], path);
  }
});

test("nothing_is_at_any_other_path_of_a_vendor_and_the_vendor_says_so", async () => {
  for (const path of [
    "/oauth/",
    "/oauth/authorize",
    "/oauth/token/",
    "/api/v1/",
    "/api/v1/authorize",
    "/api/v1/token/",
    "/api/v3/",
    "/api/v3.1/toolkits",
    "/api/v3.1/connected_accounts/",
    "/api/v3/connected_accounts/ca_1/revoke",
    "/v1/oauth2/",
    "/v1/oauth2/userinfo",
    `/v1/public/${service.projectId}/oauth2/userinfo`,
    "/v1/public/x",
  ]) {
    // The words are held against the description.
    const { status } = await root.send("POST", path, { json: {} });
    assert.equal(status, 404, path);
  }
});

test("head_is_get_without_the_body", async () => {
  for (const path of [
    userPath(user),
    userPath(user, "/tokens"),
    userPath(user, "/events"),
    "/healthz",
  ]) {
    const [head, get] = [await root.send("HEAD", path), await root.send("GET", path)];
    assert.deepEqual([head.status, head.text], [get.status, ""], path);
    assert.equal(head.contentType, get.contentType, path);
  }
  const { status } = await root.as(undefined).send("HEAD", userPath(user));
  assert.equal(status, 401);
});

test("every_answer_has_its_headers", async () => {
  const answers = [
    await root.send("GET", userPath(user)),
    await root.send("PUT", userPath(`${user}-2`), { json: {} }),
    await root.send("POST", "/v1/tokens", { json: { user_id: user } }),
    await root.send("POST", "/v1/tokens", { body: "{" }),
    await root.as(undefined).send("GET", userPath(user)),
    await root.send("GET", userPath("nobody")),
    await root.send("GET", "/v1/nothing"),
    await root.send("DELETE", "/v1/tokens"),
    await root.send("HEAD", userPath(user)),
    await root.send("GET", "/healthz"),
    await root.partoo().send("POST", "/v2/connection/generate_token", { json: { user_id: user } }),
    await root.partoo().send("GET", "/v2/connection/check_token"),
    await root.partoo().send("GET", "/connection/nothing"),
    await root.send("POST", "/v1/tokens", { body: "x".repeat(70_000) }),
  ];
  for (const { method, path, status, headers } of answers) {
    const what = `${method} ${path}: ${status}`;
    assert.match(headers.get("x-request-id") ?? "", UUID_V4, what);
    assert.equal(headers.get("cache-control"), "no-store", what);
    assert.equal(headers.get("x-content-type-options"), "nosniff", what);
    assert.equal(headers.get("referrer-policy"), "no-referrer", what);
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/, what);
  }
  const ids = answers.map(({ headers }) => headers.get("x-request-id"));
  assert.equal(new Set(ids).size, ids.length, "each request has an id of its own");
});

test("a_problem_names_its_request", async () => {
  const { headers, body } = await root.send<Problem>("GET", "/v1/nothing");
  assert.equal(body.request_id, headers.get("x-request-id"));
  assert.equal(body.type, "urn:hookswitch:problem:not_found");
  const chosen = await root.send("GET", "/healthz", { headers: { "x-request-id": "chosen" } });
  assert.match(chosen.headers.get("x-request-id") ?? "", UUID_V4, "a client does not choose it");
});

test("the_service_publishes_its_description", async () => {
  const { body, contentType } = await root.as(undefined).get("/openapi.json");
  assert.equal(contentType, "application/json");
  assert.deepEqual(body, JSON.parse(JSON.stringify(description)));
});

test("the_service_is_healthy", async () => {
  const { body } = await root.as(undefined).get("/healthz");
  assert.deepEqual(body, { status: "ok" });
});

function allow({ headers }: Answer<unknown>): string[] {
  return (headers.get("allow") ?? "")
    .split(",")
    .map((method) => method.trim())
    .sort();
}

// The form of requests and answers at OAuth's endpoints, and what the service says of itself (RFC 8414).

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, newUser } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import {
  Client,
  authorized,
  form,
  isActive,
  newClientApp,
  newCode,
  postForm,
  type Granted,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";

const ENDPOINTS = ["token", "introspect", "revoke"];
const AUTHORIZE = "https://app.example/authorize";

const service = await serve();
after(() => service.stop());
const { root } = service;
const nobody = root.as(undefined);

let client: Client;
let user: string;
let credentials: { client_id: string; client_secret: string };

before(async () => {
  user = await newUser(root);
  client = new Client(root, await newClientApp(root));
  const { app_id, client_secret = "" } = client.app;
  credentials = { client_id: app_id, client_secret };
});

test("other_grants_are_not_supported", async () => {
  for (const grant_type of [
    "client_credentials",
    "password",
    "implicit",
    "AUTHORIZATION_CODE",
    "urn:ietf:params:oauth:grant-type:device_code",
    "nonsense",
  ]) {
    refused(await client.post("token", { grant_type }), "unsupported_grant_type");
  }
});

test("what_is_missing_is_said", async () => {
  const code = await newCode(root, user, client.app);
  for (const params of [
    {},
    { grant_type: "" },
    { code: code.token },
    { grant_type: "authorization_code" },
    { grant_type: "authorization_code", code: "" },
    { grant_type: "authorization_code", refresh_token: code.token },
    { grant_type: "refresh_token" },
    { grant_type: "refresh_token", code: code.token },
  ]) {
    refused(await client.post("token", params), "invalid_request");
  }
  for (const endpoint of ["introspect", "revoke"]) {
    refused(await client.post(endpoint, {}), "invalid_request");
    refused(await client.post(endpoint, { token: "" }), "invalid_request");
  }
  assert.equal((await check(root, code.token)).status, "valid");
});

test("a_parameter_is_given_once", async () => {
  const code = await newCode(root, user, client.app);
  const params = {
    ...credentials,
    grant_type: "authorization_code",
    code: code.token,
    token: code.token,
  };
  for (const name of Object.keys(params)) {
    const value = (params as Record<string, string>)[name] ?? "";
    for (const endpoint of name === "token" ? ["introspect", "revoke"] : ["token"]) {
      const body = `${form(params)}&${form({ [name]: value })}`;
      refused(await postForm(nobody, `/oauth/${endpoint}`, body), "invalid_request");
    }
  }
  assert.equal((await check(root, code.token)).status, "valid");
});

test("parameters_that_it_does_not_know_are_ignored_and_empty_ones_are_absent", async () => {
  const code = await newCode(root, user, client.app);
  const answer = await client.exchange(code.token, {
    redirect_uri: "",
    code_verifier: "",
    scope: "",
    refresh_token: "",
    resource: "https://api.example/",
    "": "x",
    constructor: "x",
  });
  assert.equal(answer.status, 200, answer.text);
});

test("a_body_is_a_form", async () => {
  const code = await newCode(root, user, client.app);
  const params = { ...credentials, grant_type: "authorization_code", code: code.token };
  for (const endpoint of ENDPOINTS) {
    const path = `/oauth/${endpoint}`;
    for (const [type, body] of [
      ["application/json", JSON.stringify(params)],
      ["text/plain", form(params)],
      ["multipart/form-data; boundary=x", "--x--"],
    ] as const) {
      const answer = await postForm(nobody, path, body, { "content-type": type });
      assert.deepEqual([answer.status, answer.body.error], [415, "invalid_request"], answer.text);
    }
    const large = await postForm(nobody, path, { ...params, padding: "x".repeat(70_000) });
    assert.deepEqual([large.status, large.body.error], [413, "invalid_request"]);
    for (const body of ["", "&", "=", "%", "a=%ff%zz", "\u0000", '{"token":"x"}']) {
      const { status } = await postForm(nobody, path, body);
      assert.ok(status === 400 || status === 401, `${path} ${body}: ${status}`);
    }
  }
  const answer = await postForm(nobody, "/oauth/token", params, {
    "content-type": "Application/X-WWW-Form-URLEncoded; charset=UTF-8",
  });
  assert.equal(answer.status, 200, answer.text);
});

test("parameters_in_the_query_are_no_parameters", async () => {
  const granted = await authorized(root, user, client);
  const query = form({ ...credentials, token: granted.access_token });
  for (const endpoint of ["introspect", "revoke"]) {
    const { status } = await postForm(nobody, `/oauth/${endpoint}?${query}`, "");
    assert.ok(status === 400 || status === 401, String(status));
  }
  assert.equal(await isActive(root, granted.access_token), true);
});

test("there_are_no_other_methods_and_paths", async () => {
  for (const endpoint of ENDPOINTS) {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const answer = await nobody.send(method, `/oauth/${endpoint}`);
      assert.deepEqual([answer.status, answer.headers.get("allow")], [405, "POST"], answer.text);
    }
  }
  for (const path of ["/oauth/", "/oauth/authorize", "/oauth/token/", "/oauth/token/x"]) {
    assert.equal((await postForm(nobody, path, {})).status, 404, path);
  }
});

test("no_answer_is_kept_by_anybody", async () => {
  const granted = await authorized(root, user, client);
  const answers: Answer<unknown>[] = [
    await client.refresh(granted.refresh_token),
    await client.refresh("nonsense"),
    await client.introspect(granted.access_token),
    await client.introspect("nonsense"),
    await new Client(root, { ...client.app, client_secret: "x" }).introspect(granted.access_token),
    await client.revoke(granted.access_token),
    await postForm(nobody, "/oauth/token", {}),
  ];
  for (const { path, status, headers, contentType } of answers) {
    const what = `${path}: ${status}`;
    assert.equal(headers.get("cache-control"), "no-store", what);
    assert.equal(headers.get("pragma"), "no-cache", what);
    assert.equal(contentType, "application/json", what);
    assert.ok(headers.get("x-request-id"), what);
  }
});

test("the_service_says_what_it_is", async () => {
  const { body } = await nobody.get("/.well-known/oauth-authorization-server");
  const issuer = service.url;
  const methods = ["client_secret_basic", "client_secret_post"];
  assert.deepEqual(body, {
    issuer,
    token_endpoint: `${issuer}/oauth/token`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    grant_types_supported: ["authorization_code", "refresh_token"],
    response_types_supported: ["code"],
    code_challenge_methods_supported: ["S256"],
    token_endpoint_auth_methods_supported: [...methods, "none"],
    revocation_endpoint_auth_methods_supported: [...methods, "none"],
    introspection_endpoint_auth_methods_supported: methods,
  });
  const { cost } = await nobody.get("/.well-known/oauth-authorization-server");
  assert.deepEqual(cost, { kvReads: 0, kvWrites: 0, ledgerCalls: 0 });
});

test("the_service_names_the_authorization_endpoint_that_it_is_told_of", async () => {
  const told = await serve({ vars: { AUTHORIZATION_ENDPOINT: AUTHORIZE } });
  try {
    const { body } = await told.root
      .as(undefined)
      .get<{ authorization_endpoint: string }>("/.well-known/oauth-authorization-server");
    assert.equal(body.authorization_endpoint, AUTHORIZE);
  } finally {
    await told.stop();
  }
});

function refused(answer: Answer<Granted>, error: string): void {
  assert.deepEqual([answer.status, answer.body.error], [400, error], answer.text);
}

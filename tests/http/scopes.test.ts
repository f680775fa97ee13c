// Scopes that are named more than once, or in another order: each is granted once, in the order in which it came
// first; nothing else of the list is changed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, consume, mint, newUser } from "./kit/actions.ts";
import { connect, issue, newApp, readConnection } from "./kit/connections.ts";
import { Client, authorized, newClientApp, newCode } from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import type { Problem } from "./kit/shapes.ts";
import { times } from "./kit/wait.ts";

const LENGTH_MAX = 1_024;

const service = await serve();
after(() => service.stop());
const { root } = service;

let client: Client;
let user: string;
before(async () => {
  client = new Client(root, await newClientApp(root, { scopes: ["read", "write"] }));
  user = await newUser(root);
});

const LISTS: [string, string][] = [
  ["read", "read"],
  ["read read read", "read"],
  ["write read", "write read"],
  ["write read write", "write read"],
  ["read write read write", "read write"],
  [times(LENGTH_MAX / 5, () => "read").join(" "), "read"],
];

for (const [asked, granted] of LISTS) {
  const name = asked.length > 30 ? `${asked.slice(0, 30)}…` : asked;

  test(`a_code_has_each_scope_once (${name})`, async () => {
    const code = await newCode(root, user, client.app, { scope: asked });
    assert.equal(code.scope, granted);
    assert.equal((await check(root, code.token)).scope, granted);
    const { body } = await client.exchange(code.token);
    assert.equal(body.scope, granted);
    for (const token of [body.access_token, body.refresh_token]) {
      assert.equal((await client.introspect(token)).body.scope, granted);
    }
  });

  test(`a_refresh_has_each_scope_once (${name})`, async () => {
    const { refresh_token } = await authorized(root, user, client);
    const { status, body } = await client.refresh(refresh_token, { scope: asked });
    assert.deepEqual([status, body.scope], [200, granted]);
    assert.equal((await check(root, body.access_token)).scope, granted);
  });

  test(`a_connection_and_its_tokens_have_each_scope_once (${name})`, async () => {
    const whose = await newUser(root);
    const { app_id } = client.app;
    const connection = await connect(root, whose, app_id, { scope: asked });
    assert.equal(connection.scope, granted);
    assert.equal((await issue(root, connection.id, { scope: asked })).scope, granted);
    const { token } = await mint(root, whose, { app_id, scope: asked });
    await consume(root, token);
    assert.equal((await readConnection(root, connection.id)).scope, granted, "a union");
  });

  test(`a_token_without_an_app_has_each_scope_once (${name})`, async () => {
    const minted = await mint(root, user, { scope: asked });
    assert.equal(minted.scope, granted);
    assert.equal((await consume(root, minted.token)).body.scope, granted);
  });
}

test("an_app_has_each_scope_once", async () => {
  const { scopes } = await newApp(root, { scopes: ["b", "a", "b", "B", "a"] });
  assert.deepEqual(scopes, ["b", "a", "B"]);
});

test("scopes_that_differ_in_case_are_two", async () => {
  assert.equal((await mint(root, user, { scope: "a A a" })).scope, "a A");
});

test("repetitions_count_towards_the_length_of_a_list", async () => {
  const scope = times(LENGTH_MAX / 4, () => "read").join(" ");
  const { body } = await root.post<Problem>("/v1/tokens", { user_id: user, scope }, 400);
  assert.deepEqual([body.code, Object.keys(body.errors ?? {})], ["invalid_request", ["scope"]]);
});

test("scopes_are_separated_by_one_space_each", async () => {
  for (const scope of ["read  read", " read", "read ", "read\tread", "read\nread"]) {
    const { body } = await root.post<Problem>("/v1/tokens", { user_id: user, scope }, 400);
    assert.equal(body.code, "invalid_request", JSON.stringify(scope));
  }
});

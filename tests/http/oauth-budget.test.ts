// What the requests of OAuth's clients cost in calls to storage: a guess costs nothing.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { forge, newKey, newUser } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import {
  Client,
  authorized,
  newClientApp,
  newCode,
  newPublicApp,
  pkce,
  postForm,
  rawBasic,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import { times } from "./kit/wait.ts";

const NOTHING = { kv: 0, ledger: 0 };

const service = await serve();
after(() => service.stop());
const { root } = service;
const nobody = root.as(undefined);

let client: Client;
let open: Client;
let user: string;

before(async () => {
  client = new Client(root, await newClientApp(root));
  open = new Client(root, await newPublicApp(root));
  user = await newUser(root);
});

test("a_forged_code_or_refresh_token_costs_nothing_even_of_an_app_that_is_not_remembered", async () => {
  const code = await newCode(root, user, client.app);
  const granted = await authorized(root, user, client);
  await service.restart();
  for (const one of [client, open]) {
    for (const answer of [
      await one.exchange(forge(code.token)),
      await one.exchange(forge(code.token, 5)),
      await one.exchange("nonsense"),
      await one.refresh(forge(granted.refresh_token)),
      await one.refresh("hrt_"),
    ]) {
      assert.deepEqual([answer.status, answer.body.error], [400, "invalid_grant"], answer.text);
      costs(answer, NOTHING);
    }
  }
  const flinks = await nobody.send("POST", "/api/v1/token", {
    json: {
      grant_type: "authorization_code",
      client_id: client.app.app_id,
      client_secret: client.app.client_secret,
      code: forge(code.token),
    },
  });
  assert.equal(flinks.status, 400);
  costs(flinks, NOTHING);
});

test("a_forged_secret_costs_nothing", async () => {
  const { app_id, client_secret = "" } = client.app;
  const { access_token, refresh_token } = await authorized(root, user, client);
  await service.restart();
  for (const secret of [forge(client_secret), forge(client_secret, 4), "hcs_", "nonsense"]) {
    const guess = new Client(root, { ...client.app, client_secret: secret });
    const basic = { authorization: rawBasic(app_id, secret) };
    for (const answer of [
      await guess.introspect(access_token),
      await guess.revoke(access_token),
      await guess.refresh(refresh_token),
      await postForm(nobody, "/oauth/introspect", { token: access_token }, basic),
    ]) {
      assert.equal(answer.status, 401, answer.text);
      costs(answer, NOTHING);
    }
  }
});

test("a_forged_token_costs_nothing_where_the_app_is_remembered", async () => {
  const { access_token } = await authorized(root, user, client);
  costs(await client.introspect(forge(access_token)), NOTHING);
  costs(await client.revoke(forge(access_token)), NOTHING);
  const headers = { authorization: `Bearer ${forge(access_token)}` };
  costs(await nobody.send("DELETE", "/api/v1/revoke", { headers }), NOTHING);
});

test("a_forged_key_introspects_nothing_and_costs_nothing", async () => {
  const { access_token } = await authorized(root, user, client);
  const { api_key } = await newKey(root, user);
  const api = root.as(forge(api_key));
  costs(await postForm(api, "/oauth/introspect", { token: access_token }), NOTHING);
});

test("each_call_costs_one_call_of_the_ledger_where_the_app_is_remembered", async () => {
  const code = await newCode(root, user, client.app);
  const exchanged = await client.exchange(code.token);
  costs(exchanged, { kv: 0, ledger: 1 });
  costs(await client.refresh(exchanged.body.refresh_token), { kv: 0, ledger: 1 });
  const { verifier, challenge } = pkce();
  const challenged = await newCode(root, user, open.app, { code_challenge: challenge });
  const first = await open.exchange(challenged.token, { code_verifier: verifier });
  costs(first, { kv: 0, ledger: 1 });
  costs(await open.refresh(first.body.refresh_token), { kv: 0, ledger: 1 });
  costs(await client.introspect(exchanged.body.access_token), { kv: 0, ledger: 1 });
  costs(await client.introspect(exchanged.body.refresh_token), { kv: 0, ledger: 1 });
  costs(await client.revoke(exchanged.body.access_token), { kv: 0, kvWrites: 1, ledger: 1 });
  costs(await client.exchange(code.token), { kv: 0, ledger: 1 });
});

test("an_app_that_is_not_remembered_costs_one_call_more", async () => {
  const { access_token, refresh_token } = await authorized(root, user, client);
  const code = await newCode(root, user, client.app);
  for (const call of [() => client.exchange(code.token), () => client.refresh(refresh_token)]) {
    await service.restart();
    costs(await call(), { kv: 0, ledger: 2 });
  }
  await service.restart();
  costs(await client.revoke(access_token), { kv: 0, kvWrites: 1, ledger: 2 });
  await service.restart();
  costs(await client.introspect(refresh_token), { kv: 0, ledger: 2 });
});

test("a_code_for_an_app_costs_one_call_and_the_app", async () => {
  await newCode(root, user, client.app);
  const json = { user_id: user, app_id: client.app.app_id };
  costs(await root.post("/v1/tokens", json, 201), { kv: 0, ledger: 1 });
  await service.restart();
  costs(await root.post("/v1/tokens", json, 201), { kv: 0, ledger: 2 });
});

test("the_largest_app_is_remembered_like_the_smallest", async () => {
  for (const more of [
    { redirect_uris: [] },
    { redirect_uris: times(20, (index) => `https://app.example/${index}/`.padEnd(180, "x")) },
    {
      redirect_uris: times(20, (index) => `https://app.example/${index}/`.padEnd(2_048, "x")),
      scopes: times(64, (index) => `${index}.`.padEnd(128, "s")),
      description: "\u{10ffff}".repeat(1_024),
      logo_url: "https://app.example/".padEnd(2_048, "x"),
    },
  ]) {
    const large = new Client(root, await newClientApp(root, more));
    const json = { user_id: user, app_id: large.app.app_id };
    await service.restart();
    costs(await root.post("/v1/tokens", json, 201), { kv: 0, ledger: 2 });
    for (const _ of [1, 2, 3]) {
      costs(await root.post("/v1/tokens", json, 201), { kv: 0, ledger: 1 });
    }
    const code = await newCode(root, user, large.app);
    const exchanged = await large.exchange(code.token);
    assert.equal(exchanged.status, 200, exchanged.text);
    costs(exchanged, { kv: 0, ledger: 1 });
    costs(await large.refresh(exchanged.body.refresh_token), { kv: 0, ledger: 1 });
    costs(await large.introspect(exchanged.body.access_token), { kv: 0, ledger: 1 });
  }
});

test("a_connection_with_many_tokens_is_revoked_in_one_call", async () => {
  const { code } = await authorized(root, user, client);
  const path = `/v1/connections/${code.connection_id}`;
  await Promise.all(times(40, () => root.post(`${path}/tokens`, {}, 201)));
  costs(await root.post(`${path}/revoke`, {}), { kv: 0, ledger: 1 });
});

test("a_connection_is_revoked_by_its_access_token_in_one_call", async () => {
  const { access_token } = await authorized(root, await newUser(root), client);
  const headers = { authorization: `Bearer ${access_token}` };
  const answer = await nobody.send("DELETE", "/api/v1/revoke", { headers });
  assert.equal(answer.status, 204, answer.text);
  costs(answer, { kv: 0, ledger: 1 });
});

interface Costs {
  /** Reads of KV. */
  kv: number;
  kvWrites?: number;
  ledger: number;
}

function costs(answer: Answer<unknown>, { kv, kvWrites = 0, ledger }: Costs): void {
  const what = `${answer.path}: ${answer.status}`;
  assert.deepEqual(answer.cost, { kvReads: kv, kvWrites, ledgerCalls: ledger }, what);
}

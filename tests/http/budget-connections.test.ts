// What the calls of apps and connections cost in calls to storage.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { asUser, consume, forge, mint, newUser } from "./kit/actions.ts";
import { userPath, type Answer, type Api } from "./kit/api.ts";
import {
  appPath,
  connect,
  connectionPath,
  issue,
  issuePair,
  newApp,
  revokeConnection,
} from "./kit/connections.ts";
import { Provider } from "./kit/provider.ts";
import { serve } from "./kit/service.ts";
import type { Connection, Issued, Minted, Verdict } from "./kit/shapes.ts";
import { appOf, hold, newProvider, readHolder } from "./kit/upstream.ts";
import { inParallel, times } from "./kit/wait.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

let user: string;
/** The user itself, with a key that the isolate remembers. */
let self: Api;

before(async () => {
  user = await newUser(root);
  self = await asUser(root, user);
  await mint(self, user);
});

test("a_forged_connection_costs_nothing", async () => {
  const { id } = await connect(root, user, (await newApp(root)).app_id);
  for (const forged of [forge(id), forge(id, 4), id.replace("ca_", "hct_"), "ca_", "x"]) {
    for (const [api, status] of [
      [root, 404],
      [self, 403],
    ] as const) {
      costs(await api.get(connectionPath(forged), status), { kv: 0, ledger: 0 });
      for (const rest of ["/revoke", "/disable", "/enable", "/tokens"]) {
        costs(await api.post(connectionPath(forged, rest), {}, status), { kv: 0, ledger: 0 });
      }
    }
  }
});

test("a_forged_access_or_refresh_token_costs_nothing", async () => {
  const app = await newApp(root);
  const { id } = await connect(root, user, app.app_id);
  const pair = await issuePair(root, id);
  for (const token of [...pair, app.client_secret ?? ""]) {
    for (const path of ["/v1/tokens/check", "/v1/tokens/consume", "/v1/tokens/revoke"]) {
      costs(await root.post(path, { token: forge(token) }, 404), { kv: 0, ledger: 0 });
    }
    costs(await root.as(forge(token)).post("/v1/tokens", { user_id: user }, 401), {
      kv: 0,
      ledger: 0,
    });
  }
});

test("an_app_costs_one_call_more_where_the_isolate_does_not_remember_it", async () => {
  const { app_id } = await newApp(root);
  for (const [path, json] of [
    ["/v1/tokens", { user_id: user, app_id }],
    ["/v1/connections", { user_id: user, app_id }],
  ] as const) {
    await service.restart();
    costs(await root.post<Minted>(path, json, 201), { kv: 0, ledger: 2 });
    costs(await root.post<Minted>(path, json, 201), { kv: 0, ledger: 1 });
  }
});

test("everything_of_a_connection_costs_one_call_of_the_ledger", async () => {
  const { app_id } = await newApp(root);
  // From here on the isolate remembers the app, and the user's key.
  for (const api of [root, self]) await mint(api, user, { app_id });
  for (const api of [root, self]) {
    const minted = await api.post<Minted>("/v1/tokens", { user_id: user, app_id }, 201);
    costs(minted, { kv: 0, ledger: 1 });
    costs(await consume(api, minted.body.token), { kv: 0, ledger: 1 });
    const made = await api.post<Connection>("/v1/connections", { user_id: user, app_id }, 201);
    costs(made, { kv: 0, ledger: 1 });
    const { id } = made.body;
    costs(await api.get(connectionPath(id)), { kv: 0, ledger: 1 });
    costs(await api.get(userPath(user, "/connections")), { kv: 0, ledger: 1 });
    // A member issues no tokens: the app or a manager does.
    const issued = await api.post<Issued>(
      connectionPath(id, "/tokens"),
      {},
      api === root ? 201 : 403,
    );
    costs(issued, { kv: 0, ledger: 1 });
    for (const rest of ["/disable", "/enable", "/revoke", "/revoke"]) {
      costs(await api.post(connectionPath(id, rest), {}), { kv: 0, ledger: 1 });
    }
  }
});

test("a_connection_with_many_tokens_is_revoked_in_one_call", async () => {
  const { id } = await connect(root, user, (await newApp(root)).app_id);
  const issued = await inParallel(
    8,
    times(100, () => () => issue(root, id)),
  );
  costs(await root.post(connectionPath(id, "/revoke"), {}), { kv: 0, ledger: 1 });
  const { body } = await root.post<Verdict>("/v1/tokens/check", {
    token: issued[0]?.access_token,
  });
  assert.equal(body.status, "revoked");
});

test("telling_a_provider_costs_two_calls_more", async () => {
  const provider = await Provider.start();
  after(() => provider.stop());
  const revocation = { method: "rfc7009", url: `${provider.origin}/revoke`, auth: "none" } as const;
  const app = await appOf(root, await newProvider(root, { revocation }));
  const held = await hold(root, app, { access_token: provider.token() }, user);
  // The provider, and what it answered; of a connection that is dead already there is nothing to tell.
  costs(await root.post(connectionPath(held.id, "/revoke"), {}), { kv: 0, ledger: 3 });
  costs(await root.post(connectionPath(held.id, "/revoke"), {}), { kv: 0, ledger: 1 });

  const [access_token, refresh_token] = [provider.token(400, 200), provider.token(400, 200)];
  const { id } = await hold(root, app, { access_token, refresh_token }, user);
  await root.post(connectionPath(id, "/revoke"), {});
  const { upstream } = await readHolder(root, id);
  for (const { revocation_id } of upstream?.credentials ?? []) {
    const path = `/v1/revocations/${revocation_id}`;
    costs(await root.get(path), { kv: 0, ledger: 1 });
    costs(await root.post(`${path}/retry`, {}), { kv: 0, ledger: 3 });
  }
  assert.equal((await readHolder(root, id)).status, "revoked");
});

test("a_live_access_token_is_checked_like_any_token", async () => {
  const { id } = await connect(root, user, (await newApp(root)).app_id);
  const pair = await issuePair(root, id);
  for (const token of pair) {
    costs(await root.post("/v1/tokens/check", { token }), { kv: 0, ledger: 1 });
  }
  await root.post(connectionPath(id, "/disable"), {});
  for (const token of pair) {
    // Inactive is not for ever, so nobody keeps a copy of it.
    for (const _ of [1, 2]) {
      const answer = await root.post<Verdict>("/v1/tokens/check", { token });
      assert.deepEqual([answer.body.status, answer.body.source], ["inactive", "ledger"]);
      costs(answer, { kv: 0, ledger: 1 });
    }
  }
  await revokeConnection(root, id);
  for (const token of pair) {
    await root.post("/v1/tokens/check", { token });
    const known = await root.post<Verdict>("/v1/tokens/check", { token });
    assert.equal(known.body.status, "revoked");
    assert.equal(known.cost.ledgerCalls, 0);
    assert.ok(known.cost.kvReads <= 1);
  }
});

test("an_app_is_put_read_and_given_a_secret_in_one_call_each", async () => {
  const { app_id } = await newApp(root);
  costs(await root.put(appPath(app_id), { name: "An app" }), { kv: 0, ledger: 1 });
  costs(await root.get(appPath(app_id)), { kv: 0, ledger: 1 });
  costs(await root.post(appPath(app_id, "/client-secret"), {}, 201), { kv: 0, ledger: 1 });
});

test("an_external_id_costs_at_most_four_calls_more", async () => {
  const plain = await root.put(userPath(user), {});
  costs(plain, { kv: 0, ledger: 1 });
  for (const external_id of [`one-${user}`, `one-${user}`, `two-${user}`, null]) {
    const { cost } = await root.put(userPath(user), { external_id });
    assert.ok(cost.ledgerCalls <= 5, `${cost.ledgerCalls} calls`);
    assert.equal(cost.kvReads + cost.kvWrites, 0);
  }
});

function costs(answer: Answer<unknown>, { kv, ledger }: { kv: number; ledger: number }): void {
  assert.deepEqual(
    answer.cost,
    { kvReads: kv, kvWrites: 0, ledgerCalls: ledger },
    `${answer.method} ${answer.path.replace(/[0-9a-f]{48}/, "…")}: ${answer.status}`,
  );
}

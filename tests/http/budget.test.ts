// What a request costs in calls to storage.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import {
  asUser,
  checkAll,
  consume,
  forge,
  mint,
  newKey,
  newUser,
  partooSpelling,
  revoke,
} from "./kit/actions.ts";
import type { Answer, Api } from "./kit/api.ts";
import { serve } from "./kit/service.ts";
import type { Minted, Verdict } from "./kit/shapes.ts";
import { sleep, times } from "./kit/wait.ts";

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

test("a_forgery_costs_nothing", async () => {
  const { token, token_id } = await mint(root, user);
  const forgeries = [
    forge(token),
    forge(token, 5),
    forge(partooSpelling(token)),
    forge(token_id),
    "hct_",
    "x",
  ];
  for (const forged of forgeries) {
    for (const path of ["/v1/tokens/check", "/v1/tokens/consume", "/v1/tokens/revoke"]) {
      for (const [api, status] of [
        [root, 404],
        [self, 403],
      ] as const) {
        costs(await api.post(path, { token: forged }, status), { kv: 0, ledger: 0 });
      }
    }
    costs(await root.post("/v1/tokens/check", { token_id: forged }, 404), { kv: 0, ledger: 0 });
  }
  costs(await root.post("/v1/tokens/check", { tokens: times(100, () => forge(token)) }), {
    kv: 0,
    ledger: 0,
  });
});

test("a_forgery_costs_nothing_in_the_dialect_of_partoo", async () => {
  const { token } = await mint(root, user);
  const forged = encodeURIComponent(forge(partooSpelling(token)));
  const partoo = root.partoo();
  costs(await partoo.get(`/v2/connection/check_token?user_id=${user}&token=${forged}`, 404), {
    kv: 0,
    ledger: 0,
  });
  const json = { user_id: user, token: forge(token) };
  costs(await partoo.post("/v2/connection/revoke_token", json, 404), { kv: 0, ledger: 0 });
});

test("a_dead_key_costs_one_call_and_then_nothing", async () => {
  const { api_key, token_id } = await newKey(root, user);
  await root.post("/v1/tokens/revoke", { token_id });
  const dead = root.as(api_key);
  costs(await dead.post("/v1/tokens", { user_id: user }, 401), { kv: 0, ledger: 1 });
  costs(await dead.post("/v1/tokens", { user_id: user }, 401), { kv: 0, ledger: 0 });
});

test("a_forged_key_costs_nothing", async () => {
  const { api_key } = await newKey(root, user);
  for (const key of [forge(api_key), forge(service.secrets.rootKey.replace(/^./, "a")), "hak_"]) {
    costs(await root.as(key).post("/v1/tokens", { user_id: user }, 401), { kv: 0, ledger: 0 });
    costs(await root.as(key).partoo().post("/connection/generate_token", { user_id: user }, 401), {
      kv: 0,
      ledger: 0,
    });
  }
  costs(await root.as(undefined).post("/v1/tokens", { user_id: user }, 401), { kv: 0, ledger: 0 });
});

test("minting_consuming_and_revoking_cost_one_call_of_the_ledger", async () => {
  for (const api of [root, self]) {
    const used = await api.post<Minted>("/v1/tokens", { user_id: user }, 201);
    costs(used, { kv: 0, ledger: 1 });
    costs(await consume(api, used.body.token), { kv: 0, ledger: 1 });
    const { token } = await mint(api, user);
    // The record of a revoked token, for when its ledger is slow or down.
    costs(await api.post("/v1/tokens/revoke", { token }), { kv: 0, kvWrites: 1, ledger: 1 });
    costs(await api.partoo().post("/v2/connection/generate_token", { user_id: user }), {
      kv: 0,
      ledger: 1,
    });
  }
});

test("a_live_check_costs_one_call_of_the_ledger", async () => {
  const { token, token_id } = await mint(root, user);
  for (const api of [root, self]) {
    const query = new URLSearchParams({ user_id: user, token });
    for (const answer of [
      await api.post("/v1/tokens/check", { token }),
      await api.post("/v1/tokens/check", { token: partooSpelling(token) }),
      await api.partoo().get(`/connection/check_token?${query}`),
      await api.post("/v1/tokens/check", { token_id }),
      await api.post("/v1/tokens/check", { token_id, user_id: user }),
    ]) {
      costs(answer, { kv: 0, ledger: 1 });
    }
  }
});

test("a_batch_costs_one_call_of_the_ledger_for_each_user_in_it", async () => {
  const other = await newUser(root);
  const minted = await Promise.all(
    times(40, (index) => mint(root, index % 2 === 0 ? user : other)),
  );
  const tokens = minted.map(({ token }) => token);
  const answer = await root.post("/v1/tokens/check", { tokens });
  assert.equal(answer.cost.ledgerCalls, 2);
  assert.ok(answer.cost.kvReads <= tokens.length);
  assert.equal(answer.cost.kvWrites, 0);
});

test("a_key_that_is_not_remembered_costs_one_call_of_the_ledger_more", async () => {
  const api = await asUser(root, user);
  const first = await api.post<Minted>("/v1/tokens", { user_id: user }, 201);
  costs(first, { kv: 0, ledger: 2 });
  costs(await api.post("/v1/tokens", { user_id: user }, 201), { kv: 0, ledger: 1 });
  costs(await api.post("/v1/tokens/check", { token: first.body.token }), { kv: 0, ledger: 1 });
});

test("a_death_that_the_isolate_saw_costs_nothing_to_tell", async () => {
  const { token } = await mint(root, user);
  await consume(root, token);
  await root.post("/v1/tokens/check", { token });
  const known = await root.post<Verdict>("/v1/tokens/check", { token });
  assert.equal(known.body.status, "consumed");
  assert.equal(known.cost.ledgerCalls, 0);
  assert.ok(known.cost.kvReads <= 1);
});

test("a_record_is_written_once_when_a_token_is_revoked_or_presented_dead", async () => {
  const consumed = await mint(root, user);
  costs(await consume(root, consumed.token), { kv: 0, ledger: 1 });
  const checks = () => root.post("/v1/tokens/check", { token: consumed.token });
  costs(await checks(), { kv: 0, kvWrites: 1, ledger: 0 });
  costs(await checks(), { kv: 0, ledger: 0 });

  const revoked = await mint(root, user);
  costs(await root.post("/v1/tokens/revoke", { token: revoked.token }), {
    kv: 0,
    kvWrites: 1,
    ledger: 1,
  });
  costs(await root.post("/v1/tokens/check", { token: revoked.token }), { kv: 0, ledger: 0 });
});

test("an_expiry_of_less_than_ten_seconds_is_not_recorded", async () => {
  const { token } = await mint(root, user, { ttl: 1 });
  await sleep(1_200);
  costs(await root.post("/v1/tokens/check", { token }), { kv: 0, ledger: 1 });
  costs(await root.post("/v1/tokens/check", { token }), { kv: 0, ledger: 1 });
});

test("a_dead_token_is_rejected_from_kv_while_its_ledger_is_down", async () => {
  const consumed = await mint(root, user);
  const revoked = await mint(root, user);
  await consume(root, consumed.token);
  await revoke(root, revoked.token);
  const wanted = { [consumed.token]: "consumed", [revoked.token]: "revoked" };
  // Each is presented dead once.
  await checkAll(root, Object.keys(wanted));
  // The memory of the isolate is empty after this.
  await service.restart();
  const headers = { "x-test-fault": "ledger" };
  for (const [token, status] of Object.entries(wanted)) {
    const answer = await root.post<Verdict>("/v1/tokens/check", { token }, 200, headers);
    assert.deepEqual([answer.body.status, answer.body.source], [status, "replica"]);
    costs(answer, { kv: 1, ledger: 1 });
    costs(await root.post("/v1/tokens/check", { token }), { kv: 0, ledger: 0 });
  }
});

test("what_the_service_says_of_itself_costs_nothing", async () => {
  costs(await root.as(undefined).get("/healthz"), { kv: 0, ledger: 0 });
  costs(await root.send("GET", "/v1/nothing"), { kv: 0, ledger: 0 });
});

interface Costs {
  /** Reads of KV. */
  kv: number;
  kvWrites?: number;
  ledger: number;
}

function costs(answer: Answer<unknown>, { kv, kvWrites = 0, ledger }: Costs): void {
  assert.deepEqual(answer.cost, { kvReads: kv, kvWrites, ledgerCalls: ledger });
}

// An Idempotency-Key at the revocation of OAuth: a public client's name is no secret, so whoever comes by with any
// number of keys fills no ledger, and uses up no key of the client itself.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { check, forge, newUser } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import {
  Client,
  authorized,
  isActive,
  newClientApp,
  newCode,
  newPublicApp,
  pkce,
  type Granted,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import { times } from "./kit/wait.ts";

const ATTEMPTS = 20;

const service = await serve();
after(() => service.stop());
const { root } = service;

let confidential: Client;
let open: Client;

before(async () => {
  confidential = new Client(root, await newClientApp(root));
  open = new Client(root, await newPublicApp(root));
});

function revoke(client: Client, token: string, key = randomUUID()): Promise<Answer<Granted>> {
  return client.post("revoke", { token }, { "idempotency-key": key });
}

/** How many rows the request wrote, as the harness counted. */
function rowsWritten({ headers }: Answer<unknown>): number {
  return Number(headers.get("x-test-rows-written") ?? Number.NaN);
}

for (const type of ["confidential", "public"]) {
  const client = (): Client => (type === "public" ? open : confidential);

  test(`what_is_dead_already_is_revoked_with_any_key_and_no_row (${type})`, async () => {
    const granted = await authorized(root, await newUser(root), client());
    const first = await revoke(client(), granted.access_token);
    assert.equal(first.status, 200, first.text);
    assert.ok(rowsWritten(first) > 0, "it died");
    // One after the other: what a request writes is counted exactly only where it is alone.
    for (const token of [granted.access_token, granted.code.token]) {
      for (const _ of times(ATTEMPTS, () => 0)) {
        const answer = await revoke(client(), token);
        assert.deepEqual([answer.status, rowsWritten(answer)], [200, 0], answer.text);
      }
    }
  });

  test(`what_is_no_token_of_the_client_writes_no_row (${type})`, async () => {
    const granted = await authorized(root, await newUser(root), client());
    const other = new Client(root, await newPublicApp(root));
    for (const [who, token, status] of [
      [other, granted.access_token, 400],
      [other, granted.refresh_token, 400],
      [client(), forge(granted.access_token), 200],
      [client(), "nonsense", 200],
    ] as const) {
      const answer = await revoke(who, token);
      assert.deepEqual([answer.status, rowsWritten(answer)], [status, 0], answer.text);
    }
    assert.equal(await isActive(root, granted.access_token), true);
  });

  test(`a_revocation_is_repeated_by_its_key (${type})`, async () => {
    const user = await newUser(root);
    const { access_token } = await authorized(root, user, client());
    const key = randomUUID();
    const params = { token: access_token };
    const fault = { "idempotency-key": key, "x-test-fault": "ledger-lost" };
    assert.equal((await client().post("revoke", params, fault)).status, 503);
    const again = await revoke(client(), access_token, key);
    assert.deepEqual([again.status, again.body], [200, {}]);
    assert.equal((await check(root, access_token)).status, "revoked");
  });
}

test("a_key_that_was_used_at_revocation_is_there_for_the_exchange", async () => {
  const user = await newUser(root);
  const dead = await authorized(root, user, open);
  const live = await authorized(root, user, open);
  const key = randomUUID();
  for (const token of [dead.access_token, dead.access_token, live.access_token]) {
    assert.equal((await revoke(open, token, key)).status, 200);
  }
  const { verifier, challenge } = pkce();
  const code = await newCode(root, user, open.app, { code_challenge: challenge });
  const proof = { code_verifier: verifier };
  const headers = { "idempotency-key": key };
  const exchanged = await open.exchange(code.token, proof, headers);
  assert.equal(exchanged.status, 200, exchanged.text);
  assert.equal(exchanged.headers.get("idempotency-replayed"), null);
  const again = await open.exchange(code.token, proof, headers);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.equal(again.body.access_token, exchanged.body.access_token);
});

test("a_key_that_was_used_with_one_code_is_there_for_another", async () => {
  const user = await newUser(root);
  const headers = { "idempotency-key": randomUUID() };
  const tokens = new Set<string>();
  for (const _ of times(3, () => 0)) {
    const { verifier, challenge } = pkce();
    const code = await newCode(root, user, open.app, { code_challenge: challenge });
    const answer = await open.exchange(code.token, { code_verifier: verifier }, headers);
    assert.equal(answer.status, 200, answer.text);
    tokens.add(answer.body.access_token);
  }
  assert.equal(tokens.size, 3);
});

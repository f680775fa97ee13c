// workerd killed while clients exchange codes and refresh, and started again on the same storage: what was answered is
// there, what was not can be had by asking again, and nothing was issued twice.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { eventsOf, newUser, tokensOf } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import { connectionsOf } from "./kit/connections.ts";
import {
  Client,
  authorized,
  isActive,
  newClientApp,
  newCode,
  newPublicApp,
  type Granted,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import { inParallel, times } from "./kit/wait.ts";

const CODES = 60;
const LANES = 12;
/** After so many answers the kill comes. */
const ANSWERS = 20;

const service = await serve({ vars: { REFRESH_GRACE_SECONDS: "300" } });
after(() => service.stop());
const { root } = service;

let confidential: Client;
let open: Client;

before(async () => {
  confidential = new Client(root, await newClientApp(root));
  open = new Client(root, await newPublicApp(root));
});

/** Runs them all, with a kill in the middle; undefined stands for an answer that was never seen. */
async function killedWithin<T>(tasks: (() => Promise<T>)[]): Promise<(T | undefined)[]> {
  let answered = 0;
  let kill: Promise<void> | undefined;
  const seen = await inParallel(
    LANES,
    tasks.map((task) => async () => {
      try {
        const answer = await task();
        answered += 1;
        if (answered === ANSWERS) kill ??= service.kill();
        return answer;
      } catch (error) {
        if (kill === undefined) throw error;
        return undefined;
      }
    }),
  );
  assert.ok(kill !== undefined && seen.includes(undefined), "the kill came in the middle");
  await kill;
  await service.restart();
  return seen;
}

test("an_exchange_that_was_cut_off_is_had_by_its_idempotency_key", async () => {
  const users = await Promise.all(times(4, () => newUser(root)));
  const codes = await Promise.all(
    times(CODES, (index) => newCode(root, users[index % users.length] ?? "", confidential.app)),
  );
  const exchange = (index: number): Promise<Answer<Granted>> =>
    confidential.exchange(codes[index]?.token ?? "", {}, { "idempotency-key": `key-${index}` });
  const seen = await killedWithin(times(CODES, (index) => () => exchange(index)));

  const again = await inParallel(
    LANES,
    times(CODES, (index) => () => exchange(index)),
  );
  for (const [index, answer] of again.entries()) {
    assert.equal(answer.status, 200, answer.text);
    const first = seen[index];
    if (first === undefined) continue;
    assert.equal(answer.body.access_token, first.body.access_token);
    assert.equal(answer.body.refresh_token, first.body.refresh_token);
  }
  for (const user of users) {
    const count = CODES / users.length;
    for (const kind of ["access_token", "refresh_token"]) {
      assert.equal((await tokensOf(root, user, { kind, status: "valid" })).length, count);
    }
    assert.equal((await eventsOf(root, user, "token.consumed")).length, count);
    assert.deepEqual(await eventsOf(root, user, "token.replayed"), []);
    const connections = await connectionsOf(root, user);
    assert.ok(connections.some(({ status }) => status === "active"));
    const active = connections.filter(({ status }) => status === "active").length;
    assert.equal((await eventsOf(root, user, "connection.activated")).length, active);
  }
});

test("a_rotation_that_was_cut_off_is_had_by_asking_again", async () => {
  const all = await inParallel(
    LANES,
    times(CODES, () => async () => authorized(root, await newUser(root), open)),
  );
  const refresh = (index: number): Promise<Answer<Granted>> =>
    open.refresh(all[index]?.refresh_token ?? "");
  const seen = await killedWithin(times(CODES, (index) => () => refresh(index)));
  for (const [index, first] of seen.entries()) {
    const { status, body, text } = await refresh(index);
    assert.equal(status, 200, text);
    if (first !== undefined) assert.equal(body.refresh_token, first.body.refresh_token);
    assert.equal(await isActive(root, body.refresh_token), true);
    assert.equal((await open.refresh(body.refresh_token)).status, 200);
  }
});

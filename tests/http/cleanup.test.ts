// What is past its retention goes by itself: no cron, no operator, not even a request.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import {
  check,
  consume,
  eventsOf,
  mint,
  newKey,
  newUser,
  revoke,
  tokensOf,
} from "./kit/actions.ts";
import { userPath } from "./kit/api.ts";
import {
  connect,
  connectionPath,
  connectionsOf,
  issuePair,
  newApp,
  revokeConnection,
} from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import type { Verdict } from "./kit/shapes.ts";
import { inParallel, sleep, times, untilTrue } from "./kit/wait.ts";

const service = await serve({ vars: { RETENTION_SECONDS: "1" } });
after(() => service.stop());
const { root } = service;

test("dead_tokens_and_their_events_vanish_and_what_lives_stays", async () => {
  const user = await newUser(root);
  const [used, taken] = [await mint(root, user), await mint(root, user)];
  const late = await mint(root, user, { ttl: 1 });
  const live = await mint(root, user);
  const key = await newKey(root, user);
  await consume(root, used.token);
  await revoke(root, taken.token);

  const gone = [used.token_id, taken.token_id, late.token_id];
  await untilTrue("the dead tokens are gone", async () => {
    const left = (await tokensOf(root, user)).map(({ token_id }) => token_id);
    return gone.every((tokenId) => !left.includes(tokenId));
  });
  const left = (await tokensOf(root, user)).map(({ token_id }) => token_id).sort();
  assert.deepEqual(left, [live.token_id, key.token_id].sort());
  await untilTrue("the events are gone", async () => (await eventsOf(root, user)).length === 0);

  assert.equal((await check(root, live.token)).status, "valid");
  assert.equal((await consume(root, live.token)).status, 200);
  await root.as(key.api_key).get(userPath(user));
});

test("a_token_that_is_gone_is_never_valid_and_never_consumed", async () => {
  const user = await newUser(root);
  const tokens = [await mint(root, user), await mint(root, user, { ttl: 1 })];
  await consume(root, tokens[0]?.token ?? "");
  await untilTrue("the tokens are gone", async () => (await tokensOf(root, user)).length === 0);
  await service.restart();
  for (const { token } of tokens) {
    // A replica may outlive the token: then it still says how it died.
    const checked = await root.send<{ status: unknown }>("POST", "/v1/tokens/check", {
      json: { token },
    });
    if (checked.status === 200) assert.match(String(checked.body.status), /^(consumed|expired)$/);
    else assert.equal(checked.status, 404);
    const { status } = await consume(root, token);
    assert.ok(status === 404 || status === 409, String(status));
  }
});

test("the_marks_of_a_revoked_user_go_with_its_tokens", async () => {
  const user = await newUser(root);
  await inParallel(
    8,
    times(150, () => () => mint(root, user)),
  );
  await root.post(userPath(user, "/revoke"), {});
  await untilTrue(
    "the tokens are gone",
    async () => (await tokensOf(root, user)).length === 0,
    40_000,
  );
  const fresh = await mint(root, user);
  assert.equal((await check(root, fresh.token)).status, "valid");
});

test("dead_connections_vanish_with_what_was_under_them_and_what_lives_stays", async () => {
  const user = await newUser(root);
  const { app_id } = await newApp(root);
  const [dead, live] = [await connect(root, user, app_id), await connect(root, user, app_id)];
  const late = await mint(root, user, { app_id: (await newApp(root)).app_id, ttl: 1 });
  const pairs = [await issuePair(root, dead.id), await issuePair(root, live.id)];
  await revokeConnection(root, dead.id);

  await untilTrue("the dead connections are gone", async () => {
    const left = (await connectionsOf(root, user)).map(({ id }) => id);
    return left.length === 1 && left[0] === live.id;
  });
  await untilTrue("the tokens are gone", async () => (await tokensOf(root, user)).length === 2);
  for (const id of [dead.id, late.connection_id ?? ""]) await root.get(connectionPath(id), 404);
  for (const token of pairs[1] ?? []) assert.equal((await check(root, token)).status, "valid");
  await issuePair(root, live.id);
  await root.post(connectionPath(dead.id, "/tokens"), {}, 404);
  const next = await mint(root, user, { app_id });
  assert.equal(next.connection_id, live.id);
});

test("nothing_has_to_be_asked_for_it_to_go", async () => {
  const user = await newUser(root);
  for (const { token } of [await mint(root, user), await mint(root, user)])
    await consume(root, token);
  await sleep(8_000);
  assert.deepEqual(await tokensOf(root, user), [], "at the first look");
});

test("a_retention_beyond_all_calendars_is_cut_to_one_that_works", async () => {
  const service = await serve({ vars: { RETENTION_DAYS: "999999999" } });
  try {
    const user = await newUser(service.root);
    const { token } = await mint(service.root, user);
    await consume(service.root, token);
    // The token is presented dead, so it gets a record in KV, which is kept for the retention time.
    assert.equal((await check(service.root, token)).status, "consumed");
    await service.restart();
    const headers = { "x-test-fault": "ledger" };
    const answer = await service.root.post<Verdict>("/v1/tokens/check", { token }, 200, headers);
    assert.deepEqual([answer.body.status, answer.body.source], ["consumed", "replica"]);
  } finally {
    await service.stop();
  }
});

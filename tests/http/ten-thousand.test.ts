// A connection dies with all that was issued under it in one write, however much that is.

import assert from "node:assert/strict";
import { after, test, type TestContext } from "node:test";

import { check, checkAll, newUser } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import {
  connect,
  connectionPath,
  issue,
  newApp,
  postForm,
  type Changed,
  type Client,
  type Issued,
} from "./kit/grants.ts";
import { serve } from "./kit/service.ts";
import { inParallel, times } from "./kit/wait.ts";

const MANY = 10_000;
const LANES = 32;
const SAMPLE = 200;
const BATCH = 100;
/** How often the time of a write is taken; the one in the middle counts. */
const TAKES = 7;
/** A write for each token would take thousands of times as long: this is far from both. */
const RATIO_MAX = 20;

const service = await serve();
after(() => service.stop());
const { root } = service;

/** A connection of a user of its own, with so many access tokens and one refresh token. */
interface Loaded {
  client: Client;
  id: string;
  accessTokens: string[];
  refreshToken: string;
}

/** One call, with what it cost. */
interface Take {
  answer: Answer<Changed>;
  rows: number;
  milliseconds: number;
}

test("ten_thousand_tokens_die_with_their_connection_in_as_many_rows_as_one", async (t) => {
  const small = await load(1);
  const large = await load(MANY);
  assert.equal(new Set(large.accessTokens).size, MANY);

  await switchingCostsTheSame(t, small, large);

  const one = await take(small, "revoke");
  const many = await take(large, "revoke");
  for (const { answer } of [one, many]) {
    assert.deepEqual(answer.cost, { kvReads: 0, kvWrites: 0, ledgerCalls: 1 });
    const { changed, previous, status } = answer.body;
    assert.deepEqual([changed, previous, status], [true, "active", "revoked"]);
  }
  assert.ok(one.rows > 0, "a revocation is written");
  assert.equal(many.rows, one.rows, "and the tokens are not");
  tell(t, "revoking", many.milliseconds, one.milliseconds);

  await eachIsRevoked(large);
  await theRefreshTokenIsDead(small);
  await theRefreshTokenIsDead(large);

  const again = await take(large, "revoke");
  const { changed, previous, status } = again.answer.body;
  assert.deepEqual([changed, previous, status], [false, "revoked", "revoked"]);
});

/** Switching off and on again can be done often, so that its time says something; it reaches every token as well. */
async function switchingCostsTheSame(t: TestContext, small: Loaded, large: Loaded): Promise<void> {
  const [first, last] = [large.accessTokens[0] ?? "", large.accessTokens[MANY - 1] ?? ""];
  const [few, many]: [Take[], Take[]] = [[], []];
  for (let index = 0; index < TAKES; index += 1) {
    few.push(await take(small, "disable"));
    many.push(await take(large, "disable"));
    const off = (await checkAll(root, [first, last])).map(({ status }) => status);
    assert.deepEqual(off, ["inactive", "inactive"]);
    few.push(await take(small, "enable"));
    many.push(await take(large, "enable"));
  }
  const on = (await checkAll(root, [first, last])).map(({ status }) => status);
  assert.deepEqual(on, ["valid", "valid"]);
  for (const [index, { rows, answer }] of many.entries()) {
    assert.equal(rows, few[index]?.rows);
    assert.equal(answer.cost.ledgerCalls, 1);
  }
  const ratio = tell(t, "switching", median(many), median(few));
  assert.ok(ratio < RATIO_MAX, `${ratio} times as long`);
}

async function eachIsRevoked({ accessTokens }: Loaded): Promise<void> {
  const stride = MANY / SAMPLE;
  const sample = times(SAMPLE, (index) => accessTokens[index * stride] ?? "");
  const alone = await inParallel(
    LANES,
    sample.map((token) => () => check(root, token)),
  );
  assert.ok(alone.every(({ status }) => status === "revoked"));

  const batches = times(MANY / BATCH, (index) =>
    accessTokens.slice(index * BATCH, index * BATCH + BATCH),
  );
  const together = await inParallel(
    LANES / 8,
    batches.map((batch) => () => checkAll(root, batch)),
  );
  const statuses = together.flat().map(({ status }) => status);
  assert.deepEqual([statuses.length, ...new Set(statuses)], [MANY, "revoked"]);
}

async function theRefreshTokenIsDead({ client, refreshToken }: Loaded): Promise<void> {
  assert.equal((await check(root, refreshToken)).status, "revoked");
  const fields = { grant_type: "refresh_token", refresh_token: refreshToken };
  const { status, body } = await postForm<{ error: string }>(root, "/oauth/token", fields, client);
  assert.deepEqual([status, body.error], [400, "invalid_grant"]);
}

async function load(count: number): Promise<Loaded> {
  const client = await newApp(root);
  const { id } = await connect(root, await newUser(root), client.app_id);
  const { access_token, refresh_token } = await issue(root, id, { ttl: 86_400 });
  const more = await inParallel<Issued>(
    LANES,
    times(count - 1, () => () => issue(root, id, { ttl: 86_400, refresh_token: false })),
  );
  assert.ok(more.every((issued) => issued.refresh_token === undefined));
  const accessTokens = [access_token, ...more.map((issued) => issued.access_token)];
  return { client, id, accessTokens, refreshToken: refresh_token ?? "" };
}

async function take({ id }: Loaded, verb: "revoke" | "disable" | "enable"): Promise<Take> {
  const from = performance.now();
  const answer = await root.post<Changed>(connectionPath(id, `/${verb}`), {});
  const milliseconds = performance.now() - from;
  return { answer, rows: Number(answer.headers.get("x-test-rows-written")), milliseconds };
}

function median(takes: Take[]): number {
  const sorted = takes.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Says how much longer it takes with many, and answers with that. */
function tell(t: TestContext, what: string, many: number, few: number): number {
  const ratio = many / few;
  const times = `${many.toFixed(1)} ms with ${MANY} tokens, ${few.toFixed(1)} ms with one`;
  t.diagnostic(`${what}: ${times}, ${ratio.toFixed(2)} times as long`);
  return ratio;
}

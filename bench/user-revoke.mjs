// The second section: revoking a user with one live token, and with thousands, in the same ledger.

import { performance } from "node:perf_hooks";
import { inLanes, sleep } from "./lanes.mjs";
import { counts, median } from "./numbers.mjs";
import { mint, putUser } from "./stock.mjs";

/** @import { Answer, Client } from "./http.mjs" */

const MANY = 5_000;
const USERS = 2;
const SINGLES = 7;
/** No further user gets its thousands after this long. */
const BUDGET_MS = 9_000;
/** Until the copies of the last deaths are written. */
const SETTLE_MS = 50;
const BATCH = 100;

/** @param {Client} client */
export async function revokeUsers(client) {
  const users = Array.from({ length: USERS }, (_, index) => `bench-revoke-${index}`);
  /** @type {Answer[]} */
  const ofOne = [];
  /** @type {Answer[]} */
  const ofMany = [];
  // One token first, of every user: recording thousands of ends keeps a ledger busy for some time.
  for (const user of users) {
    await putUser(client, user);
    for (let single = 0; single < SINGLES; single += 1) ofOne.push(await revoke(client, user, 1));
  }
  const until = performance.now() + BUDGET_MS;
  for (const user of users) {
    if (ofMany.length > 0 && performance.now() > until) break;
    ofMany.push(await revoke(client, user, MANY));
  }
  const base = median(ofOne.map(({ ms }) => ms));
  return [row(1, ofOne, base), row(MANY, ofMany, base)];
}

/**
 * Mints, revokes the user, and makes sure that what was minted is dead.
 * @param {Client} client
 * @param {string} user
 * @param {number} live
 */
async function revoke(client, user, live) {
  const users = Array.from({ length: live }, () => user);
  const tokens = await inLanes(users, (each) => mint(client, each));
  await sleep(SETTLE_MS);

  const path = `/v1/users/${user}/revoke`;
  const answer = await client.send({ method: "POST", path, json: {} });
  /** @type {unknown} */
  const body = JSON.parse(answer.text);
  const { total } = /** @type {{ total?: number }} */ (body);
  if (answer.status !== 200 || total !== live) {
    throw new Error(`${path} answered ${answer.status}: ${answer.text}`);
  }
  const sample = tokens.slice(-BATCH);
  const check = /** @type {const} */ ({ method: "POST", path: "/v1/tokens/check" });
  const checked = await client.json({ ...check, json: { tokens: sample } });
  const { items } = /** @type {{ items: { status: string }[] }} */ (checked);
  if (items.some((item) => item.status !== "revoked")) {
    throw new Error("a token outlived its user's revocation");
  }
  return answer;
}

/**
 * @param {number} live
 * @param {Answer[]} answers
 * @param {number} base
 */
function row(live, answers, base) {
  const ms = median(answers.map((answer) => answer.ms));
  return {
    "live tokens": String(live),
    requests: String(answers.length),
    "median ms": ms.toFixed(2),
    "time ÷ one token": (ms / base).toFixed(2),
    "KV reads": counts(answers.map((answer) => answer.kvReads)),
    "ledger calls": counts(answers.map((answer) => answer.ledgerCalls)),
  };
}

// The first section: every case under load, in rounds, so that noise of the machine hits all alike.

import { performance } from "node:perf_hooks";
import { CASES } from "./cases.mjs";
import { inLanes, sleep } from "./lanes.mjs";
import { counts, median, percentile } from "./numbers.mjs";

/** @import { Case } from "./cases.mjs" */
/** @import { Answer, Call, Client } from "./http.mjs" */
/** @import { Stock } from "./stock.mjs" */

const ROUNDS = 8;
const COUNT = 128;
/** No round begins after this long. */
const BUDGET_MS = 24_000;
/** After deaths, until their copies are written. */
const SETTLE_MS = 200;

/**
 * @typedef {object} Result
 * @property {Case} of
 * @property {Answer[]} answers
 * @property {number[]} perRequest milliseconds of each round, divided by its requests
 */

/**
 * @param {Client} client
 * @param {Stock} stock
 */
export async function underLoad(client, stock) {
  const results = CASES.map((of) => /** @type {Result} */ ({ of, answers: [], perRequest: [] }));
  // Compiling, opening and caching happen here.
  for (const { of } of results) await round(client, stock, of, COUNT / 2);

  const until = performance.now() + BUDGET_MS;
  for (let done = 0; done < ROUNDS && performance.now() < until; done += 1) {
    // Every other round goes backwards, so that no case always follows the same one.
    for (const result of done % 2 === 0 ? results : results.toReversed()) {
      const { answers, ms } = await round(client, stock, result.of, COUNT);
      result.answers.push(...answers);
      result.perRequest.push(ms / answers.length);
    }
  }
  const baseline = results[0]?.perRequest ?? [];
  return results.map((result) => row(result, baseline));
}

/**
 * @param {Client} client
 * @param {Stock} stock
 * @param {Case} of
 * @param {number} count
 */
async function round(client, stock, of, count) {
  const calls = await of.prepare(stock, Math.round(count * of.share));
  await sleep(of.name === "check, known dead" || of.kills ? SETTLE_MS : 0);
  const started = performance.now();
  const answers = await inLanes(calls, (call) => checked(client, call, of));
  const ms = performance.now() - started;
  await sleep(of.kills ? SETTLE_MS : 0);
  return { answers, ms };
}

/**
 * @param {Client} client
 * @param {Call} call
 * @param {Case} of
 */
async function checked(client, call, of) {
  const answer = await client.send(call);
  if (answer.status !== of.status || !answer.text.includes(of.text)) {
    throw new Error(`${of.name}: answered ${answer.status}: ${answer.text.slice(0, 500)}`);
  }
  answer.text = "";
  return answer;
}

/**
 * @param {Result} result
 * @param {number[]} baseline
 */
function row({ of, answers, perRequest }, baseline) {
  const ms = answers.map((answer) => answer.ms);
  const total = perRequest.reduce((sum, each) => sum + each, 0) / perRequest.length;
  const ratios = perRequest.map((each, index) => each / (baseline[index] ?? Number.NaN));
  return {
    case: of.name,
    requests: String(answers.length),
    "requests/s": (1_000 / total).toFixed(0),
    "p50 ms": percentile(ms, 0.5).toFixed(2),
    "p99 ms": percentile(ms, 0.99).toFixed(2),
    "time ÷ healthz": median(ratios).toFixed(2),
    "KV reads": counts(answers.map((answer) => answer.kvReads)),
    "ledger calls": counts(answers.map((answer) => answer.ledgerCalls)),
  };
}

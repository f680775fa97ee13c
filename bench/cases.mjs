// The measured cases: for each the requests of a round, and what a right answer looks like.

/** @import { Call } from "./http.mjs" */
/** @import { Stock } from "./stock.mjs" */

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {number} status that every answer has
 * @property {string} text that every answer contains
 * @property {number} share of the count of a round
 * @property {boolean} [kills] whether copies of dead verdicts are written after it
 * @property {(stock: Stock, count: number) => Promise<Call[]>} prepare makes a round's requests, untimed
 */

const VALID = '"status":"valid"';
const BATCH = 100;

/**
 * @param {string} path
 * @param {object} json
 * @returns {Call}
 */
const post = (path, json) => ({ method: "POST", path, json });

/**
 * @template T
 * @param {number} count
 * @param {(index: number) => T} make
 */
const times = (count, make) => Array.from({ length: count }, (_, index) => make(index));

/** @type {readonly Case[]} */
export const CASES = [
  {
    name: "healthz",
    status: 200,
    text: '"status":"ok"',
    share: 1,
    prepare: async (_stock, count) =>
      times(count, () => ({ method: "GET", path: "/healthz", headers: {} })),
  },
  {
    name: "check, forged",
    status: 404,
    text: "",
    share: 1,
    prepare: async (stock, count) =>
      times(count, (i) => post("/v1/tokens/check", { token: forge(stock.live(i)) })),
  },
  {
    name: "check, known dead",
    status: 200,
    text: '"status":"revoked"',
    share: 1,
    prepare: async (stock, count) => {
      const dead = await stock.freshlyDead();
      return times(count, (i) => post("/v1/tokens/check", { token: dead[i % dead.length] }));
    },
  },
  {
    name: "check, live",
    status: 200,
    text: VALID,
    share: 1,
    prepare: async (stock, count) =>
      times(count, (i) => post("/v1/tokens/check", { token: stock.live(i) })),
  },
  {
    name: "mint",
    status: 201,
    text: VALID,
    share: 1,
    prepare: async (stock, count) =>
      times(count, (i) => post("/v1/tokens", { user_id: stock.user(i) })),
  },
  {
    name: "consume",
    status: 200,
    text: '"status":"consumed"',
    share: 1,
    kills: true,
    prepare: async (stock, count) =>
      (await stock.mint(count)).map((token) => post("/v1/tokens/consume", { token })),
  },
  {
    name: "revoke",
    status: 200,
    text: '"changed":true',
    share: 1,
    kills: true,
    prepare: async (stock, count) =>
      (await stock.mint(count)).map((token) => post("/v1/tokens/revoke", { token })),
  },
  {
    name: `check, batch of ${BATCH} live`,
    status: 200,
    text: VALID,
    share: 1 / 5,
    prepare: async (stock, count) =>
      times(count, (i) => post("/v1/tokens/check", { tokens: stock.liveOf(i).slice(0, BATCH) })),
  },
  {
    name: "check, live, Partoo",
    status: 200,
    text: VALID,
    share: 1,
    prepare: async (stock, count) =>
      times(count, (i) => ({
        method: "GET",
        path: `/v2/connection/check_token?user_id=${stock.user(i)}&token=${partoo(stock.live(i))}`,
        headers: { "x-apikey": stock.key },
      })),
  },
];

/** @param {string} token */
const partoo = (token) => token.replace("hct_", "%5Cx");

/**
 * The same token with its last digit changed.
 * @param {string} token
 */
const forge = (token) => token.slice(0, -1) + (token.endsWith("0") ? "1" : "0");

// The users and tokens that the cases draw on.

/** @import { Client } from "./http.mjs" */

import { inLanes } from "./lanes.mjs";

/** Live tokens of each user: what a batch check asks for. */
const LIVE = 100;

export class Stock {
  /** The root key. */
  key;
  #client;
  /** @type {string[]} */
  #users;
  /** @type {string[][]} */
  #live = [];

  /**
   * @param {Client} client
   * @param {string} key
   * @param {number} users as many as requests are under way, so that no ledger has a queue
   */
  constructor(client, key, users) {
    this.#client = client;
    this.key = key;
    this.#users = Array.from({ length: users }, (_, index) => `bench-${index}`);
  }

  async fill() {
    await inLanes(this.#users, (user) => putUser(this.#client, user));
    const tokens = await this.mint(LIVE * this.#users.length);
    this.#live = this.#users.map((_, index) =>
      tokens.filter((_token, of) => of % this.#users.length === index),
    );
  }

  /** @param {number} index */
  user(index) {
    return at(this.#users, index);
  }

  /**
   * A live token of `user(index)`.
   * @param {number} index
   */
  live(index) {
    return at(this.liveOf(index), 0);
  }

  /**
   * All live tokens of `user(index)`.
   * @param {number} index
   */
  liveOf(index) {
    return at(this.#live, index);
  }

  /**
   * New tokens, the users taking turns.
   * @param {number} count
   */
  mint(count) {
    const users = Array.from({ length: count }, (_, index) => this.user(index));
    return inLanes(users, (user) => mint(this.#client, user));
  }

  /** Tokens, one of each user, that the isolate has just seen dead: it forgets the oldest of its 5,000. */
  async freshlyDead() {
    const tokens = await this.mint(this.#users.length);
    await inLanes(tokens, (token) =>
      this.#client.json({ method: "POST", path: "/v1/tokens/revoke", json: { token } }),
    );
    await inLanes(tokens, (token) =>
      this.#client.json({ method: "POST", path: "/v1/tokens/check", json: { token } }),
    );
    return tokens;
  }
}

/**
 * @param {Client} client
 * @param {string} user
 */
export async function putUser(client, user) {
  await client.json({ method: "PUT", path: `/v1/users/${user}`, json: {} }, 201);
}

/**
 * @param {Client} client
 * @param {string} user
 * @returns {Promise<string>}
 */
export async function mint(client, user) {
  const call = /** @type {const} */ ({ method: "POST", path: "/v1/tokens" });
  const minted = await client.json({ ...call, json: { user_id: user } }, 201);
  return /** @type {{ token: string }} */ (minted).token;
}

/**
 * @template T
 * @param {readonly T[]} items
 * @param {number} index beyond the end it begins anew
 */
function at(items, index) {
  const item = items[index % items.length];
  if (item === undefined) throw new Error("the stock is empty");
  return item;
}

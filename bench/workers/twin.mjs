// The twin: a plain JavaScript Worker for the same job, with the same reads and writes on each call, written to be fast.
//
// It has no idempotency keys, webhooks, retention, expiry, lists, connections, secret rotation, rate limit or log: on each
// call it does less than Hookswitch, never more.

import { DurableObject } from "cloudflare:workers";

/**
 * @typedef {object} Env
 * @property {string} SECRET
 * @property {string} ROOT_KEY
 * @property {KVNamespace} TOKENS
 * @property {DurableObjectNamespace<Ledger>} LEDGER
 *
 * @typedef {{ status: string, user_id: string, created_at: number, expires_at: number, ended_at: number | null }} Verdict
 */

const HEDGE_MS = 50;
const DAY_MS = 86_400_000;
const DEAD_MAX = 5_000;
const HEADERS = { "content-type": "application/json", "cache-control": "no-store" };
const encoder = new TextEncoder();

/** Dead tokens that the isolate has seen. @type {Map<string, Verdict>} */
const dead = new Map();
/** @type {Promise<CryptoKey> | undefined} */
let key;

/** @param {Env} env */
const macKey = (env) =>
  (key ??= crypto.subtle.importKey(
    "raw",
    encoder.encode(env.SECRET),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  ));

/** @param {Uint8Array} bytes */
const hex = (bytes) => bytes.toHex();

/**
 * The first bytes of the message's MAC.
 * @param {Env} env
 * @param {Uint8Array<ArrayBuffer>} message
 */
async function mac(env, message) {
  return new Uint8Array(await crypto.subtle.sign("HMAC", await macKey(env), message)).subarray(
    0,
    4,
  );
}

/** @param {string} user */
const ledgerId = async (user) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(user))).subarray(0, 8);

/**
 * A token: `hct_`, and in hex the ledger's id, 12 random bytes and 4 bytes of their MAC.
 * @param {Env} env
 * @param {Uint8Array} ledger
 */
async function createToken(env, ledger) {
  const body = new Uint8Array(20);
  body.set(ledger);
  crypto.getRandomValues(body.subarray(8));
  return `hct_${hex(body)}${hex(await mac(env, body))}`;
}

/**
 * The id of the token's ledger and its digest; nothing for a forgery.
 * @param {Env} env
 * @param {unknown} token
 */
async function open(env, token) {
  if (typeof token !== "string" || !/^hct_[0-9a-f]{48}$/.test(token)) return undefined;
  const bytes = Uint8Array.fromHex(token.slice(4));
  const expected = await mac(env, bytes.slice(0, 20));
  if (!expected.every((byte, index) => byte === bytes[20 + index])) return undefined;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(token)));
  return { ledger: hex(bytes.subarray(0, 8)), digest: hex(digest) };
}

/**
 * @param {unknown} body
 * @param {number} [status]
 */
const json = (body, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: HEADERS });

/**
 * @param {string} digest
 * @param {Verdict} verdict
 */
function remember(digest, verdict) {
  if (dead.size >= DEAD_MAX) dead.delete(dead.keys().next().value ?? "");
  dead.set(digest, verdict);
}

/** @param {Verdict} verdict */
const isDead = (verdict) => verdict.status !== "valid";

/**
 * The ledger's verdict; or the record in KV if the ledger takes longer than `HEDGE_MS`.
 * @param {Env} env
 * @param {DurableObjectStub<Ledger>} ledger
 * @param {string} digest
 */
async function verdictOn(env, ledger, digest) {
  const answer = ledger.check(digest);
  const timer = new Promise((resolve) => setTimeout(resolve, HEDGE_MS));
  const first = await Promise.race([answer, timer]);
  if (first !== undefined) return first;
  const record = await env.TOKENS.get(digest, "json");
  return record ?? answer;
}

export default {
  /**
   * @param {Request} request
   * @param {Env} env
   * @param {ExecutionContext} context
   */
  async fetch(request, env, context) {
    if (request.headers.get("authorization") !== `Bearer ${env.ROOT_KEY}`)
      return json({ code: "unauthorized" }, 401);
    const { pathname } = new URL(request.url);
    const body = await request.json();
    if (pathname.startsWith("/v1/users/")) {
      const user = decodeURIComponent(pathname.slice("/v1/users/".length));
      const id = hex(await ledgerId(user));
      await env.LEDGER.get(env.LEDGER.idFromName(id)).putUser(user);
      return json({ user_id: user }, 201);
    }
    if (pathname === "/v1/tokens") {
      const id = await ledgerId(body.user_id);
      const token = await createToken(env, id);
      const digest = hex(
        new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(token))),
      );
      const verdict = await env.LEDGER.get(env.LEDGER.idFromName(hex(id))).mint(digest);
      return verdict === null ? json({ code: "not_found" }, 404) : json({ token, ...verdict }, 201);
    }
    const handle = await open(env, body.token);
    if (handle === undefined) return json({ code: "not_found" }, 404);
    const known = dead.get(handle.digest);
    if (known !== undefined && pathname === "/v1/tokens/check") return json(known);
    const ledger = env.LEDGER.get(env.LEDGER.idFromName(handle.ledger));
    if (pathname === "/v1/tokens/check") {
      const verdict = await verdictOn(env, ledger, handle.digest);
      if (verdict === null) return json({ code: "not_found" }, 404);
      if (isDead(verdict)) {
        remember(handle.digest, verdict);
        context.waitUntil(env.TOKENS.put(handle.digest, JSON.stringify(verdict)));
      }
      return json(verdict);
    }
    const { changed, verdict } = await ledger.end(
      handle.digest,
      pathname === "/v1/tokens/consume" ? "consumed" : "revoked",
    );
    remember(handle.digest, verdict);
    if (pathname === "/v1/tokens/consume") return json(verdict, changed ? 200 : 409);
    context.waitUntil(env.TOKENS.put(handle.digest, JSON.stringify(verdict)));
    return json({ changed, ...verdict });
  },
};

/** The tokens of one user. */
export class Ledger extends DurableObject {
  /**
   * @param {DurableObjectState} state
   * @param {Env} env
   */
  constructor(state, env) {
    super(state, env);
    this.sql = state.storage.sql;
    this.sql.exec("CREATE TABLE IF NOT EXISTS user (id TEXT PRIMARY KEY) WITHOUT ROWID");
    this.sql.exec(
      `CREATE TABLE IF NOT EXISTS tokens (digest TEXT PRIMARY KEY, created_at INTEGER, expires_at INTEGER,
        status TEXT, ended_at INTEGER) WITHOUT ROWID`,
    );
    this.sql.exec(
      "CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, type TEXT, at INTEGER, digest TEXT)",
    );
  }

  /** @param {string} id */
  putUser(id) {
    this.sql.exec("INSERT OR IGNORE INTO user VALUES (?)", id);
  }

  user() {
    const [row] = this.sql.exec("SELECT id FROM user").toArray();
    return row?.id;
  }

  /**
   * @param {string} digest
   * @returns {Verdict | null}
   */
  mint(digest) {
    const user_id = this.user();
    if (user_id === undefined) return null;
    const [now, expires_at] = [Date.now(), Date.now() + DAY_MS];
    this.sql.exec("INSERT INTO tokens VALUES (?, ?, ?, 'valid', NULL)", digest, now, expires_at);
    this.sql.exec("INSERT INTO events (type, at, digest) VALUES ('created', ?, ?)", now, digest);
    return { status: "valid", user_id, created_at: now, expires_at, ended_at: null };
  }

  /**
   * @param {string} digest
   * @returns {Verdict | null}
   */
  check(digest) {
    const [row] = this.sql.exec("SELECT * FROM tokens WHERE digest = ?", digest).toArray();
    if (row === undefined) return null;
    const { created_at, expires_at, ended_at } = row;
    const status = row.status === "valid" && expires_at <= Date.now() ? "expired" : row.status;
    return { status, user_id: this.user(), created_at, expires_at, ended_at };
  }

  /**
   * @param {string} digest
   * @param {"consumed" | "revoked"} status
   */
  end(digest, status) {
    const verdict = this.check(digest);
    if (verdict === null || isDead(verdict)) return { changed: false, verdict };
    const now = Date.now();
    this.sql.exec(
      "UPDATE tokens SET status = ?, ended_at = ? WHERE digest = ?",
      status,
      now,
      digest,
    );
    this.sql.exec("INSERT INTO events (type, at, digest) VALUES (?, ?, ?)", status, now, digest);
    return { changed: true, verdict: { ...verdict, status, ended_at: now } };
  }
}

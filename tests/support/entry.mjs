// Stands in front of the built Worker, in tests alone: counts the storage calls of each request, reports them in response
// headers, and breaks them on demand. Nothing of this is in the product.
//
//   x-test-fault: kv           every KV call of this request fails
//   x-test-fault: ledger       every call of a ledger fails before it is made, as when the ledger is being moved
//   x-test-fault: ledger-lost  every call of a ledger is made, and its answer is lost
//   x-test-fault: ledger-late  every call of a ledger is made, and its answer is delayed by half a second
//
// A KV outage that the ledgers see too is switched by POST /__test__/kv-outage with `on` or `off`. POST
// /__test__/failing-sql names a part of SQL statements: every statement with it fails in every ledger from then on. An
// empty body ends that.
//
// The answer of a ledger carries the number of rows that its SQL wrote from the call to the answer. Rows of an alarm that
// runs meanwhile are included, so the number is exact only if one request is under way.
//
// The wrappers are proxies over the real bindings.

import * as worker from "worker-under-test/index.js";

/**
 * @typedef {object} RequestWatch the storage calls of one request, and the faults that it asks for
 * @property {number} kvReads
 * @property {number} kvWrites
 * @property {number} ledgerCalls
 * @property {number} rowsWritten by all ledger calls together
 * @property {ReadonlySet<string>} faults
 */

/** Whether KV fails for everybody. One isolate runs the Worker and its ledgers. */
let kvOutage = false;

/** The part of SQL statements that fail; empty if none does. */
let failingSql = "";

/** How long a late answer of a ledger is delayed, in milliseconds. */
const LATE_MS = 500;

/** The header of the response with the number of rows that the ledgers wrote. */
const ROWS_WRITTEN = "x-test-rows-written";

const KV_READS = new Set(["get", "getWithMetadata", "list"]);
const KV_WRITES = new Set(["put", "delete"]);

/** A call that returns another stub of the same kind, rather than data. */
const STUB_MAKERS = new Set(["get", "getByName"]);

/**
 * An object whose methods are called on the original, each through `around`.
 * @template {object} T
 * @param {T} original
 * @param {(name: string, call: () => unknown) => unknown} around
 * @returns {T}
 */
function wrapped(original, around) {
  return new Proxy(original, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      // `constructor` must stay what it is: the Worker reads its name.
      if (typeof value !== "function" || typeof name !== "string" || name === "constructor") {
        return value;
      }
      return (/** @type {unknown[]} */ ...args) =>
        around(name, () => Reflect.apply(value, target, args));
    },
  });
}

/**
 * @param {object} kv
 * @param {RequestWatch | undefined} watch
 */
function wrapKv(kv, watch) {
  return wrapped(kv, (name, call) => {
    if (!KV_READS.has(name) && !KV_WRITES.has(name)) return call();
    if (watch !== undefined && KV_READS.has(name)) watch.kvReads += 1;
    if (watch !== undefined && KV_WRITES.has(name)) watch.kvWrites += 1;
    if (kvOutage || watch?.faults.has("kv")) {
      return Promise.reject(new Error(`KV ${name.toUpperCase()} failed: 503 Service Unavailable`));
    }
    return call();
  });
}

/**
 * @param {object} namespace
 * @param {RequestWatch | undefined} watch
 * @returns {object}
 */
function wrapLedgers(namespace, watch) {
  return wrapped(namespace, (name, call) => {
    const result = call();
    if (STUB_MAKERS.has(name)) return wrapLedger(/** @type {object} */ (result), watch);
    if (name === "jurisdiction") return wrapLedgers(/** @type {object} */ (result), watch);
    return result;
  });
}

/**
 * @param {object} stub
 * @param {RequestWatch | undefined} watch
 */
function wrapLedger(stub, watch) {
  return wrapped(stub, (_name, call) => {
    if (watch !== undefined) watch.ledgerCalls += 1;
    if (watch?.faults.has("ledger")) return Promise.reject(lostLedger());
    const answer = Promise.resolve(call()).then((counted) => {
      if (typeof counted !== "string") return counted;
      const [rows, reply] = split(counted);
      if (watch !== undefined) watch.rowsWritten += rows;
      return reply;
    });
    if (watch?.faults.has("ledger-lost")) return answer.then(() => Promise.reject(lostLedger()));
    if (watch?.faults.has("ledger-late")) return answer.then(late);
    return answer;
  });
}

/**
 * The number of rows that a ledger wrote in front of its reply, and the reply.
 * @param {string} counted
 * @returns {[number, string]}
 */
function split(counted) {
  const end = counted.indexOf("\n");
  return [Number(counted.slice(0, end)), counted.slice(end + 1)];
}

/**
 * The same, after a delay.
 * @template T
 * @param {T} answer
 * @returns {Promise<T>}
 */
function late(answer) {
  return new Promise((resolve) => setTimeout(() => resolve(answer), LATE_MS));
}

/** The error that the platform throws when a Durable Object cannot be reached. */
function lostLedger() {
  return Object.assign(new Error("Network connection lost."), { retryable: true });
}

/**
 * The environment with its storage bindings wrapped, whatever their names.
 * @param {Record<string, unknown>} env
 * @param {RequestWatch | undefined} watch without it, nothing is counted and only the outage has an effect
 */
function wrapEnv(env, watch) {
  /** @type {Map<PropertyKey, unknown>} */
  const made = new Map();
  return new Proxy(env, {
    get(target, name) {
      if (!made.has(name)) made.set(name, wrapBinding(Reflect.get(target, name, target), watch));
      return made.get(name);
    },
  });
}

/**
 * @param {unknown} binding
 * @param {RequestWatch | undefined} watch
 */
function wrapBinding(binding, watch) {
  if (typeof binding !== "object" || binding === null) return binding;
  const kind = binding.constructor?.name;
  if (kind === "KvNamespace") return wrapKv(binding, watch);
  if (kind === "DurableObjectNamespace") return wrapLedgers(binding, watch);
  return binding;
}

/**
 * A response with headers added; the response of a handler may be immutable.
 * @param {Response} response
 * @param {Record<string, string>} added
 */
function withHeaders(response, added) {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(added)) headers.set(name, value);
  const { status, statusText, body } = response;
  const webSocket = /** @type {{ webSocket?: unknown }} */ (response).webSocket;
  return new Response(body, { status, statusText, headers, ...(webSocket ? { webSocket } : {}) });
}

/**
 * Calls the built Worker.
 * @param {Request} request
 * @param {object} env
 * @param {object} ctx
 * @returns {Promise<Response>}
 */
function callWorker(request, env, ctx) {
  return new worker.default(ctx, env).fetch(request);
}

/** @typedef {{ exec: (...args: unknown[]) => { rowsWritten: number } }} Sql */

/**
 * Counts the rows that the SQL of a ledger writes, and lets statements fail.
 * @param {{ storage: { sql: Sql } }} state
 * @returns {() => number} the number of rows until now
 */
function countRows({ storage: { sql } }) {
  let rows = 0;
  const exec = sql.exec.bind(sql);
  sql.exec = (...args) => {
    if (failingSql !== "" && String(args[0]).includes(failingSql)) {
      throw new Error("disk I/O error");
    }
    const cursor = exec(...args);
    rows += cursor.rowsWritten;
    return cursor;
  };
  return () => rows;
}

/**
 * A class of ledgers whose KV fails in an outage, and whose replies begin with the number of rows that were written.
 * @param {typeof worker.UserLedger} Original
 */
const counting = (Original) =>
  class extends Original {
    /** @type {() => number} */
    #rows;

    /**
     * @param {object} state
     * @param {object} env
     */
    constructor(state, env) {
      const rows = countRows(/** @type {{ storage: { sql: Sql } }} */ (state));
      super(state, wrapEnv(/** @type {Record<string, unknown>} */ (env), undefined));
      this.#rows = rows;
    }

    /**
     * @override
     * @param {string} message
     */
    async answer(message) {
      const before = this.#rows();
      const reply = await super.answer(message);
      return `${this.#rows() - before}\n${reply}`;
    }
  };

export const UserLedger = counting(worker.UserLedger);
export const AppRegistry = counting(worker.AppRegistry);
export const ExternalIds = counting(worker.ExternalIds);
export const Operator = counting(worker.Operator);

export default {
  /**
   * @param {Request} request
   * @param {Record<string, unknown>} env
   * @param {object} ctx
   */
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/__test__/kv-outage") {
      kvOutage = (await request.text()) === "on";
      return new Response(null, { status: 204 });
    }
    if (pathname === "/__test__/failing-sql") {
      failingSql = await request.text();
      return new Response(null, { status: 204 });
    }
    /** @type {RequestWatch} */
    const watch = {
      kvReads: 0,
      kvWrites: 0,
      ledgerCalls: 0,
      rowsWritten: 0,
      faults: new Set((request.headers.get("x-test-fault") ?? "").split(/\s*,\s*/)),
    };
    const response = await callWorker(request, wrapEnv(env, watch), ctx);
    return withHeaders(response, {
      "x-test-kv-reads": String(watch.kvReads),
      "x-test-kv-writes": String(watch.kvWrites),
      "x-test-ledger-calls": String(watch.ledgerCalls),
      [ROWS_WRITTEN]: String(watch.rowsWritten),
    });
  },
};

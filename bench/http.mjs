// An HTTP client that keeps its connections, times each answer and reads from its headers what it cost.

import http from "node:http";
import { performance } from "node:perf_hooks";

/** An answer that takes this long is a failure. */
const TIMEOUT_MS = 15_000;

/**
 * @typedef {object} Call
 * @property {"GET" | "POST" | "PUT"} method
 * @property {string} path
 * @property {object} [json] the body
 * @property {Record<string, string>} [headers] over the root key as a bearer
 *
 * @typedef {object} Answer
 * @property {number} status
 * @property {string} text
 * @property {number} ms from the first byte sent to the last one received
 * @property {number} kvReads
 * @property {number} ledgerCalls
 */

export class Client {
  #agent;
  #base;
  #headers;

  /**
   * @param {string} base
   * @param {string} key
   * @param {number} connections
   */
  constructor(base, key, connections) {
    this.#base = new URL(base);
    this.#headers = { authorization: `Bearer ${key}` };
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  }

  /**
   * The answer, whatever its status.
   * @param {Call} call
   * @returns {Promise<Answer>}
   */
  send({ method, path, json, headers = this.#headers }) {
    const body = json === undefined ? undefined : Buffer.from(JSON.stringify(json));
    const ofBody =
      body === undefined
        ? {}
        : { "content-type": "application/json", "content-length": String(body.length) };
    return new Promise((resolve, reject) => {
      const started = performance.now();
      const request = http.request(
        {
          agent: this.#agent,
          host: this.#base.hostname,
          port: this.#base.port,
          method,
          path,
          headers: { ...headers, ...ofBody },
          timeout: TIMEOUT_MS,
        },
        (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (/** @type {string} */ part) => (text += part));
          response.on("error", reject);
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              text,
              ms: performance.now() - started,
              kvReads: Number(response.headers["x-test-kv-reads"]),
              ledgerCalls: Number(response.headers["x-test-ledger-calls"]),
            }),
          );
        },
      );
      request.on("timeout", () => request.destroy(new Error(`${path} timed out`)));
      request.on("error", reject);
      request.end(body);
    });
  }

  /**
   * The body of an answer that must have this status.
   * @param {Call} call
   * @param {number} status
   * @returns {Promise<unknown>}
   */
  async json(call, status = 200) {
    const answer = await this.send(call);
    if (answer.status !== status) {
      throw new Error(`${call.method} ${call.path} answered ${answer.status}: ${answer.text}`);
    }
    /** @type {unknown} */
    const body = JSON.parse(answer.text);
    return body;
  }

  close() {
    this.#agent.destroy();
  }
}

// What the platform calls: the Worker and its Durable Object, in front of the wasm. A trap leaves the wasm's memory in no
// known state, so the wasm is started anew before the next call, and a ledger that was made before is made anew from its
// storage.

import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import * as wasm from "./glue.js";

/** Whether the wasm trapped since it was started. */
let trapped = false;
/** How many times it was started anew. */
let restarts = 0;

// What traps after its first promise is not told to who called.
addEventListener("error", ({ error }) => note(error));

/** @param {unknown} error */
function note(error) {
  if (!(error instanceof WebAssembly.RuntimeError)) return;
  console.error("Critical", error);
  trapped = true;
}

function startAnew() {
  if (!trapped) return;
  wasm.__wbg_reset_state();
  trapped = false;
  restarts += 1;
}

/**
 * Calls the wasm, started anew if need be.
 * @template T
 * @param {() => T | Promise<T>} made
 */
async function call(made) {
  startAnew();
  try {
    return await made();
  } catch (error) {
    note(error);
    throw error;
  }
}

export default class extends WorkerEntrypoint {
  /** @param {Request} request */
  fetch(request) {
    return call(() => wasm.fetch(request, this.env, this.ctx));
  }
}

export class Ledger extends DurableObject {
  /** @type {wasm.Ledger | undefined} */
  #made;
  #restarts = 0;

  /**
   * Calls the wasm's ledger.
   * @template T
   * @param {(made: wasm.Ledger) => T | Promise<T>} then
   */
  #call(then) {
    return call(() => {
      if (this.#made === undefined || this.#restarts !== restarts) {
        this.#made = new wasm.Ledger(this.ctx, this.env);
        this.#restarts = restarts;
      }
      return then(this.#made);
    });
  }

  /** @param {Request} request */
  fetch(request) {
    return this.#call((made) => made.fetch(request));
  }

  alarm() {
    return this.#call((made) => made.alarm());
  }

  /** @param {WebSocket} socket */
  webSocketMessage(socket) {
    return this.#call((made) => made.webSocketMessage(socket));
  }

  /**
   * @param {WebSocket} socket
   * @param {number} code
   */
  webSocketClose(socket, code) {
    return this.#call((made) => made.webSocketClose(socket, code));
  }
}

// What the platform calls: the Worker and its Durable Object, in front of the wasm. What traps leaves the wasm's memory in
// no known state, so the wasm is started anew, and a ledger that was made before is made anew from its storage.

import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import * as wasm from "./glue.js";
import module from "./index_bg.wasm";

wasm.initSync({ module });

// What traps after its first promise is not told to who called.
addEventListener("error", ({ error }) => note(error));

/**
 * Starts the wasm anew after a trap, at once: what still waits for a promise in the old one is not to go on in the new.
 * @param {unknown} error
 */
function note(error) {
  // What comes from another object was noted there.
  if (!(error instanceof WebAssembly.RuntimeError) || "remote" in error) return;
  console.error("Critical", error);
  wasm.__wbg_reset_state();
}

/**
 * @template T
 * @param {() => T | Promise<T>} made
 */
async function call(made) {
  try {
    return await made();
  } catch (error) {
    note(error);
    throw error;
  }
}

/** Which start of the wasm this is. One that is due, after an error that only wasm-bindgen knows of, is made first. */
const start = () => wasm.__worker_init_state().instanceId;

export default class extends WorkerEntrypoint {
  /** @param {Request} request */
  fetch(request) {
    return call(() => wasm.fetch(request, this.env, this.ctx));
  }
}

export class Ledger extends DurableObject {
  /** @type {wasm.Ledger | undefined} */
  #made;
  /** The start of the wasm that it was made in. */
  #start = 0;

  /**
   * Calls the wasm's ledger.
   * @template T
   * @param {(made: wasm.Ledger) => T | Promise<T>} then
   */
  #call(then) {
    return call(() => {
      const now = start();
      if (this.#made === undefined || this.#start !== now) {
        this.#made = new wasm.Ledger(this.ctx, this.env);
        this.#start = now;
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

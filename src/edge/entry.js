// The Worker and its Durable Objects, as the platform calls them: each call is passed to the wasm.
//
// A trap leaves the memory of the wasm in an unknown state. After one, the wasm starts again, and each Durable Object is
// created again from its storage.

import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import * as wasm from "./glue.js";
import module from "./index_bg.wasm";

wasm.initSync({ module });

// A trap after the first promise of a call does not reach the caller.
addEventListener("error", ({ error }) => restartAfterTrap(error));

/**
 * Starts the wasm again if the error is a trap: no promise of the old instance may go on in the new one.
 * @param {unknown} error
 */
function restartAfterTrap(error) {
  // A trap of another object was handled there.
  if (!(error instanceof WebAssembly.RuntimeError) || "remote" in error) return;
  console.error("Critical", error);
  wasm.__wbg_reset_state();
}

/**
 * Makes a call into the wasm.
 * @template T
 * @param {() => T | Promise<T>} into
 */
async function call(into) {
  try {
    return await into();
  } catch (error) {
    restartAfterTrap(error);
    throw error;
  }
}

/** The number of the wasm's instance. If a start is due after an error that only wasm-bindgen noticed, it is made first. */
const instance = () => wasm.__worker_init_state().instanceId;

export default class extends WorkerEntrypoint {
  /** @param {Request} request */
  fetch(request) {
    return call(() => wasm.fetch(request, this.env, this.ctx));
  }
}

/** A Durable Object in front of a class of the wasm. */
class Ledger extends DurableObject {
  /** @type {wasm.LedgerClass} */
  #class;
  /** @type {wasm.Ledger | undefined} */
  #ledger;
  /** The instance of the wasm that `#ledger` belongs to. */
  #instance = 0;

  /**
   * @param {any} state
   * @param {unknown} env
   * @param {wasm.LedgerClass} wasmClass
   */
  constructor(state, env, wasmClass) {
    super(state, env);
    this.#class = wasmClass;
  }

  /**
   * @template T
   * @param {(ledger: wasm.Ledger) => T | Promise<T>} into
   */
  #call(into) {
    return call(() => {
      const current = instance();
      if (this.#ledger === undefined || this.#instance !== current) {
        this.#ledger = new this.#class(this.ctx, this.env);
        this.#instance = current;
      }
      return into(this.#ledger);
    });
  }

  /**
   * Answers a message of the Worker or of another ledger. It is a method for RPC, since a `fetch` takes 0.21–0.39 ms and a
   * call of a method 0.14–0.22 ms.
   * @param {string} message JSON
   */
  answer(message) {
    return this.#call((ledger) => ledger.answer(message));
  }

  /**
   * Answers a request for a WebSocket.
   * @param {Request} request
   */
  fetch(request) {
    return this.#call((ledger) => ledger.fetch(request));
  }

  alarm() {
    return this.#call((ledger) => ledger.alarm());
  }

  /**
   * @param {WebSocket} socket
   * @param {string | ArrayBuffer} message
   */
  webSocketMessage(socket, message) {
    return this.#call((ledger) => ledger.webSocketMessage(socket, message));
  }

  /**
   * @param {WebSocket} socket
   * @param {number} code
   * @param {string} reason
   * @param {boolean} wasClean
   */
  webSocketClose(socket, code, reason, wasClean) {
    return this.#call((ledger) => ledger.webSocketClose(socket, code, reason, wasClean));
  }
}

/** A user with its tokens and connections. */
export class UserLedger extends Ledger {
  /**
   * @param {any} state
   * @param {unknown} env
   */
  constructor(state, env) {
    super(state, env, wasm.UserLedger);
  }
}

/** An app. */
export class AppRegistry extends Ledger {
  /**
   * @param {any} state
   * @param {unknown} env
   */
  constructor(state, env) {
    super(state, env, wasm.AppRegistry);
  }
}

/** An external id, and the user that has it. */
export class ExternalIds extends Ledger {
  /**
   * @param {any} state
   * @param {unknown} env
   */
  constructor(state, env) {
    super(state, env, wasm.ExternalIds);
  }
}

/** Providers, webhook endpoints and abandoned revocations. */
export class Operator extends Ledger {
  /**
   * @param {any} state
   * @param {unknown} env
   */
  constructor(state, env) {
    super(state, env, wasm.Operator);
  }
}

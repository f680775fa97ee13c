// One WebSocket: from its opening until it has ended, however it ends.

import type { Environment } from "./environment.ts";
import { CONNECT, DOUBT, PONG, SILENCE } from "./timing.ts";

/** The server closes so when the ticket has ended. */
const TICKET_EXPIRED = 4001;
const OPEN = 1;

/** How a socket ended: without a status, lost after a status, or because the ticket is over. */
export type Ending = "refused" | "lost" | "expired";

export interface Listener {
  /** A message: a status, as text. Answers whether it could be read; where not, the socket is no use. */
  onText(text: string): boolean;
  /** An answer to a ping: the last status is still true. */
  onPong(): void;
}

export class LiveSocket {
  /** Never rejects. */
  readonly ended: Promise<Ending>;
  readonly #environment: Environment;
  readonly #listener: Listener;
  readonly #listening = new AbortController();
  #socket: WebSocket | undefined;
  #heard = false;
  #cancel: () => void;
  #resolve!: (ending: Ending) => void;

  constructor(url: string, environment: Environment, signal: AbortSignal, listener: Listener) {
    this.#environment = environment;
    this.#listener = listener;
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
    this.#cancel = environment.after(CONNECT, () => this.#end());
    signal.addEventListener("abort", () => this.#end(), { signal: this.#listening.signal });
    this.#open(url);
  }

  /** Asks the server whether it is still there; where no answer comes, the socket ends. */
  probe(deadline = DOUBT): void {
    // Until the first status, the deadline of the first status applies.
    if (!this.#heard || this.#listening.signal.aborted) return;
    if (this.#socket?.readyState === OPEN) this.#socket.send("ping");
    this.#wait(deadline, () => this.#end());
  }

  #open(url: string): void {
    const { WebSocket } = this.#environment;
    if (WebSocket === undefined) return this.#end();
    try {
      this.#socket = new WebSocket(url);
    } catch {
      // A page of https may open none to http, and a policy may forbid it.
      return this.#end();
    }
    const { signal } = this.#listening;
    this.#socket.addEventListener("message", ({ data }) => this.#hear(String(data)), { signal });
    this.#socket.addEventListener("error", () => this.#end(), { signal });
    this.#socket.addEventListener("close", ({ code }) => this.#end(code), { signal });
  }

  #hear(text: string): void {
    this.#heard = true;
    this.#wait(SILENCE, () => this.probe(PONG));
    if (text === "pong") this.#listener.onPong();
    else if (!this.#listener.onText(text)) this.#end();
  }

  #wait(milliseconds: number, task: () => void): void {
    this.#cancel();
    this.#cancel = this.#environment.after(milliseconds, task);
  }

  /** Does not wait for the other side's good-bye, which a dead network never brings. */
  #end(code?: number): void {
    if (this.#listening.signal.aborted) return;
    this.#listening.abort();
    this.#cancel();
    try {
      this.#socket?.close(1000);
    } catch {
      // There is nothing left to close.
    }
    this.#resolve(code === TICKET_EXPIRED ? "expired" : this.#heard ? "lost" : "refused");
  }
}

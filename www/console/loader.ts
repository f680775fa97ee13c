// Something that is read from the API and shown: loading, ready, failed, or ready and stale.

import type { ReactiveController, ReactiveControllerHost } from "lit";

import { Problem } from "./http.ts";

/** After these there is nothing left to show of what was read before. */
const GONE = [401, 403, 404];

export class Loader<T> implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #read: (signal: AbortSignal) => Promise<T>;
  #under: AbortController | undefined;

  /** What was read last. */
  value: T | undefined;
  /** Why the last attempt failed; beside a value, that is stale. */
  problem: Problem | undefined;
  /** When the value was read. */
  asOf: Date | undefined;

  constructor(host: ReactiveControllerHost, read: (signal: AbortSignal) => Promise<T>) {
    this.#host = host;
    this.#read = read;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#under?.abort();
  }

  get isBusy(): boolean {
    return this.#under !== undefined;
  }

  /** Reads anew, and shows nothing of before meanwhile. */
  load(): Promise<void> {
    this.value = undefined;
    this.problem = undefined;
    return this.refresh();
  }

  /** Reads anew, and shows what there was until that is done. */
  async refresh(): Promise<void> {
    this.#under?.abort();
    const mine = new AbortController();
    this.#under = mine;
    this.#host.requestUpdate();
    try {
      const value = await this.#read(mine.signal);
      if (mine.signal.aborted) return;
      this.value = value;
      this.problem = undefined;
      this.asOf = new Date();
    } catch (error) {
      if (mine.signal.aborted) return;
      this.problem = Problem.from(error);
      if (GONE.includes(this.problem.status)) this.value = undefined;
    } finally {
      if (this.#under === mine) this.#under = undefined;
      this.#host.requestUpdate();
    }
  }
}

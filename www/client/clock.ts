// The time by the server's clock: a person's own may be wrong, and time left would be with it.

import type { Status } from "./core.ts";

/** Clocks that differ by less are taken to agree. */
const AGREEMENT = 2_000;

export class ServerClock {
  readonly #own: () => number;
  /** By how much the server's clock is ahead of ours. */
  #ahead = 0;

  /** @param own our own clock, in milliseconds since 1970 */
  constructor(own: () => number) {
    this.#own = own;
  }

  now(): number {
    return this.#own() + this.#ahead;
  }

  /** Sets the clock by a status that arrived now. The time of a copy is older, and is not used. */
  set({ source, as_of }: Status): void {
    if (source !== "ledger") return;
    const ahead = Date.parse(as_of) - this.#own();
    this.#ahead = Math.abs(ahead) < AGREEMENT ? 0 : ahead;
  }
}

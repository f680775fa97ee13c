// Names for what a history made: the number of the request that made it, and a letter for what it is. The core, which
// makes the same things under the same names, knows nothing of the service's secrets and ids.
//
//   c  connection token     a  access token     r  refresh token     l  connection

import type { Step } from "./play.ts";

export class Names {
  readonly #names = new Map<string, string>();
  readonly #tokenIds: ReadonlyMap<string, string>;

  /** `tokenIds` has the public id of each secret. */
  constructor(tokenIds: ReadonlyMap<string, string>) {
    this.#tokenIds = tokenIds;
  }

  /** Names what a request made; what has a name already keeps it. To be called in the order of the ledger, as far as that matters. */
  learn({ number, move, status, body }: Step): void {
    if (status >= 300) return;
    this.#secret(body["token"], `${number}c`);
    this.#secret(body["access_token"], `${number}a`);
    this.#secret(body["refresh_token"], `${number}r`);
    this.#give(body["connection_id"], `${number}l`);
    if (move.do === "connect") this.#give(body["id"], `${number}l`);
  }

  #secret(secret: unknown, name: string): void {
    this.#give(secret, name);
    if (typeof secret === "string") this.#give(this.#tokenIds.get(secret), name);
  }

  #give(what: unknown, name: string): void {
    if (typeof what === "string" && !this.#names.has(what)) this.#names.set(what, name);
  }

  /** The number that names what a request made: its own, unless another was given the same. */
  numberOf({ number, status, body }: Step): number {
    const made = status < 300 ? this.#names.get(String(body["access_token"])) : undefined;
    return made === undefined ? number : Number.parseInt(made, 10);
  }

  /** The name of a secret or an id; null for none. */
  of(what: unknown): string | null {
    if (what === null || what === undefined) return null;
    return this.#names.get(String(what)) ?? `something unknown: ${String(what).slice(0, 8)}`;
  }
}

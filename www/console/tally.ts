// How much of a user's revocation has been told so far. All of it is dead at once; each death is then told by an event of
// its own, in batches. The audit trail says which are told.

import { listConnections, listEvents } from "./calls.ts";
import type { AuditEvent, UserRevoked } from "./types.ts";

const DEATHS = ["token.revoked", "connection.revoked", "connection.revoking"];
const PAGE = "100";
/** A page of a filtered list may be short: so many are read. */
const MOST_PAGES = 10;

export class Tally {
  readonly #revoked: UserRevoked;
  /** Each token and connection that was told of. */
  readonly #told = new Set<string>();
  #newest: string | undefined;

  constructor(revoked: UserRevoked) {
    this.#revoked = revoked;
  }

  get told(): number {
    return this.#told.size;
  }

  /** What dies at the same time for another reason may be among it: never more than there was. */
  get isDone(): boolean {
    return this.#told.size >= this.#revoked.total;
  }

  /** Reads what was told since the last time, newest first. */
  async look(signal: AbortSignal): Promise<void> {
    let cursor: string | undefined;
    let newest: string | undefined;
    const found: string[] = [];
    for (;;) {
      const query = { limit: PAGE, cursor };
      const { items, next_cursor } = await listEvents(this.#revoked.user_id, query, signal);
      newest ??= items[0]?.id;
      const end = items.findIndex((event) => event.id === this.#newest || this.#isBeginning(event));
      found.push(...(end < 0 ? items : items.slice(0, end)).flatMap((event) => this.#death(event)));
      if (end >= 0 || next_cursor === null) break;
      cursor = next_cursor;
    }
    // Only now, so that an attempt that failed half-way leaves nothing out.
    for (const id of found) this.#told.add(id);
    this.#newest = newest ?? this.#newest;
  }

  #isBeginning({ type, at }: AuditEvent): boolean {
    return type === "user.revoked" && at === this.#revoked.before;
  }

  #death({ type, at, token_id, connection_id }: AuditEvent): string[] {
    const id = token_id ?? connection_id;
    const isOurs = DEATHS.includes(type) && at === this.#revoked.before && id !== null;
    return isOurs ? [id] : [];
  }
}

/** How many connections of a user are dead here and not yet at their providers. */
export async function countRevoking(userId: string, signal: AbortSignal): Promise<number> {
  let count = 0;
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { limit: PAGE, cursor, status: "revoking" };
    const { items, next_cursor } = await listConnections(userId, query, signal);
    count += items.length;
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  return count;
}

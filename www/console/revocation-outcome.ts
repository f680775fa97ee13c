// The outcome of a user's revocation: its event in the audit trail, and the connections that are still alive at their
// providers.

import { listConnections, listEvents } from "./calls.ts";
import type { AuditEvent, UserRevoked } from "./types.ts";

const PAGE = "100";
/** A page of a filtered list may be short: at most this number of pages is read. */
const MOST_PAGES = 10;

/** The event of a revocation: one `user.revoked`, whatever the number of tokens and connections. */
export async function eventOf(
  { user_id, before }: UserRevoked,
  signal: AbortSignal,
): Promise<AuditEvent | undefined> {
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { limit: PAGE, cursor, type: "user.revoked" };
    const { items, next_cursor } = await listEvents(user_id, query, signal);
    const found = items.find(({ at }) => at === before);
    if (found !== undefined || next_cursor === null) return found;
    cursor = next_cursor;
  }
  return undefined;
}

/** The number of a user's connections that are revoked here and not yet at their providers. */
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

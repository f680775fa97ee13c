// The times of a ledger: microseconds since the epoch, no two requests with the same one.

import type { Move } from "./moves.ts";
import type { Step } from "./play.ts";

/** Microseconds since the epoch, of an RFC 3339 time with six digits of fraction. */
export function micros(time: string): number {
  return Date.parse(`${time.slice(0, 19)}Z`) * 1_000 + Number(time.slice(20, 26));
}

interface Timed {
  as_of?: string;
  source?: string;
}

/**
 * The ledger's time of a request, where its answer says it: when the verdict or the connection in it was true, or when
 * what it made was made. A verdict of a replica is older than the request.
 */
export function timeOf(
  { move, status, body }: Step,
  created: (secret: string) => string | undefined,
): number | undefined {
  const inside = (status === 409 ? (body["verdict"] ?? body["connection"]) : body) as Timed;
  if (inside?.source === "replica") return undefined;
  const time = inside?.as_of ?? (status < 300 ? madeAt(move, body, created) : undefined);
  return time === undefined ? undefined : micros(time);
}

function madeAt(
  { do: what }: Move,
  body: Step["body"],
  created: (secret: string) => string | undefined,
): string | undefined {
  if (what === "mint") return body["created_at"] as string;
  if (what === "purge") return body["before"] as string;
  // The answers of OAuth may come twice: which of them was the first, the core is to find out.
  return what === "issue" ? created(String(body["access_token"])) : undefined;
}

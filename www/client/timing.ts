// How long a follower waits for what. All times are in milliseconds.

/** How long a socket has to open and send the first status; then it counts as unavailable. */
export const CONNECT = 6_000;
/** An answer over HTTP has so long to arrive. */
export const ANSWER = 10_000;
/** After so long a silence, a socket is asked whether it is still there. */
export const SILENCE = 20_000;
/** And has so long to answer. A dead network is noticed after this and `SILENCE` at the latest. */
export const PONG = 8_000;
/** The same, if there is reason to doubt: the page was away, or the browser reports that it is offline. */
export const DOUBT = 3_000;
/** Between two polls, a fifth more or less. */
export const POLL = 10_000;
/** While polling works, a socket is tried again after so long, then after twice that, and so on. */
export const SOCKET_AGAIN = 30_000;
export const SOCKET_AGAIN_MOST = 300_000;
/** A hidden page is followed for so long; it may have been a glance at another tab. */
export const HIDDEN = 15_000;
/** A socket that lasted so long was a good one: the next failure is the first again. */
export const SETTLED = 10_000;
/** The host page has so long to get a new ticket. */
export const RENEWAL = 30_000;

const BACKOFF = 1_000;
const BACKOFF_MOST = 30_000;
/** A `Retry-After` is followed up to this. */
const RETRY_AFTER_MOST = 3_600_000;

/**
 * The wait before the next attempt: exponential, with full jitter, so that a thousand followers of a server that
 * restarted do not return at once.
 * @param failures how many attempts failed in a row before this one
 * @param random at least 0, and less than 1
 * @param retryAfter how long the server asked to be left alone
 */
export function backoff(failures: number, random: number, retryAfter = 0): number {
  const most = Math.min(BACKOFF_MOST, BACKOFF * 2 ** Math.min(failures, 16));
  return retryAfter + random * most;
}

/** A `Retry-After`, which is a number of seconds or a date, in milliseconds; 0 where it is neither. */
export function retryAfter(header: string | null, now: number): number {
  const text = header?.trim() ?? "";
  const wait = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return wait > 0 ? Math.min(wait, RETRY_AFTER_MOST) : 0;
}

// The times of a ledger: microseconds since the epoch, no two requests with the same one.

import type { Event } from "../shapes.ts";
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
  // The answers of OAuth may come twice: of them, the events tell.
  return what === "issue" ? created(String(body["access_token"])) : undefined;
}

/**
 * Gives a time to the requests that changed something and whose answers do not say when: the events do. Of several that
 * may have done the same, it is the one that was answered first; those are alike but for when they were under way.
 */
export function timeByEvents(
  steps: readonly Step[],
  times: Map<Step, number>,
  events: readonly Event[],
  isAbout: (step: Step, event: Event) => boolean,
): void {
  const known = new Set(times.values());
  // What ran out was nobody's request.
  const byTime = Map.groupBy(
    events.filter(({ actor }) => actor !== "system"),
    ({ at }) => micros(at),
  );
  for (const [at, together] of [...byTime].toSorted(([a], [b]) => a - b)) {
    if (known.has(at) || together.some(({ type }) => type === "user.created")) continue;
    const fits = steps.filter(
      (step) =>
        !times.has(step) &&
        causes(together).some((event) => isAbout(step, event)) &&
        isUnderWay(step, at, times),
    );
    const first = fits.toSorted((a, b) => a.end - b.end)[0];
    if (first === undefined) throw new Error(`nobody did it: ${JSON.stringify(together)}`);
    times.set(first, at);
    known.add(at);
  }
}

/** Of the events of one time, those that tell of what was asked for: what dies with something else is told as well. */
function causes(together: readonly Event[]): readonly Event[] {
  const ranks: ((event: Event) => boolean)[] = [
    ({ type }) => type === "connection.revoked" || type === "token.replayed",
    ({ type }) => type === "token.created",
    ({ kind }) => kind === "refresh_token",
  ];
  const rank = ranks.find((isOne) => together.some(isOne));
  return rank === undefined ? together : together.filter(rank);
}

/** Whether a request may have been decided at a time, by when it was sent and answered. */
function isUnderWay(step: Step, at: number, times: Map<Step, number>): boolean {
  for (const [other, time] of times) {
    if (time < at && other.start > step.end) return false;
    if (time > at && other.end < step.start) return false;
  }
  return true;
}

/** The requests that have a time, in the order of these; none that was answered before another was sent comes later. */
export function inOrder(times: Map<Step, number>): Step[] {
  const ordered = [...times].toSorted(([, a], [, b]) => a - b);
  for (const [index, [step, at]] of ordered.entries()) {
    const next = ordered[index + 1];
    if (next?.[1] === at)
      throw new Error(`requests ${step.number} and ${next[0].number}: one time`);
  }
  const steps = ordered.map(([step]) => step);
  let latestStart = 0;
  for (const step of steps) {
    if (step.end < latestStart) throw new Error(`request ${step.number} was decided after its end`);
    latestStart = Math.max(latestStart, step.start);
  }
  return steps;
}

/** The places among the ordered ones where another request may stand: from the first to the last, 0 before them all. */
export function places(step: Step, ordered: readonly Step[]): { first: number; last: number } {
  let first = 0;
  let last = ordered.length;
  for (const [index, other] of ordered.entries()) {
    if (other.end < step.start) first = Math.max(first, index + 1);
    if (other.start > step.end) last = Math.min(last, index);
  }
  return { first, last };
}

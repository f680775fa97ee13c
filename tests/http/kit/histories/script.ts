// From what the clients of a history saw to what the core is asked.

import type { Event } from "../shapes.ts";
import type { Script } from "./core.ts";
import type { Move } from "./moves.ts";
import { Names } from "./names.ts";
import type { Step } from "./play.ts";
import { seen, told } from "./seen.ts";
import { micros, timeOf } from "./time.ts";

/** What a history's script starts with. */
export type Setting = Pick<Script, "history" | "apps" | "grace" | "from" | "until">;

export function scriptOf(
  setting: Setting,
  steps: readonly Step[],
  events: readonly Event[],
): Script {
  const looks = steps.filter(({ move, status }) => move.do === "check" && status === 200);
  const verdicts = new Map(looks.map(({ move, body }) => [secretOf(move), body]));
  const created = (secret: string): string | undefined =>
    verdicts.get(secret)?.["created_at"] as string | undefined;
  const times = new Map(steps.map((step) => [step, timeOf(step, created)]));

  const ids = [...verdicts].map(([secret, body]) => [secret, String(body["token_id"])] as const);
  const names = new Names(new Map(ids));
  // What has no time makes nothing that another names as well, but for the same answer given twice.
  const last = (step: Step): number => times.get(step) ?? Infinity;
  for (const step of steps.toSorted((a, b) => last(a) - last(b) || 0)) names.learn(step);

  return {
    ...setting,
    requests: steps.map((step) => ({
      number: step.number,
      makes: names.numberOf(step),
      start: step.start,
      end: step.end,
      at: times.get(step) ?? null,
      move: named(step.move, names),
      seen: seen(step, names),
    })),
    events: events
      .filter(({ type }) => type !== "user.created")
      .map((event) => ({
        at: micros(event.at),
        actor: event.actor,
        line: told(event, names),
      })),
  };
}

/** A history's requests, to see what was decided over what. */
export function tell({ requests }: Script): string {
  return requests
    .map(({ number, start, end, at, move: { user: _, ...move }, seen }) =>
      [`${number} [${start}, ${end}] at ${at ?? "?"}`, move, seen]
        .map((part) => (typeof part === "string" ? part : JSON.stringify(part)))
        .join(" "),
    )
    .join("\n");
}

/** The move with the core's names in the place of secrets and ids. */
function named(move: Move, names: Names): Record<string, unknown> {
  const named: Record<string, unknown> = { ...move };
  if ("secret" in move) named["secret"] = names.of(move.secret);
  if ("id" in move) named["id"] = names.of(move.id);
  if ("client" in move) named["client"] = move.client.app_id;
  return named;
}

function secretOf(move: Move): string {
  return "secret" in move ? move.secret : "";
}

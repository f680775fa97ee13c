// From what the clients of a history saw to what the core is asked, and the comparison of the two.

import assert from "node:assert/strict";

import type { Event } from "../shapes.ts";
import type { Line, Said } from "./core.ts";
import type { Move } from "./moves.ts";
import { Names } from "./names.ts";
import type { Step } from "./play.ts";
import { seen, told } from "./seen.ts";
import { inOrder, places, timeByEvents, timeOf } from "./time.ts";

/** What a history's script starts with. */
export interface Setting {
  user: string;
  apps: object[];
  /** How long a rotated refresh token gets the same answer, in seconds. */
  grace: number;
  created_at: number;
}

/** A line that has to say what a request was answered; of those of one request on trial, one of them. */
interface Expectation {
  line: number;
  step: Step;
}

export class Script {
  readonly lines: Line[] = [];
  readonly #expected: Expectation[] = [];
  readonly #names: Names;
  readonly #events: readonly Event[];
  /** The requests with a time, in its order. */
  readonly #ordered: Step[];
  readonly #trials: Step[];

  constructor(setting: Setting, steps: readonly Step[], events: readonly Event[], end: number) {
    const looks = steps.filter(({ move, status }) => move.do === "check" && status === 200);
    const verdicts = new Map(looks.map(({ move, body }) => [secretOf(move), body]));
    const of = (secret: string, member: string): string | undefined =>
      verdicts.get(secret)?.[member] as string | undefined;

    const times = new Map<Step, number>();
    for (const step of steps) {
      const time = timeOf(step, (secret) => of(secret, "created_at"));
      if (time !== undefined) times.set(step, time);
    }
    timeByEvents(steps, times, events, (step, event) => isAbout(step, event, of));
    this.#ordered = inOrder(times);
    this.#trials = steps.filter((step) => !times.has(step));
    this.#events = events;

    this.#names = new Names(
      new Map([...verdicts].map(([secret, body]) => [secret, String(body["token_id"])])),
    );
    for (const step of this.#ordered) this.#names.learn(step);
    this.#write(setting, times, end);
  }

  #write({ user, apps, grace, created_at }: Setting, times: Map<Step, number>, end: number): void {
    this.lines.push({ history: user, apps, grace, at: created_at });
    const trials = this.#trials.map((step) => ({ step, ...places(step, this.#ordered) }));
    for (let place = 0; place <= this.#ordered.length; place += 1) {
      const before = this.#ordered[place - 1];
      const after = this.#ordered[place];
      const from = (before ? (times.get(before) ?? 0) : created_at) + 1;
      // What runs out between two requests has run out at the end of the time between them.
      const until = after ? (times.get(after) ?? 0) - 1 : from;
      for (const { step, first, last } of trials) {
        if (place < first || place > last) continue;
        for (const at of new Set([from, Math.max(from, until)])) this.#ask(step, at, true);
      }
      if (after) this.#ask(after, times.get(after) ?? 0, false);
    }
    this.lines.push({ end });
  }

  #ask(step: Step, at: number, trial: boolean): void {
    this.#expected.push({ line: this.lines.length, step });
    this.lines.push({ at, number: step.number, trial, move: this.#named(step.move) });
  }

  /** The move with the core's names in the place of secrets and ids. */
  #named(move: Move): Record<string, unknown> {
    const named: Record<string, unknown> = { ...move };
    if ("secret" in move) named["secret"] = this.#names.of(move.secret);
    if ("id" in move) named["id"] = this.#names.of(move.id);
    if ("client" in move) named["client"] = move.client.app_id;
    return named;
  }

  /** What was decided before a request, as far as its place is known: to see what it was decided over. */
  #before(step: Step): string {
    const { last } = places(step, this.#ordered);
    const before = this.#ordered.includes(step) ? this.#ordered.indexOf(step) + 1 : last;
    const lines = [...this.#ordered.slice(0, before), step].map(({ number, move, status }) => {
      const { user: _, ...named } = this.#named(move);
      return `${number}: ${JSON.stringify(named)} ${status}`;
    });
    return `request ${step.number}, after\n${lines.join("\n")}\n`;
  }

  /** Holds what was seen against what the core says to each line. */
  compare(said: readonly Said[]): void {
    const attempts = Map.groupBy(this.#expected, ({ step }) => step);
    for (const step of [...this.#ordered, ...this.#trials]) {
      const heard = (attempts.get(step) ?? []).map(({ line }) => said[line] as Said);
      const wanted = seen(step, this.#names);
      if (this.#ordered.includes(step)) {
        assert.deepEqual(wanted, heard[0]?.outcome, this.#before(step));
        continue;
      }
      const quiet = heard.filter((one) => !one.told).map(({ outcome }) => outcome);
      const fits = quiet.some((outcome) => isEqual(outcome, wanted));
      const core = JSON.stringify(heard);
      const service = JSON.stringify(wanted);
      assert.ok(fits, `${this.#before(step)}: ${service}, and the core ${core}`);
    }
    const seenEvents = this.#events.filter(({ type }) => type !== "user.created");
    const events = seenEvents.map((event) => told(event, this.#names)).toSorted();
    assert.deepEqual(events, said.at(-1)?.events?.toSorted());
  }
}

function secretOf(move: Move): string {
  return "secret" in move ? move.secret : "";
}

/** Whether it may have been this request that the event tells of. */
function isAbout(
  { move, status, body }: Step,
  { type, actor, token_id, connection_id }: Event & { connection_id?: string | null },
  of: (secret: string, member: string) => string | undefined,
): boolean {
  if ("client" in move && actor !== `app:${move.client.app_id}`) return false;
  const above = secretOf(move) === "" ? undefined : of(secretOf(move), "connection_id");
  const itself = token_id !== null && of(secretOf(move), "token_id") === token_id;
  switch (move.do) {
    case "exchange":
    case "refresh":
      if (status !== 200) return type === "token.replayed" && itself;
      return type === "token.created" && of(String(body["access_token"]), "token_id") === token_id;
    case "retract": {
      // Who ends a refresh token that was replaced ends what came in its place.
      const isReplaced = of(move.secret, "status") === "consumed" && above === connection_id;
      return status === 200 && type === "token.revoked" && (itself || isReplaced);
    }
    case "leave":
      return status === 204 && type === "connection.revoked" && above === connection_id;
    default:
      return false;
  }
}

function isEqual(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

// Notices by itself that something has changed: asks a small question every few seconds, less often while nothing
// happens, and not at all while nobody looks.

import type { ReactiveController, ReactiveControllerHost } from "lit";

import { Problem } from "./http.ts";

const SOON_MS = 2_000;
const LATEST_MS = 8_000;
const LATEST_AFTER_FAILURE_MS = 60_000;
const CALMING = 1.3;
const GONE = [401, 403, 404];

export type PulseState = "live" | "paused" | "failing";

export class Pulse implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #probe: (signal: AbortSignal) => Promise<string>;
  readonly #changed: () => void;
  readonly #onVisibility = (): void => this.#visibility();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #under: AbortController | undefined;
  #last: string | undefined;
  readonly #soon: number;
  #wait: number;
  #isRunning = false;
  state: PulseState = "live";

  /** `probe` gives a text that is another one whenever something has changed; `soon` is the shortest wait. */
  constructor(
    host: ReactiveControllerHost,
    probe: (signal: AbortSignal) => Promise<string>,
    changed: () => void,
    soon = SOON_MS,
  ) {
    this.#host = host;
    this.#probe = probe;
    this.#changed = changed;
    this.#soon = soon;
    this.#wait = soon;
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener("visibilitychange", this.#onVisibility);
    if (this.#isRunning) this.poke();
  }

  hostDisconnected(): void {
    document.removeEventListener("visibilitychange", this.#onVisibility);
    this.#rest();
  }

  /** Begins: what is there now is where changes are counted from. */
  start(): void {
    this.#isRunning = true;
    this.#last = undefined;
    this.poke();
  }

  /** Something was done just now: looks soon, and often. */
  poke(): void {
    if (!this.#isRunning) return;
    this.#wait = this.#soon;
    this.#rest();
    this.#visibility();
  }

  #visibility(): void {
    this.#rest();
    if (!this.#isRunning) return;
    if (document.hidden) this.#say("paused");
    else void this.#look();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#under?.abort();
    this.#under = undefined;
  }

  async #look(): Promise<void> {
    const mine = new AbortController();
    this.#under = mine;
    let wait: number;
    try {
      const seen = await this.#probe(mine.signal);
      if (mine.signal.aborted) return;
      const hasChanged = this.#last !== undefined && this.#last !== seen;
      this.#last = seen;
      this.#wait = hasChanged ? this.#soon : Math.min(this.#wait * CALMING, LATEST_MS);
      wait = this.#wait;
      this.#say("live");
      if (hasChanged) this.#changed();
    } catch (error) {
      if (mine.signal.aborted) return;
      const problem = Problem.from(error);
      // What is not there, or not to be seen, is not asked for again.
      if (GONE.includes(problem.status)) this.#isRunning = false;
      wait = this.#failed(problem);
    }
    if (this.#isRunning) this.#timer = setTimeout(() => void this.#look(), wait);
  }

  /** How long to wait after a failure: twice as long each time, never all tabs at once, and as the service asks. */
  #failed(problem: Problem): number {
    this.#say("failing");
    this.#wait = Math.min(this.#wait * 2, LATEST_AFTER_FAILURE_MS);
    const jittered = this.#wait * (0.75 + Math.random() / 2);
    return Math.max(jittered, (problem.retryAfter ?? 0) * 1_000);
  }

  #say(state: PulseState): void {
    if (this.state === state) return;
    this.state = state;
    this.#host.requestUpdate();
  }
}

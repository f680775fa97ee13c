// Follows a status ticket: by WebSocket where one can be had, else by asking again and again.
//
// It is one loop. An event from outside (the page was hidden, the network is back, `close()`) interrupts the step that
// the loop is at, and the loop decides again. So no two attempts ever run side by side.

import { addressOf, wrongTicket, type Address } from "./address.ts";
import { ServerClock } from "./clock.ts";
import { statusAt, type Status } from "./core.ts";
import { standardEnvironment, type Environment, type Signal } from "./environment.ts";
import {
  FailureEvent,
  StateEvent,
  StatusEvent,
  type FailureCode,
  type FollowerEventMap,
  type FollowerState,
} from "./events.ts";
import { poll } from "./poll.ts";
import { LiveSocket } from "./socket.ts";
import {
  backoff,
  HIDDEN,
  POLL,
  RENEWAL,
  SETTLED,
  SOCKET_AGAIN,
  SOCKET_AGAIN_MOST,
} from "./timing.ts";

export interface FollowOptions {
  /** `hst_…`, from `POST /v1/status-tickets`. */
  ticket: string;
  /** The deployment, if the page is from another origin. */
  server?: string | URL | undefined;
  /** Gets another ticket for the same thing when this one has ended; undefined if there is no other. */
  renew?: (() => Promise<string | undefined>) | undefined;
}

/** In place of a ticket, if none is available now. */
const FAILED = "";
/** How many new tickets in a row may be no better than their predecessors. */
const RENEWALS = 5;

/**
 * Begins to follow a ticket.
 * @param environment the world, where it is not the standard one: for tests
 * @throws TypeError where the ticket is no ticket, or the server no URL; nothing was sent then
 */
export function follow(options: FollowOptions, environment: Partial<Environment> = {}): Follower {
  return new Follower(options, { ...standardEnvironment(), ...environment });
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- the interface only types the events
export class Follower extends EventTarget {
  #status: Status | undefined;
  #state: FollowerState = "connecting";
  #stale = true;
  #asOf: number | undefined;

  readonly #environment: Environment;
  readonly #clock: ServerClock;
  readonly #address: Address;
  readonly #renew: FollowOptions["renew"];
  readonly #unwatch: (() => void) | undefined;
  #ticket: string;
  /** Of the last status that came over HTTP. */
  #etag: string | undefined;
  /** Attempts that failed in a row. */
  #failures = 0;
  #renewals = 0;
  /** Whether nobody sees the page, and whether that has lasted so long that nothing is followed. */
  #isAway = false;
  #paused = false;
  /** Forgets that the page was hidden. */
  #stay: () => void = () => {};
  #socket: LiveSocket | undefined;
  /** Whether the socket before was a good one: a server that restarts refuses the next one, and only that. */
  #wasLive = false;
  /** Whether the follower reported that the server does not allow the page's origin. */
  #isOriginRefused = false;
  /** The earliest time of the next attempt with a socket, and the delay after that attempt. */
  #socketAt = 0;
  #socketAgain = SOCKET_AGAIN;
  /** Aborted to make the loop decide again. */
  #step = new AbortController();

  /** By {@link follow}. */
  constructor({ ticket, server, renew }: FollowOptions, environment: Environment) {
    super();
    const wrong = wrongTicket(ticket);
    // The text is not in the error, since it may be a secret.
    if (wrong === "secret") throw new TypeError("this is a secret, and no status ticket");
    if (wrong) throw new TypeError("this is no status ticket");
    this.#ticket = ticket;
    this.#address = addressOf(server);
    this.#renew = renew;
    this.#environment = environment;
    this.#clock = new ServerClock(environment.now);
    const { attention } = environment;
    this.#unwatch = attention?.watch((signal) => this.#notice(signal));
    if (attention?.hidden()) this.#notice("hidden");
    void this.#run();
  }

  /** The status that was read last. */
  get status(): Status | undefined {
    return this.#status;
  }

  get state(): FollowerState {
    return this.#state;
  }

  /** Whether `status` may be out of date. */
  get stale(): boolean {
    return this.#stale;
  }

  /** When `status` was last known to be right, by the server's clock. */
  get asOf(): Date | undefined {
    return this.#asOf === undefined ? undefined : new Date(this.#asOf);
  }

  /** The time by the server's clock, in milliseconds since 1970, as well as it is known: for `statusAt`. */
  now(): number {
    return this.#clock.now();
  }

  /** Stops following, for good. */
  close(): void {
    if (!this.#isOver) this.#finish("closed", true);
  }

  get #isOver(): boolean {
    return this.#state === "ended" || this.#state === "closed";
  }

  async #run(): Promise<void> {
    // The caller can add listeners first.
    await Promise.resolve();
    while (!this.#isOver) {
      this.#step = new AbortController();
      const { signal } = this.#step;
      if (this.#paused) this.#become("connecting", true);
      const wait = this.#paused ? Infinity : await this.#attempt(signal);
      if (!this.#isOver && wait > 0) await this.#rest(wait, signal);
    }
  }

  /** One attempt at following, which may last for days. Answers how long to wait before the next one. */
  async #attempt(signal: AbortSignal): Promise<number> {
    if (this.#environment.WebSocket && this.#environment.now() >= this.#socketAt) {
      const ending = await this.#live(signal);
      if (signal.aborted) return 0;
      if (ending === "expired") return this.#ticketEnded(signal);
      if (ending === "lost") {
        this.#become("connecting", true);
        return this.#backoff();
      }
    }
    return this.#poll(signal);
  }

  async #live(signal: AbortSignal): Promise<"refused" | "lost" | "expired"> {
    let since = Infinity;
    const socket = new LiveSocket(this.#address.live(this.#ticket), this.#environment, signal, {
      onText: (text) => {
        if (!this.#take(text)) return false;
        since = Math.min(since, this.#environment.now());
        this.#socketAt = 0;
        this.#socketAgain = SOCKET_AGAIN;
        this.#wasLive = true;
        this.#isOriginRefused = false;
        this.#become("live", false);
        return true;
      },
      onPong: () => {
        this.#confirm();
        this.#become("live", false);
      },
    });
    this.#socket = socket;
    const ending = await socket.ended;
    this.#socket = undefined;
    if (this.#environment.now() - since >= SETTLED) this.#failures = 0;
    return ending;
  }

  async #poll(signal: AbortSignal): Promise<number> {
    const { random } = this.#environment;
    const question = { url: this.#address.poll, ticket: this.#ticket, etag: this.#etag };
    const polled = await poll(question, this.#environment, signal);
    if (signal.aborted) return 0;
    switch (polled.kind) {
      case "read":
        if (!this.#take(polled.text)) break;
        this.#etag = polled.etag;
        return this.#polledWell(random());
      case "unchanged":
        this.#confirm();
        return this.#polledWell(random());
      case "refused":
        if (polled.code !== "refused")
          return this.#ticketEnded(signal, polled.code, polled.message);
        this.#fail(polled.code, polled.message, true);
        return 0;
      case "origin_refused":
        this.#become("offline", true);
        if (!this.#isOriginRefused) {
          this.#isOriginRefused = true;
          const text = "The server answers, but not to this page: add its origin to CORS_ORIGINS.";
          this.#fail("origin_refused", text, false);
        }
        return this.#backoff();
      case "unreachable":
        this.#become("offline", true);
        return this.#backoff(polled.retryAfter);
    }
    this.#become("offline", true);
    return this.#backoff();
  }

  /** The server can be reached, and still there is no socket: it is not asked for one with each poll. */
  #polledWell(random: number): number {
    this.#isOriginRefused = false;
    if (this.#wasLive && this.#environment.WebSocket) {
      this.#wasLive = false;
      this.#become("polling", false);
      return this.#backoff();
    }
    this.#failures = 0;
    const now = this.#environment.now();
    if (now >= this.#socketAt) {
      this.#socketAt = now + this.#socketAgain;
      this.#socketAgain = Math.min(2 * this.#socketAgain, SOCKET_AGAIN_MOST);
    }
    this.#become("polling", false);
    return POLL * (0.8 + 0.4 * random);
  }

  /** Gets another ticket, where the page has a way to. */
  async #ticketEnded(
    signal: AbortSignal,
    code: FailureCode = "ticket_expired",
    message = "The ticket has ended.",
  ): Promise<number> {
    const renewed = await this.#newTicket(signal);
    if (this.#isOver) return 0;
    if (renewed === undefined) {
      this.#fail(code, message, true);
      return 0;
    }
    if (renewed === FAILED) {
      if (signal.aborted) return 0;
      this.#renewals += 1;
      this.#become("offline", true);
      this.#fail("renewal_failed", "No new ticket could be had.", false);
      return this.#backoff();
    }
    if (wrongTicket(renewed)) {
      this.#fail("ticket_malformed", "The result of `renew` is no status ticket.", true);
      return 0;
    }
    this.#ticket = renewed;
    this.#etag = undefined;
    this.#renewals += 1;
    // The first new ticket is used at once. One that does not last either is no reason to hurry.
    return this.#renewals === 1 ? 0 : this.#backoff();
  }

  /** The new ticket; undefined if there is none. */
  async #newTicket(signal: AbortSignal): Promise<string | undefined> {
    if (this.#renew === undefined || this.#renewals >= RENEWALS) return undefined;
    this.#become(this.#state === "offline" ? "offline" : "connecting", true);
    const answered = new AbortController();
    const late = this.#rest(RENEWAL, AbortSignal.any([signal, answered.signal]));
    try {
      return await Promise.race([this.#renew(), late.then(() => FAILED)]);
    } catch {
      // The error of the page is not passed on: it may contain secrets of the page.
      return FAILED;
    } finally {
      answered.abort();
    }
  }

  /** Reads the answer of the server. Returns whether it was a status. */
  #take(text: string): boolean {
    let status: Status;
    let isFinal: boolean;
    try {
      status = JSON.parse(text) as Status;
      isFinal = statusAt(status, Date.parse(status.as_of)).terminal;
    } catch {
      this.#fail("unreadable", "The answer of the server is no status.", false);
      return false;
    }
    const before = this.#status;
    this.#status = status;
    this.#renewals = 0;
    this.#clock.set(status);
    this.#confirm();
    if (before === undefined || essence(before) !== essence(status)) {
      this.dispatchEvent(new StatusEvent(status));
    }
    if (isFinal && !this.#isOver) this.#finish("ended", false);
    return true;
  }

  #confirm(): void {
    this.#asOf = this.now();
  }

  #backoff(retryAfter = 0): number {
    return backoff(this.#failures++, this.#environment.random(), retryAfter);
  }

  #notice(signal: Signal): void {
    if (this.#isOver) return;
    switch (signal) {
      case "hidden":
        this.#isAway = true;
        this.#stay();
        this.#stay = this.#environment.after(HIDDEN, () => this.#pause());
        return;
      case "gone":
        this.#isAway = true;
        return this.#pause();
      case "visible":
        if (!this.#isAway || this.#environment.attention?.hidden()) return;
        this.#isAway = this.#paused = false;
        this.#stay();
        return this.#hurry();
      case "online":
        return this.#hurry();
      case "offline":
        // The browser may be wrong about this server, so the server is asked.
        if (!this.#paused) this.#become(this.#state, true);
        return this.#hurry();
    }
  }

  #pause(): void {
    this.#paused = true;
    this.#step.abort();
  }

  /** Finds out at once how things are. */
  #hurry(): void {
    this.#failures = 0;
    if (this.#socket) this.#socket.probe();
    else this.#step.abort();
  }

  /** Sleeps, and wakes when the step is interrupted. */
  #rest(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const cancel =
        milliseconds === Infinity ? () => {} : this.#environment.after(milliseconds, wake);
      signal.addEventListener("abort", wake);
      function wake(): void {
        cancel();
        signal.removeEventListener("abort", wake);
        resolve();
      }
    });
  }

  #become(state: FollowerState, stale: boolean): void {
    if (this.#isOver || (state === this.#state && stale === this.#stale)) return;
    this.#state = state;
    this.#stale = stale;
    this.dispatchEvent(new StateEvent(state, stale));
  }

  #fail(code: FailureCode, message: string, isFinal: boolean): void {
    if (isFinal) this.#finish("ended", true);
    this.dispatchEvent(new FailureEvent(code, message, isFinal));
  }

  #finish(state: "ended" | "closed", stale: boolean): void {
    this.#become(state, stale);
    this.#unwatch?.();
    this.#stay();
    this.#step.abort();
  }
}

/** A status without what is another with each answer. */
function essence(status: Status): string {
  return JSON.stringify({ ...status, as_of: 0, source: 0, ticket_expires_at: 0 });
}

/** The same methods as every target's, with the types of the events. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- see the class
export interface Follower {
  addEventListener<K extends keyof FollowerEventMap>(
    type: K,
    listener: ((this: Follower, event: FollowerEventMap[K]) => void) | null,
    options?: AddEventListenerOptions | boolean,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void;
  removeEventListener<K extends keyof FollowerEventMap>(
    type: K,
    listener: ((this: Follower, event: FollowerEventMap[K]) => void) | null,
    options?: EventListenerOptions | boolean,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: EventListenerOptions | boolean,
  ): void;
}

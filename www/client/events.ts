// The events of a follower.

import type { Status } from "./core.ts";

/**
 * - `connecting`: nothing is known yet, or a connection was lost a moment ago, or the page is hidden and the status is
 *   not followed meanwhile;
 * - `live`: each change arrives by WebSocket;
 * - `polling`: a WebSocket cannot be had, so the status is asked for every ten seconds or so;
 * - `offline`: the server cannot be reached; it is tried again and again;
 * - `ended`: nothing can change any more, or the ticket has ended;
 * - `closed`: `close()` was called.
 */
export type FollowerState = "connecting" | "live" | "polling" | "offline" | "ended" | "closed";

/** The code of a failure. A server that cannot be reached is no failure, but the state `offline`. */
export type FailureCode =
  /** The ticket has ended, and there was no way to renew it. */
  | "ticket_expired"
  /** The server did not make this ticket. */
  | "ticket_invalid"
  /** `renew` gave something that is no ticket. It was not sent anywhere. */
  | "ticket_malformed"
  /** `renew` rejected, or took too long. */
  | "renewal_failed"
  /** The server answers, and does not allow the page's origin. It is asked again, in case that changes. */
  | "origin_refused"
  /** The server answered with a problem that waiting does not mend. */
  | "refused"
  /** The answer of the server is no status. */
  | "unreadable";

/** The status was read for the first time, or is another one than before. */
export class StatusEvent extends Event {
  readonly status: Status;

  constructor(status: Status) {
    super("status");
    this.status = status;
  }
}

/** `state` or `stale` changed. */
export class StateEvent extends Event {
  readonly state: FollowerState;
  readonly stale: boolean;

  constructor(state: FollowerState, stale: boolean) {
    super("state");
    this.state = state;
    this.stale = stale;
  }
}

/** Something went wrong that somebody may have to do something about. */
export class FailureEvent extends Event {
  readonly code: FailureCode;
  /** For developers, in English. It never contains the ticket. */
  readonly message: string;
  /** Whether the follower has given up. */
  readonly final: boolean;

  constructor(code: FailureCode, message: string, final: boolean) {
    super("error");
    this.code = code;
    this.message = message;
    this.final = final;
  }
}

export interface FollowerEventMap {
  status: StatusEvent;
  state: StateEvent;
  error: FailureEvent;
}

// The source of what an element shows: one follower after another, one for each ticket.

import { FailureEvent, type FollowerState, type FollowOptions } from "../client/index.ts";
import { wrongTicket } from "../client/address.ts";
import type { Reading, TicketFollower } from "../client/follower.ts";
import type { ElementFailureCode, ErrorDetail } from "./events.ts";
import type { Lack } from "./picture.ts";

export interface Listener {
  /** There may be something else to show. */
  onChange(): void;
  onExpired(): void;
  onError(error: ErrorDetail): void;
}

export interface Wanted {
  /** The status ticket; empty if there is none yet. */
  ticket: string;
  /** Empty, where it is the deployment that the page came from. */
  server: string;
  renew: () => Promise<string | undefined>;
}

/** How a ticket is followed, and the event of a change. */
export interface Following<R extends Reading, F extends TicketFollower<R>> {
  follow(options: FollowOptions): F;
  event: string;
}

export class Source<R extends Reading, F extends TicketFollower<R>> {
  /** The answer that was read last. */
  reading: R | undefined;
  /** Why there is none. */
  lack: Lack = "none";
  follower: F | undefined;
  readonly #following: Following<R, F>;
  readonly #listener: Listener;
  #server = "";
  #ticket = "";
  #hasExpired = false;

  constructor(following: Following<R, F>, listener: Listener) {
    this.#following = following;
    this.#listener = listener;
  }

  get state(): FollowerState {
    return this.follower?.state ?? "closed";
  }

  get stale(): boolean {
    return this.follower?.stale ?? true;
  }

  get asOf(): Date | undefined {
    return this.follower?.asOf;
  }

  now(): number {
    return this.follower?.now() ?? Date.now();
  }

  /** Follows this, and nothing else any more. It never throws. */
  follow({ ticket, server, renew }: Wanted): void {
    this.close();
    // A ticket after one that has ended is for the same thing: what is known stays, until there is news.
    const isSame = server === this.#server && (ticket === this.#ticket || this.#hasExpired);
    if (!isSame) this.reading = undefined;
    this.#hasExpired = false;
    this.follower = undefined;
    this.#server = server;
    this.#ticket = ticket;
    this.lack = ticket === "" ? "none" : "loading";
    if (ticket === "") return;

    const wrong = wrongTicket(ticket);
    if (wrong) {
      const isSecret = wrong === "secret";
      // Not even kept here.
      this.#ticket = "";
      return this.#refuse(
        isSecret ? "ticket_secret" : "ticket_malformed",
        isSecret
          ? "`ticket` contains another kind of secret. Send a status ticket, `hst_…`."
          : "`ticket` is not a status ticket (`hst_…`).",
      );
    }
    try {
      this.#listen(this.#following.follow({ ticket, renew, ...(server && { server }) }));
    } catch (error) {
      this.#refuse("server_invalid", error instanceof Error ? error.message : "");
    }
  }

  close(): void {
    this.follower?.close();
  }

  #listen(follower: F): void {
    this.follower = follower;
    follower.addEventListener(this.#following.event, () => {
      this.reading = follower.reading;
      this.lack = "loading";
      this.#listener.onChange();
    });
    follower.addEventListener("state", () => this.#listener.onChange());
    follower.addEventListener("error", (failure) => {
      if (failure instanceof FailureEvent) this.#fail(failure);
    });
  }

  #fail({ code, message, final }: FailureEvent): void {
    if (code === "ticket_expired") {
      this.#hasExpired = true;
      this.lack = "expired";
      this.#listener.onChange();
      this.#listener.onExpired();
    } else if (final) {
      this.#refuse(code, message);
    } else {
      if (code === "origin_refused") {
        this.lack = "refused";
        this.#listener.onChange();
      }
      this.#listener.onError({ code, message, final });
    }
  }

  /** Nothing is followed any more. */
  #refuse(code: ElementFailureCode, message: string): void {
    this.lack = "refused";
    this.#listener.onChange();
    this.#listener.onError({ code, message, final: true });
  }
}

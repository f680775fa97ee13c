// What the element follows, and what is known of it: one follower after another, as tickets come and go.

import { follow, type FailureEvent, type Follower, type FollowerState } from "../client/index.ts";
import { wrongTicket } from "../client/address.ts";
import type { Status } from "./core.ts";
import type { ElementFailureCode, ErrorDetail } from "./events.ts";
import type { Lack } from "./picture.ts";

export interface Listener {
  /** There may be something else to show. */
  onChange(): void;
  onExpired(): void;
  onError(error: ErrorDetail): void;
}

export interface Wanted {
  /** Empty, where there is none yet. */
  ticket: string;
  /** Empty, where it is the deployment that the page came from. */
  server: string;
  renew: () => Promise<string | undefined>;
}

export class Source {
  /** What was read last. */
  status: Status | undefined;
  /** Why there is none. */
  lack: Lack = "none";
  readonly #listener: Listener;
  #follower: Follower | undefined;
  #server = "";
  #ticket = "";
  #hasExpired = false;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  get state(): FollowerState {
    return this.#follower?.state ?? "closed";
  }

  get stale(): boolean {
    return this.#follower?.stale ?? true;
  }

  get asOf(): Date | undefined {
    return this.#follower?.asOf;
  }

  now(): number {
    return this.#follower?.now() ?? Date.now();
  }

  /** Follows this, and nothing else any more. It never throws. */
  follow({ ticket, server, renew }: Wanted): void {
    this.close();
    // A ticket after one that has ended is for the same thing: what is known stays, until there is news.
    const isSame = server === this.#server && (ticket === this.#ticket || this.#hasExpired);
    if (!isSame) this.status = undefined;
    this.#hasExpired = false;
    this.#follower = undefined;
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
        isSecret ? "`ticket` holds another secret than a ticket." : "`ticket` is no status ticket.",
      );
    }
    try {
      this.#listen(follow({ ticket, renew, ...(server && { server }) }));
    } catch (error) {
      this.#refuse("server_invalid", error instanceof Error ? error.message : "");
    }
  }

  close(): void {
    this.#follower?.close();
  }

  #listen(follower: Follower): void {
    this.#follower = follower;
    follower.addEventListener("status", ({ status }) => {
      this.status = status;
      this.lack = "loading";
      this.#listener.onChange();
    });
    follower.addEventListener("state", () => this.#listener.onChange());
    follower.addEventListener("error", (failure) => this.#fail(failure));
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

// What the elements tell the page that they stand in. All of them bubble, out of shadow trees, too.

import type { ShownConnection } from "../client/connections.ts";
import type { FailureCode } from "../client/index.ts";
import type { Standing, Status } from "./core.ts";

/** Another status is shown than before: something was done, or the time ran out. */
export interface ChangeDetail {
  /** What is shown. */
  status: Standing["status"];
  /** What was shown before; undefined, where this is the first. */
  previous: Standing["status"] | undefined;
  /** What the server said last. */
  reading: Status;
}

/** The person asked for an end, and confirmed it. The element does nothing about it by itself. */
export interface DisconnectDetail {
  subject: Status["subject"];
  id: string;
  /**
   * Shows that something is being done until the promise settles, and says so where it rejects. Without it, the element
   * waits a while for the status to change. An event that is prevented changes nothing.
   */
  waitUntil: (work: Promise<unknown>) => void;
}

/** The ticket has ended, and there is no `renew`. Put another into `ticket`, and the element goes on. */
export interface TicketExpiredDetail {
  /** Of what was shown; undefined, where nothing was. */
  id: string | undefined;
}

export type ElementFailureCode =
  | Exclude<FailureCode, "ticket_expired">
  /** What is in `ticket` is another secret. It was not sent anywhere. */
  | "ticket_secret"
  /** What is in `server` is no address. */
  | "server_invalid"
  /** What is in `lang` is no tag of a language. The next best is taken. */
  | "lang_invalid";

export interface ErrorDetail {
  code: ElementFailureCode;
  /** For developers, in English. It never holds the ticket. */
  message: string;
  /** Whether nothing is tried any more until an attribute changes. */
  final: boolean;
}

/** The person asked to connect anew, because the provider rejects the connection. Begin an authorization. */
export interface ReconnectDetail {
  /** The id of the connection. */
  id: string;
  /** The app to connect. */
  app_id: string | null;
}

/** The events of both elements. */
interface TicketEventMap {
  "hookswitch-disconnect": CustomEvent<DisconnectDetail>;
  "hookswitch-reconnect": CustomEvent<ReconnectDetail>;
  "hookswitch-ticket-expired": CustomEvent<TicketExpiredDetail>;
  "hookswitch-error": CustomEvent<ErrorDetail>;
}

export interface HookswitchStatusEventMap extends TicketEventMap {
  "hookswitch-change": CustomEvent<ChangeDetail>;
}

/** Other connections are shown than before, or another status of one. */
export interface ConnectionsDetail {
  connections: readonly ShownConnection[];
}

export interface HookswitchConnectionsEventMap extends TicketEventMap {
  "hookswitch-connections": CustomEvent<ConnectionsDetail>;
}

/** All events of the elements. */
interface EventMap extends HookswitchStatusEventMap, HookswitchConnectionsEventMap {}

/** Tells it, and answers whether nobody prevented it. */
export function tell<K extends keyof EventMap>(
  target: EventTarget,
  name: K,
  detail: EventMap[K]["detail"],
  cancelable = false,
): boolean {
  return target.dispatchEvent(
    new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable }),
  );
}

declare global {
   
  interface HTMLElementEventMap extends HookswitchStatusEventMap, HookswitchConnectionsEventMap {}
  interface DocumentEventMap extends HookswitchStatusEventMap, HookswitchConnectionsEventMap {}
   
}

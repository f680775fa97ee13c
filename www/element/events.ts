// The events that the elements dispatch. All of them bubble, also out of shadow trees.

import type { ShownConnection } from "../client/connections.ts";
import type { FailureCode } from "../client/index.ts";
import type { Standing, Status } from "./core.ts";

/** Another status is shown than before: something was done, or the time ran out. */
export interface ChangeDetail {
  /** The status that is shown. */
  status: Standing["status"];
  /** The status that was shown before; undefined for the first one. */
  previous: Standing["status"] | undefined;
  /** The last status that the server sent. */
  reading: Status;
}

/** The person asked for an end, and confirmed it. The element does nothing about it by itself. */
export interface DisconnectDetail {
  subject: Status["subject"];
  id: string;
  /**
   * Shows progress until the promise settles, and a problem if it rejects. Without a promise, the
   * element waits 15 seconds for the status to change. If the page prevents the event, the element
   * shows nothing.
   */
  waitUntil: (work: Promise<unknown>) => void;
}

/** The ticket has ended, and there is no `renew`. Put another into `ticket`, and the element goes on. */
export interface TicketExpiredDetail {
  /** The id of the token or connection that was shown; undefined if there was none. */
  id: string | undefined;
}

export type ElementFailureCode =
  | Exclude<FailureCode, "ticket_expired">
  /** `ticket` contains another kind of secret. It was not sent anywhere. */
  | "ticket_secret"
  /** `server` is not an address. */
  | "server_invalid"
  /** `lang` is not a language tag. The element uses the next language that applies. */
  | "lang_invalid";

export interface ErrorDetail {
  code: ElementFailureCode;
  /** A sentence for developers, in English. It never contains the ticket. */
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

/** Dispatches an event, and returns whether no listener prevented it. */
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

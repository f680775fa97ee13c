// What the element tells the page that it stands in. All of them bubble, out of shadow trees, too.

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

export interface HookswitchStatusEventMap {
  "hookswitch-change": CustomEvent<ChangeDetail>;
  "hookswitch-disconnect": CustomEvent<DisconnectDetail>;
  "hookswitch-ticket-expired": CustomEvent<TicketExpiredDetail>;
  "hookswitch-error": CustomEvent<ErrorDetail>;
}

type Name = keyof HookswitchStatusEventMap;

/** Tells it, and answers whether nobody prevented it. */
export function tell<K extends Name>(
  target: EventTarget,
  name: K,
  detail: HookswitchStatusEventMap[K]["detail"],
  cancelable = false,
): boolean {
  return target.dispatchEvent(
    new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable }),
  );
}

declare global {
  /* eslint-disable @typescript-eslint/no-empty-object-type -- the members are those of the map */
  interface HTMLElementEventMap extends HookswitchStatusEventMap {}
  interface DocumentEventMap extends HookswitchStatusEventMap {}
  /* eslint-enable @typescript-eslint/no-empty-object-type */
}

// What both elements do for their tickets: properties, attributes, and one follower after another.

import { wrongTicket } from "../client/address.ts";
import type { Reading, TicketFollower } from "../client/follower.ts";
import { tell } from "./events.ts";
import { canonical } from "./language.ts";
import { Source, type Following } from "./source.ts";

export type Renew = () => Promise<string | undefined>;

export interface HostOptions<R extends Reading, F extends TicketFollower<R>> {
  following: Following<R, F>;
  /** The properties that may be set before the element is defined. */
  properties: readonly string[];
  /** Shows what is known now. */
  show: () => void;
  /** The id of what was shown, if it has one. */
  id: () => string | undefined;
}

export class TicketHost<R extends Reading, F extends TicketFollower<R>> {
  readonly source: Source<R, F>;
  renew: Renew | undefined;
  readonly #element: HTMLElement;
  readonly #options: HostOptions<R, F>;
  #ticket = "";
  #isRestarting = false;
  #badLang = "";

  constructor(element: HTMLElement, options: HostOptions<R, F>) {
    this.#element = element;
    this.#options = options;
    this.source = new Source(options.following, {
      onChange: () => options.show(),
      onExpired: () => tell(this.#element, "hookswitch-ticket-expired", { id: options.id() }),
      onError: (error) => tell(this.#element, "hookswitch-error", error),
    });
  }

  /** Empty if it is another secret than a ticket. */
  get ticket(): string {
    return wrongTicket(this.#ticket) === "secret" ? "" : this.#ticket;
  }
  set ticket(ticket: string | null | undefined) {
    const text = String(ticket ?? "").trim();
    if (text === this.#ticket) return;
    this.#ticket = text;
    this.restart();
  }

  /** Whether there is nothing to show yet, because the ticket or the server is about to change. */
  get isIdle(): boolean {
    return !this.#element.isConnected || this.#isRestarting;
  }

  connected(): void {
    for (const name of this.#options.properties) this.#adopt(name);
    document.addEventListener("visibilitychange", this.#options.show);
    this.restart();
  }

  disconnected(): void {
    document.removeEventListener("visibilitychange", this.#options.show);
    this.source.close();
  }

  attributeChanged(name: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (name === "ticket") this.ticket = after;
    else if (name === "server") this.restart();
    else this.#options.show();
  }

  reflect(name: string, value: string | URL | null | undefined): void {
    if (value == null) this.#element.removeAttribute(name);
    else this.#element.setAttribute(name, String(value));
  }

  /** Once for all that changes in one go. */
  restart(): void {
    if (this.#isRestarting) return;
    this.#isRestarting = true;
    queueMicrotask(() => {
      this.#isRestarting = false;
      if (!this.#element.isConnected) return;
      this.source.follow({
        ticket: this.#ticket,
        server: this.#element.getAttribute("server") ?? "",
        // Looked up when it is needed: it may be set later than the ticket.
        renew: async () => this.renew?.(),
      });
      this.#options.show();
    });
  }

  checkLang(): void {
    const { lang } = this.#element;
    if (lang !== "" && lang !== this.#badLang && canonical(lang) === undefined) {
      tell(this.#element, "hookswitch-error", {
        code: "lang_invalid",
        message: "`lang` is not a language tag, such as `de` or `en-GB`.",
        final: false,
      });
    }
    this.#badLang = lang;
  }

  /** A property that was set before the element was defined hides the one that it has since. */
  #adopt(name: string): void {
    const own = Object.getOwnPropertyDescriptor(this.#element, name);
    if (own === undefined) return;
    Reflect.deleteProperty(this.#element, name);
    Reflect.set(this.#element, name, own.value);
  }
}

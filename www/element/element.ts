// `<hookswitch-status>`: follows a status ticket, and shows the status to a person.

import type { FollowerState } from "../client/index.ts";
import { wrongTicket } from "../client/address.ts";
import type { Status } from "./core.ts";
import { tell } from "./events.ts";
import { canonical, languageOf } from "./language.ts";
import { picture, type Freshness, type Picture } from "./picture.ts";
import { Source } from "./source.ts";
import { View, type Ending } from "./view.ts";

/** A connection that is lost for less is not worth a word. */
const BLINK = 1_500;
/** So long the status has to change after the person asked for an end, where the page does not say how it went. */
const PATIENCE = 15_000;

const PROPERTIES = ["ticket", "server", "label", "disconnectable", "compact", "renew"] as const;

// Where there are no elements, as on a server that renders pages, the module can still be loaded.
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

export class HookswitchStatus extends Base {
  static readonly observedAttributes: readonly string[] = [
    "ticket",
    "server",
    "lang",
    "label",
    "disconnectable",
    "compact",
  ];

  readonly #view: View;
  readonly #source: Source;
  /** There are none in the DOM of some test environments. */
  readonly #internals: ElementInternals | undefined;
  #ticket = "";
  #renew: (() => Promise<string | undefined>) | undefined;
  #isRestarting = false;
  /** Until when a lost connection is not spoken of, and what is said meanwhile. */
  #blink = 0;
  #fresh: Pick<Picture, "freshness" | "fresh"> | undefined;
  /** What the page was told last: the id, and its status. */
  #told: { id: string; status: Status["status"] } | undefined;
  #ending: Ending = "none";
  #next: ReturnType<typeof setTimeout> | undefined;
  #work = new AbortController();
  #badLang = "";

  constructor() {
    super();
    this.#internals = this.attachInternals?.();
    this.#view = new View(this.attachShadow({ mode: "open" }), { end: () => this.#end() });
    this.#source = new Source({
      onChange: () => this.#show(),
      onExpired: () => tell(this, "hookswitch-ticket-expired", { id: this.status?.id }),
      onError: (error) => tell(this, "hookswitch-error", error),
    });
  }

  /**
   * The status ticket, `hst_…`. It may be an attribute as well; a property is in no markup, and is not written into any.
   * Another secret than a ticket is refused: it is not sent anywhere, and cannot be read here.
   */
  get ticket(): string {
    return wrongTicket(this.#ticket) === "secret" ? "" : this.#ticket;
  }
  set ticket(ticket: string | null | undefined) {
    this.#setTicket(ticket);
  }

  /** The deployment's address; empty, where it is the one that the page came from. */
  get server(): string {
    return this.getAttribute("server") ?? "";
  }
  set server(server: string | URL | null | undefined) {
    this.#reflect("server", server);
  }

  /** What the person calls it, `Acme CRM`; without it, it is called by the id of its app, or by its kind. */
  get label(): string {
    return this.getAttribute("label") ?? "";
  }
  set label(label: string | null | undefined) {
    this.#reflect("label", label);
  }

  /** Whether there is a button to end it with. */
  get disconnectable(): boolean {
    return this.hasAttribute("disconnectable");
  }
  set disconnectable(isSo: boolean) {
    this.toggleAttribute("disconnectable", Boolean(isSo));
  }

  /** Whether it is one line, as for a table. */
  get compact(): boolean {
    return this.hasAttribute("compact");
  }
  set compact(isSo: boolean) {
    this.toggleAttribute("compact", Boolean(isSo));
  }

  /** Gets another ticket when this one has ended, so that the element goes on without a word. */
  get renew(): (() => Promise<string | undefined>) | undefined {
    return this.#renew;
  }
  set renew(renew: (() => Promise<string | undefined>) | null | undefined) {
    this.#renew = renew ?? undefined;
  }

  /** What the server said last; undefined, where it has not said anything yet. */
  get status(): Status | undefined {
    return this.#source.status;
  }

  /** How the status is followed. */
  get state(): FollowerState {
    return this.#source.state;
  }

  /** Whether what is shown may be out of date. */
  get stale(): boolean {
    return this.#source.stale;
  }

  connectedCallback(): void {
    for (const name of PROPERTIES) this.#adopt(name);
    document.addEventListener("visibilitychange", this.#show);
    this.#restart();
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.#show);
    clearTimeout(this.#next);
    this.#settle("none");
    this.#source.close();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (name === "ticket") this.#setTicket(after);
    else if (name === "server") this.#restart();
    else this.#show();
  }

  #setTicket(ticket: string | null | undefined): void {
    const text = String(ticket ?? "").trim();
    if (text === this.#ticket) return;
    this.#ticket = text;
    this.#restart();
  }

  /** A property that was set before the element was defined hides the one that it has since. */
  #adopt(name: (typeof PROPERTIES)[number]): void {
    const own = Object.getOwnPropertyDescriptor(this, name);
    if (own === undefined) return;
    Reflect.deleteProperty(this, name);
    Reflect.set(this, name, own.value);
  }

  #reflect(name: string, value: string | URL | null | undefined): void {
    if (value == null) this.removeAttribute(name);
    else this.setAttribute(name, String(value));
  }

  /** Once for all that changes in one go. */
  #restart(): void {
    if (this.#isRestarting) return;
    this.#isRestarting = true;
    queueMicrotask(() => {
      this.#isRestarting = false;
      if (!this.isConnected) return;
      this.#source.follow({
        ticket: this.#ticket,
        server: this.server,
        // Looked up when it is needed: it may be set later than the ticket.
        renew: async () => this.#renew?.(),
      });
      this.#show();
    });
  }

  readonly #show = (): void => {
    if (!this.isConnected || this.#isRestarting) return;
    const { status, lack, state, stale, asOf } = this.#source;
    const now = this.#source.now();
    const language = languageOf(this);
    const seen = picture({ language, label: this.label, status, lack, state, stale, asOf, now });
    const blink = this.#steady(seen);
    const changed = this.#changed(seen);
    if (changed) this.#settle("none");
    this.#view.show(seen, this.disconnectable, this.#ending);
    this.#mark(seen, stale);
    this.#showAgain(Math.min(seen.next ?? Infinity, blink));
    this.#checkLang();
    changed?.();
  };

  /** Keeps what was said of a connection that is gone for a moment. Answers for how long, in milliseconds. */
  #steady(seen: Picture): number {
    const { freshness } = this.#fresh ?? {};
    if (seen.freshness === "connecting" && freshness && STEADY.includes(freshness)) {
      this.#blink ||= performance.now() + BLINK;
      const left = this.#blink - performance.now();
      if (left > 0) {
        Object.assign(seen, this.#fresh);
        return left;
      }
    }
    this.#blink = 0;
    this.#fresh = { freshness: seen.freshness, fresh: seen.fresh };
    return Infinity;
  }

  /** How to tell the page that another status is shown; undefined, where it is the same. */
  #changed({ standing }: Picture): (() => void) | undefined {
    const reading = this.status;
    if (standing === undefined || reading === undefined) return undefined;
    const { id } = reading;
    const { status } = standing;
    const previous = this.#told?.id === id ? this.#told.status : undefined;
    if (status === previous) return undefined;
    this.#told = { id, status };
    return () => tell(this, "hookswitch-change", { status, previous, reading });
  }

  /** States for the selectors of the host page: `hookswitch-status:state(good)`. */
  #mark({ tone }: Picture, stale: boolean): void {
    const states = this.#internals?.states;
    states?.clear();
    states?.add(tone);
    if (stale) states?.add("stale");
  }

  /** Time changes what is to be shown; but nobody looks at a hidden page. */
  #showAgain(milliseconds: number): void {
    clearTimeout(this.#next);
    if (milliseconds === Infinity || document.visibilityState === "hidden") return;
    this.#next = setTimeout(this.#show, milliseconds);
  }

  #checkLang(): void {
    const { lang } = this;
    if (lang !== "" && lang !== this.#badLang && canonical(lang) === undefined) {
      tell(this, "hookswitch-error", {
        code: "lang_invalid",
        message: "`lang` is no tag of a language.",
        final: false,
      });
    }
    this.#badLang = lang;
  }

  /** The person wants it to end. The page does that; here it is shown how it goes. */
  #end(): void {
    const { status } = this;
    if (status === undefined) return;
    const work: Promise<unknown>[] = [];
    const { subject, id } = status;
    const waitUntil = (promise: Promise<unknown>): void => void work.push(promise);
    if (!tell(this, "hookswitch-disconnect", { subject, id, waitUntil }, true)) return;
    this.#settle("working");
    this.#show();
    const { signal } = this.#work;
    Promise.all(work).then(
      () => setTimeout(() => signal.aborted || this.#settled("none"), PATIENCE),
      () => signal.aborted || this.#settled("failed"),
    );
  }

  #settled(ending: Ending): void {
    this.#settle(ending);
    this.#show();
  }

  /** How far it has come, and that whatever comes of an earlier wish is of no interest any more. */
  #settle(ending: Ending): void {
    this.#work.abort();
    this.#work = new AbortController();
    this.#ending = ending;
  }
}

/** After these a lost connection may be back in a moment. */
const STEADY: readonly Freshness[] = ["live", "polling"];

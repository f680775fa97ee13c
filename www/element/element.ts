// `<hookswitch-status>`: follows a status ticket, and shows the status to a person.

import { follow, type Follower, type FollowerState } from "../client/index.ts";
import type { Status } from "./core.ts";
import { tell } from "./events.ts";
import { languageOf } from "./language.ts";
import { picture, type Freshness, type Picture } from "./picture.ts";
import { TicketHost } from "./ticket-host.ts";
import { View, type Ending } from "./view.ts";

/** A connection that is lost for less is not worth a word. */
const BLINK = 1_500;
/**
 * The time in which the status has to change after the person asked to disconnect, unless the page
 * reports the result.
 */
const PATIENCE = 15_000;

const PROPERTIES = [
  "ticket",
  "server",
  "label",
  "disconnectable",
  "reconnectable",
  "compact",
  "renew",
];

// On a server that renders pages there are no elements, but the module still loads.
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

export class HookswitchStatus extends Base {
  static readonly observedAttributes: readonly string[] = [
    "ticket",
    "server",
    "lang",
    "label",
    "disconnectable",
    "reconnectable",
    "compact",
  ];

  readonly #view: View;
  readonly #host: TicketHost<Status, Follower>;
  /** There are none in the DOM of some test environments. */
  readonly #internals: ElementInternals | undefined;
  /** Until when a lost connection is not shown, and the words that are shown meanwhile. */
  #blink = 0;
  #fresh: Pick<Picture, "freshness" | "fresh"> | undefined;
  /** The id and the status of the last change event. */
  #told: { id: string; status: Status["status"] } | undefined;
  #ending: Ending = "none";
  #next: ReturnType<typeof setTimeout> | undefined;
  #work = new AbortController();

  constructor() {
    super();
    this.#internals = this.attachInternals?.();
    this.#view = new View(this.attachShadow({ mode: "open" }), {
      end: () => this.#end(),
      reconnect: () => this.#reconnect(),
    });
    this.#host = new TicketHost(this, {
      following: { follow, event: "status" },
      properties: PROPERTIES,
      show: this.#show,
      id: () => this.status?.id,
    });
  }

  /**
   * The status ticket, `hst_…`. It may be an attribute as well; a property is in no markup, and is not written into any.
   * Another secret than a ticket is refused: it is not sent anywhere, and cannot be read here.
   */
  get ticket(): string {
    return this.#host.ticket;
  }
  set ticket(ticket: string | null | undefined) {
    this.#host.ticket = ticket;
  }

  /** The address of the deployment; if empty, the page's own. */
  get server(): string {
    return this.getAttribute("server") ?? "";
  }
  set server(server: string | URL | null | undefined) {
    this.#host.reflect("server", server);
  }

  /**
   * The name that the person knows, `Acme CRM`; without it, the id of the app or the kind of token.
   */
  get label(): string {
    return this.getAttribute("label") ?? "";
  }
  set label(label: string | null | undefined) {
    this.#host.reflect("label", label);
  }

  /** Whether there is a button to end it with. */
  get disconnectable(): boolean {
    return this.hasAttribute("disconnectable");
  }
  set disconnectable(isSo: boolean) {
    this.toggleAttribute("disconnectable", Boolean(isSo));
  }

  /** Whether there is a button to reconnect with, while the provider rejects the connection. */
  get reconnectable(): boolean {
    return this.hasAttribute("reconnectable");
  }
  set reconnectable(isSo: boolean) {
    this.toggleAttribute("reconnectable", Boolean(isSo));
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
    return this.#host.renew;
  }
  set renew(renew: (() => Promise<string | undefined>) | null | undefined) {
    this.#host.renew = renew ?? undefined;
  }

  /** The last status that the server sent; undefined before the first. */
  get status(): Status | undefined {
    return this.#host.source.reading;
  }

  /** How the status is followed. */
  get state(): FollowerState {
    return this.#host.source.state;
  }

  /** Whether what is shown may be out of date. */
  get stale(): boolean {
    return this.#host.source.stale;
  }

  connectedCallback(): void {
    this.#host.connected();
  }

  disconnectedCallback(): void {
    clearTimeout(this.#next);
    this.#settle("none");
    this.#host.disconnected();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    this.#host.attributeChanged(name, before, after);
  }

  readonly #show = (): void => {
    if (this.#host.isIdle) return;
    const { source } = this.#host;
    const { reading: status, lack, state, stale, asOf } = source;
    const now = source.now();
    const language = languageOf(this);
    const seen = picture({ language, label: this.label, status, lack, state, stale, asOf, now });
    const blink = this.#steady(seen);
    const changed = this.#changed(seen);
    if (changed) this.#settle("none");
    this.#view.show(seen, this.disconnectable, this.#ending, this.reconnectable);
    this.#mark(seen, stale);
    this.#showAgain(Math.min(seen.next ?? Infinity, blink));
    this.#host.checkLang();
    changed?.();
  };

  /**
   * Keeps the words for a connection that is lost for a moment. Returns for how long, in
   * milliseconds.
   */
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

  /** A function that dispatches the change event; undefined if the status is the same. */
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

  /** The person wants to connect anew. The page does that. */
  #reconnect(): void {
    const { status } = this;
    if (status?.subject !== "connection") return;
    tell(this, "hookswitch-reconnect", { id: status.id, app_id: status.app_id });
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

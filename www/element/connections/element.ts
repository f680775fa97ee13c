// `<hookswitch-connections>`: follows a ticket for a user, and shows the user's connections to that user.

import {
  followConnections,
  type ConnectionsFollower,
  type ShownConnection,
  type ShownConnections,
} from "../../client/connections.ts";
import type { FollowerState } from "../../client/index.ts";
import { tell } from "../events.ts";
import { languageOf } from "../language.ts";
import { fill } from "../texts.ts";
import { TicketHost, type Renew } from "../ticket-host.ts";
import { listPicture, type ListPicture } from "./picture.ts";
import { LIST_TEXTS } from "./texts.ts";
import { ListView } from "./view.ts";

/** After so long a list that is out of date is said to be; a lost connection is often back in a moment. */
const BLINK = 1_500;

const PROPERTIES = ["ticket", "server", "label", "reconnectable", "renew"];

// Where there are no elements, as on a server that renders pages, the module can still be loaded.
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

export class HookswitchConnections extends Base {
  static readonly observedAttributes: readonly string[] = [
    "ticket",
    "server",
    "lang",
    "label",
    "reconnectable",
  ];

  readonly #view: ListView;
  readonly #host: TicketHost<ShownConnections, ConnectionsFollower>;
  readonly #endings = new Map<string, "working" | "failed">();
  /** What the page was told last. */
  #told: readonly ShownConnection[] | undefined;
  /** Since when the list is out of date, and what is said meanwhile. */
  #blink = 0;
  #fresh: Pick<ListPicture, "freshness" | "fresh"> | undefined;
  #next: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.#view = new ListView(this.attachShadow({ mode: "open" }), {
      end: (id) => void this.#end(id),
      reconnect: (id) => this.#reconnect(id),
    });
    this.#host = new TicketHost(this, {
      following: { follow: followConnections, event: "connections" },
      properties: PROPERTIES,
      show: this.#show,
      id: () => undefined,
    });
  }

  /**
   * The ticket for a user, `hst_…`. It may be an attribute as well; a property is in no markup, and is not written into any.
   * Another secret than a ticket is refused: it is not sent anywhere, and cannot be read here.
   */
  get ticket(): string {
    return this.#host.ticket;
  }
  set ticket(ticket: string | null | undefined) {
    this.#host.ticket = ticket;
  }

  /** The deployment's address; empty, where it is the one that the page came from. */
  get server(): string {
    return this.getAttribute("server") ?? "";
  }
  set server(server: string | URL | null | undefined) {
    this.#host.reflect("server", server);
  }

  /** The name of the list for those who do not see it; without it, `Connected apps` in the person's language. */
  get label(): string {
    return this.getAttribute("label") ?? "";
  }
  set label(label: string | null | undefined) {
    this.#host.reflect("label", label);
  }

  /** Whether there is a button to reconnect with, beside a connection that its provider rejects. */
  get reconnectable(): boolean {
    return this.hasAttribute("reconnectable");
  }
  set reconnectable(isSo: boolean) {
    this.toggleAttribute("reconnectable", Boolean(isSo));
  }

  /** Gets another ticket when this one has ended, so that the element goes on without a word. */
  get renew(): Renew | undefined {
    return this.#host.renew;
  }
  set renew(renew: Renew | null | undefined) {
    this.#host.renew = renew ?? undefined;
  }

  /** The connections that the server returned last; undefined, where it has not returned any yet. */
  get connections(): readonly ShownConnection[] | undefined {
    return this.#host.source.reading?.connections;
  }

  /** How the connections are followed. */
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
    this.#endings.clear();
    this.#host.disconnected();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    this.#host.attributeChanged(name, before, after);
  }

  readonly #show = (): void => {
    if (this.#host.isIdle) return;
    const { source } = this.#host;
    const { reading, lack, state, stale, asOf } = source;
    const seen = listPicture({
      language: languageOf(this),
      label: this.label,
      reading,
      app: (id) => source.follower?.app(id),
      lack,
      state,
      stale,
      asOf,
      now: source.now(),
      reconnectable: this.reconnectable,
    });
    const again = this.#steady(seen);
    this.#view.show(seen, this.#endings);
    clearTimeout(this.#next);
    if (again > 0) this.#next = setTimeout(this.#show, again);
    this.#host.checkLang();
    if (reading !== undefined && reading.connections !== this.#told) {
      this.#told = reading.connections;
      tell(this, "hookswitch-connections", { connections: reading.connections });
    }
  };

  /** Keeps what was said of a connection that is gone for a moment. Returns for how long, in milliseconds. */
  #steady(seen: ListPicture): number {
    if (seen.freshness === "connecting" && this.#fresh?.freshness === "live") {
      this.#blink ||= performance.now() + BLINK;
      const left = this.#blink - performance.now();
      if (left > 0) {
        Object.assign(seen, this.#fresh);
        return left;
      }
    }
    this.#blink = 0;
    this.#fresh = { freshness: seen.freshness, fresh: seen.fresh };
    return 0;
  }

  /** The person wants a connection to end. The page may do that itself; else the ticket does. */
  async #end(id: string): Promise<void> {
    const work: Promise<unknown>[] = [];
    const waitUntil = (promise: Promise<unknown>): void => void work.push(promise);
    const detail = { subject: "connection", id, waitUntil } as const;
    if (!tell(this, "hookswitch-disconnect", detail, true)) return;
    const { follower } = this.#host.source;
    const name = this.#nameOf(id);
    this.#endings.set(id, "working");
    this.#show();
    try {
      await (work.length > 0 ? Promise.all(work) : follower?.revoke(id));
      this.#endings.delete(id);
      this.#view.announce(fill(LIST_TEXTS[languageOf(this).locale].ended, name));
    } catch {
      this.#endings.set(id, "failed");
    }
    this.#show();
  }

  /** The person wants to connect anew. The page does that. */
  #reconnect(id: string): void {
    const connection = this.connections?.find((one) => one.id === id);
    if (connection) tell(this, "hookswitch-reconnect", { id, app_id: connection.app_id });
  }

  #nameOf(id: string): string {
    const app_id = this.connections?.find((one) => one.id === id)?.app_id ?? "";
    return this.#host.source.follower?.app(app_id)?.name ?? app_id;
  }
}

// A connection's status as its user sees it, by the package's own element, which follows it through a ticket.

import { html, nothing, type TemplateResult } from "lit";

import { ticketFor } from "./calls.ts";
import type { Connection } from "./types.ts";
import { View } from "./view.ts";

/** Served beside the pages, and not a part of this program. */
const ELEMENT = "/hookswitch/element.js";

class LiveStatus extends View {
  static override properties = { connection: { attribute: false }, ticket: { state: true } };
  declare connection: Connection;
  declare ticket: string | undefined;

  constructor() {
    super();
    this.ticket = undefined;
  }

  protected override firstUpdated(): void {
    void this.#begin();
  }

  override render(): TemplateResult | typeof nothing {
    if (this.ticket === undefined) return nothing;
    return html`<p class="small muted">What its user is shown</p>
      <hookswitch-status
        .ticket=${this.ticket}
        .renew=${() => this.#ticket()}
        label=${this.connection.app_id}
        lang="en-GB"
        @hookswitch-change=${(event: CustomEvent<{ status: string }>) => this.#moved(event)}
      ></hookswitch-status>`;
  }

  async #begin(): Promise<void> {
    try {
      await import(ELEMENT);
      this.ticket = await this.#ticket();
    } catch {
      // The page says as much in the API's word, and reads it again by itself.
    }
  }

  async #ticket(): Promise<string> {
    return (await ticketFor(this.connection.id)).ticket;
  }

  /** The element hears of a change before the page does. */
  #moved({ detail }: CustomEvent<{ status: string }>): void {
    if (detail.status === this.connection.status) return;
    this.dispatchEvent(new Event("moved", { bubbles: true }));
  }
}

customElements.define("hs-live-status", LiveStatus);

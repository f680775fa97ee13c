// A connection's status by the package's own element, which follows it through a ticket; by a plain word where there
// is neither ticket nor element.

import { html, type TemplateResult } from "lit";

import { badge } from "./badge.ts";
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

  override render(): TemplateResult {
    const { status, app_id } = this.connection;
    if (this.ticket === undefined) return badge(status);
    return html`<hookswitch-status
      .ticket=${this.ticket}
      .renew=${() => this.#ticket()}
      label=${app_id}
      lang="en"
      @hookswitch-change=${(event: CustomEvent<{ status: string }>) => this.#moved(event)}
    ></hookswitch-status>`;
  }

  async #begin(): Promise<void> {
    try {
      await import(ELEMENT);
      this.ticket = await this.#ticket();
    } catch {
      // The word says as much, and the page reads it again by itself.
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

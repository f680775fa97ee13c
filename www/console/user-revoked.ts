// The result of "Revoke everything": the numbers of the answer, its event, and the revocations at providers in progress.

import { html, nothing, type TemplateResult } from "lit";

import { idText } from "./copy.ts";
import { button } from "./head.ts";
import { icon } from "./icons.ts";
import { Pulse } from "./pulse.ts";
import { countRevoking, eventOf } from "./revocation-outcome.ts";
import { to } from "./router.ts";
import { clockTime } from "./times.ts";
import type { AuditEvent, UserRevoked } from "./types.ts";
import { View } from "./view.ts";
import { countWords, number } from "./words.ts";

/** The event is written with the revocation, so that the first look usually finds it. */
const SOON_MS = 500;

class UserRevokedPanel extends View {
  static override properties = { userId: { attribute: false }, revoked: { attribute: false } };
  declare userId: string;
  declare revoked: UserRevoked;
  #event: AuditEvent | undefined;
  #revoking = 0;
  readonly #pulse = new Pulse(
    this,
    (signal) => this.#look(signal),
    () => this.requestUpdate(),
    SOON_MS,
  );

  override connectedCallback(): void {
    super.connectedCallback();
    this.#pulse.start();
  }

  override render(): TemplateResult {
    const { total, revoked, before } = this.revoked;
    return html`<section class="panel revoked-all" aria-labelledby="revoked-title">
      <header class="bar">
        <h2 id="revoked-title" tabindex="-1">Revoked</h2>
        ${button("Close", () => this.dispatchEvent(new Event("done")), { kind: "small" })}
      </header>
      <div class="stack">
        <p>
          ${icon("check")} ${number(total)} revoked in one write at ${clockTime(new Date(before))}.
          No check returns <em>valid</em> for any of them.
        </p>
        <ul class="counts" data-revoked>
          ${countWords(revoked).map(
            ({ count, words }) => html`<li><strong>${number(count)}</strong> ${words}</li>`,
          )}
        </ul>
        ${this.#recorded()} ${this.#upstream()}
      </div>
    </section>`;
  }

  #recorded(): TemplateResult {
    const events = to.user(this.userId, "events");
    if (this.#event !== undefined) {
      const { id, type } = this.#event;
      return html`<p data-event>
        ${icon("clock")} Recorded as one event, <a href=${events}><code>${type}</code></a>
        ${idText(id)}
      </p>`;
    }
    return this.#pulse.state === "failing"
      ? html`<p class="wrong" data-event>
          The event cannot be read at the moment. The console tries again.
        </p>`
      : html`<p class="muted" data-event>${icon("spin")} Reading the event…</p>`;
  }

  #upstream(): unknown {
    const count = this.#revoking;
    if (count === 0) return nothing;
    return html`<p data-revoking>
      ${icon("spin")} ${number(count)} ${count === 1 ? "connection is" : "connections are"} revoked
      here and not yet at the provider:
      <a href=${to.user(this.userId, "connections")}>show connections</a>.
    </p>`;
  }

  async #look(signal: AbortSignal): Promise<string> {
    this.#event ??= await eventOf(this.revoked, signal);
    this.requestUpdate();
    this.#revoking = await countRevoking(this.userId, signal);
    this.requestUpdate();
    return `${this.#event?.id} ${this.#revoking}`;
  }
}

customElements.define("hs-user-revoked", UserRevokedPanel);

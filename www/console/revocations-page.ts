// What could not be revoked at its provider: alive there, until somebody retries or leaves it at that.

import { html, type TemplateResult } from "lit";

import { badge } from "./badge.ts";
import { listRevocations } from "./calls.ts";
import { idText } from "./copy.ts";
import { button, liveness, pageHead, section } from "./head.ts";
import { listing } from "./list.ts";
import { Pager } from "./pager.ts";
import { Pulse } from "./pulse.ts";
import { dismiss, retry } from "./revocation-actions.ts";
import { to } from "./router.ts";
import { empty } from "./states.ts";
import type { Column } from "./table.ts";
import { Clock, ago } from "./times.ts";
import type { Revocation } from "./types.ts";
import { View } from "./view.ts";

class RevocationsPage extends View {
  readonly #all = new Pager<Revocation>(this, (page, signal) => listRevocations(page, signal));
  readonly #pulse = new Pulse(
    this,
    async (signal) => {
      const { items } = await listRevocations({ limit: "25" }, signal);
      return items.map(({ id, changed_at }) => `${id} ${changed_at}`).join();
    },
    () => void this.#all.refresh(),
  );

  constructor() {
    super();
    new Clock(this);
  }

  protected override firstUpdated(): void {
    void this.#all.load();
    this.#pulse.start();
  }

  override render(): TemplateResult {
    const body = listing(this.#all, {
      caption: "Abandoned revocations",
      columns: this.#columns(),
      keyOf: ({ id }) => id,
      none: () =>
        empty(
          "check",
          "No failed revocations",
          "A revocation that a provider did not confirm is listed here until you retry or dismiss it.",
        ),
    });
    return html`
      ${pageHead({
        title: "Failed revocations",
        beside: liveness(this.#pulse.state),
        about:
          "These connections are revoked here. Their credentials may still be valid at the provider, which did not confirm the revocation.",
      })}
      ${section("Abandoned", "", body)}
    `;
  }

  #columns(): Column<Revocation>[] {
    return [
      { label: "Revocation", kind: "title", cell: ({ id }) => idText(id) },
      { label: "State", cell: ({ state }) => badge(state) },
      {
        label: "Credential",
        cell: ({ token_type, provider }) =>
          html`${token_type.replace("_", " ")}
          ${provider === null ? "" : html`at <a href=${to.provider(provider)}>${provider}</a>`}`,
      },
      {
        label: "Connection",
        cell: ({ user_id, app_id, connection_id }) =>
          html`<a href=${to.user(user_id)}><code>${user_id}</code></a> ·
            <a href=${to.connection(connection_id)}>${app_id}</a>`,
      },
      {
        label: "Last error",
        cell: ({ error, attempts }) =>
          html`${error ?? "—"}
            <span class="muted"
              >after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}</span
            >`,
      },
      { label: "Since", cell: ({ changed_at }) => ago(changed_at) },
      {
        label: "Actions",
        kind: "actions",
        cell: ({ id }) =>
          html`${button("Retry", () => this.#act(retry(id)), { kind: "small", of: id })}
          ${button("Dismiss", () => this.#act(dismiss(id)), { kind: "small", of: id })}`,
      },
    ];
  }

  #act(done: Promise<boolean>): void {
    void done.then((was) => {
      if (!was) return;
      void this.#all.refresh();
      this.#pulse.poke();
    });
  }
}

customElements.define("hs-revocations", RevocationsPage);

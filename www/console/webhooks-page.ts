// The endpoints that are told what happens.

import { html, type TemplateResult } from "lit";

import { badge } from "./badge.ts";
import { listWebhooks } from "./calls.ts";
import { button, pageHead, section } from "./head.ts";
import { Loader } from "./loader.ts";
import { go, to } from "./router.ts";
import { empty, shown } from "./states.ts";
import { table, type Column } from "./table.ts";
import { Clock, ago } from "./times.ts";
import type { Webhook } from "./types.ts";
import { View } from "./view.ts";
import { editWebhook } from "./webhook-form.ts";

const COLUMNS: Column<Webhook>[] = [
  {
    label: "Endpoint",
    kind: "title",
    cell: ({ name }) => html`<a href=${to.webhook(name)}><code>${name}</code></a>`,
  },
  { label: "Status", cell: ({ disabled }) => badge(disabled ? "disabled" : "enabled") },
  { label: "URL", cell: ({ url }) => html`<code>${url}</code>` },
  {
    label: "Events",
    cell: ({ events }) =>
      events.length === 0 ? "all" : `${events.length} ${events.length === 1 ? "type" : "types"}`,
  },
  { label: "Changed", cell: ({ updated_at }) => ago(updated_at) },
];

class WebhooksPage extends View {
  readonly #all = new Loader<Webhook[]>(this, async (signal) => (await listWebhooks(signal)).items);

  constructor() {
    super();
    new Clock(this);
  }

  protected override firstUpdated(): void {
    void this.#all.load();
  }

  override render(): TemplateResult {
    const body = shown(this.#all, (all) =>
      all.length === 0
        ? empty(
            "webhooks",
            "No endpoints yet",
            "An endpoint receives signed events, each at least once.",
          )
        : table("Endpoints", COLUMNS, all, ({ name }) => name),
    );
    return html`
      ${pageHead({
        title: "Webhooks",
        about: "Your endpoints that receive events, signed as in Standard Webhooks.",
        actions: button("New endpoint", () => void this.#create(), { drawing: "plus" }),
      })}
      ${section("Endpoints", "", body)}
    `;
  }

  async #create(): Promise<void> {
    const made = await editWebhook();
    if (made !== undefined) go(to.webhook(made.name));
  }
}

customElements.define("hs-webhooks", WebhooksPage);

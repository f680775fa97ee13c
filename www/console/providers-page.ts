// The providers, those that ship and those that were put here.

import { html, type TemplateResult } from "lit";

import { listProviders } from "./calls.ts";
import { button, pageHead, section } from "./head.ts";
import { Loader } from "./loader.ts";
import { editProvider } from "./provider-form.ts";
import { go, to } from "./router.ts";
import { empty, shown } from "./states.ts";
import { table, type Column } from "./table.ts";
import type { Provider } from "./types.ts";
import { View } from "./view.ts";

const COLUMNS: Column<Provider>[] = [
  {
    label: "Provider",
    kind: "title",
    cell: ({ slug, name }) =>
      html`<a href=${to.provider(slug)}>${name}</a> <code class="muted">${slug}</code>`,
  },
  { label: "Source", cell: ({ source }) => (source === "shipped" ? "catalogue" : "configured") },
  {
    label: "Revokes",
    cell: ({ revocation }) =>
      revocation === null
        ? html`<span class="muted">not possible</span>`
        : revocation.tokens.map((type) => type.replace("_token", "")).join(", "),
  },
  { label: "Client", cell: client },
];

function client({ revocation, client_id }: Provider): unknown {
  if (client_id !== null) return html`<code>${client_id}</code>`;
  if (revocation === null) return html`<span class="muted">—</span>`;
  const isNeeded = revocation.auth === "basic" || revocation.auth === "post";
  return html`<span class="muted">${isNeeded ? "missing" : "not needed"}</span>`;
}

class ProvidersPage extends View {
  readonly #all = new Loader<Provider[]>(
    this,
    async (signal) => (await listProviders(signal)).items,
  );

  protected override firstUpdated(): void {
    void this.#all.load();
  }

  override render(): TemplateResult {
    return html`
      ${pageHead({
        title: "Providers",
        about: "Third parties whose credentials connections store, and the call that revokes them.",
        actions: button("New provider", () => void this.#create(), { drawing: "plus" }),
      })}
      ${section(
        "All providers",
        "",
        shown(this.#all, (all) => this.#shown(all)),
      )}
    `;
  }

  #shown(all: Provider[]): TemplateResult {
    if (all.length === 0) return empty("providers", "No providers", "Create one.");
    // What was put here comes first.
    const sorted = all.toSorted(
      (one, other) => Number(other.source === "operator") - Number(one.source === "operator"),
    );
    return table("Providers", COLUMNS, sorted, ({ slug }) => slug);
  }

  async #create(): Promise<void> {
    const made = await editProvider();
    if (made !== undefined) go(to.provider(made.slug));
  }
}

customElements.define("hs-providers", ProvidersPage);

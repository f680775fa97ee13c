// The API keys of a user.

import { html, type TemplateResult } from "lit";

import { badge } from "./badge.ts";
import { listTokens } from "./calls.ts";
import { idText } from "./copy.ts";
import { button, section } from "./head.ts";
import { filter, listing } from "./list.ts";
import { Pager } from "./pager.ts";
import { to } from "./router.ts";
import { empty } from "./states.ts";
import type { Column } from "./table.ts";
import { ago } from "./times.ts";
import { createKeyFor, endOf, isRevocable, revokeOne } from "./token-actions.ts";
import type { Token } from "./types.ts";
import { UserList } from "./user-list.ts";

const STATUSES = ["valid", "revoked", "expired"] as const;

class UserKeys extends UserList<Token> {
  protected override readonly pager = new Pager<Token>(this, (page, signal) =>
    listTokens(this.userId, { ...page, ...this.narrowed("status"), kind: "api_key" }, signal),
  );

  override render(): TemplateResult {
    const tools = html`
      ${filter("Status", STATUSES, this.chosen, (chosen) => this.narrow(chosen))}
      ${button("New API key", () => void this.#create(), { kind: "primary", drawing: "plus" })}
    `;
    const body = listing(this.pager, {
      caption: "API keys",
      columns: this.#columns(),
      keyOf: ({ token_id }) => token_id,
      none: () =>
        empty(
          "key",
          this.chosen === "" ? "No API keys yet" : `No key is ${this.chosen}`,
          `An API key acts as ${this.userId}, with the current role of this user.`,
        ),
    });
    return section("API keys", tools, body);
  }

  #columns(): Column<Token>[] {
    return [
      {
        label: "Label",
        kind: "title",
        cell: ({ label }) => label ?? html`<span class="muted">no label</span>`,
      },
      { label: "Status", cell: ({ status }) => badge(status) },
      { label: "Id", cell: ({ token_id }) => idText(token_id, to.token(token_id)) },
      { label: "Created", cell: ({ created_at }) => ago(created_at) },
      { label: "By", cell: ({ created_by }) => html`<code>${created_by}</code>` },
      { label: "Ends", cell: (key) => ago(endOf(key), "never") },
      {
        label: "Actions",
        kind: "actions",
        cell: (key) =>
          isRevocable(key)
            ? html`<button
                class="button small danger-quiet"
                type="button"
                aria-label="Revoke the key ${key.label ?? key.token_id}"
                @click=${() => void this.#revoke(key)}
              >
                Revoke
              </button>`
            : "",
      },
    ];
  }

  async #create(): Promise<void> {
    if (await createKeyFor(this.userId)) this.acted();
  }

  async #revoke(key: Token): Promise<void> {
    if (await revokeOne(key)) this.acted();
  }
}

customElements.define("hs-user-keys", UserKeys);

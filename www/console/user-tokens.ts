// The tokens of a user: minted here, listed, revoked.

import { html, type TemplateResult } from "lit";

import { badge, scopes } from "./badge.ts";
import { listTokens } from "./calls.ts";
import { idText } from "./copy.ts";
import { button, section } from "./head.ts";
import { filter, listing } from "./list.ts";
import { Pager } from "./pager.ts";
import { to } from "./router.ts";
import { empty } from "./states.ts";
import type { Column } from "./table.ts";
import { ago } from "./times.ts";
import { endOf, isRevocable, mintFor, revokeOne } from "./token-actions.ts";
import type { Token } from "./types.ts";
import { UserList } from "./user-list.ts";
import { kindName } from "./words.ts";

const STATUSES = ["valid", "inactive", "consumed", "revoked", "expired"] as const;

class UserTokens extends UserList<Token> {
  // Keys have a list of their own.
  protected override readonly pager = new Pager<Token>(
    this,
    (page, signal) => listTokens(this.userId, { ...page, ...this.narrowed("status") }, signal),
    ({ kind }) => kind !== "api_key",
  );

  override render(): TemplateResult {
    const tools = html`
      ${filter("Status", STATUSES, this.chosen, (chosen) => this.narrow(chosen))}
      ${button("Create token", () => void this.#mint(), { kind: "primary", drawing: "plus" })}
    `;
    const body = listing(this.pager, {
      caption: "Tokens",
      columns: tokenColumns((token) => void this.#revoke(token)),
      keyOf: ({ token_id }) => token_id,
      none: () =>
        empty(
          "token",
          this.chosen === "" ? "No tokens yet" : `No token is ${this.chosen}`,
          "Connection tokens are created here or with the API. Tokens of an app belong to its connection.",
        ),
    });
    return section("Tokens", tools, body);
  }

  async #mint(): Promise<void> {
    if (await mintFor(this.userId)) this.acted();
  }

  async #revoke(token: Token): Promise<void> {
    if (await revokeOne(token)) this.acted();
  }
}

/** How a list shows tokens. */
export function tokenColumns(revoke: (token: Token) => void): Column<Token>[] {
  return [
    { label: "Token", kind: "title", cell: ({ token_id }) => idText(token_id, to.token(token_id)) },
    { label: "Status", cell: ({ status }) => badge(status) },
    { label: "Kind", cell: ({ kind, label }) => html`${kindName(kind)} ${quiet(label)}` },
    {
      label: "App",
      cell: ({ app_id, scope }) =>
        app_id === null
          ? html`<span class="muted">—</span>`
          : html`<code>${app_id}</code> ${scope === null ? "" : scopes(scope)}`,
    },
    { label: "Created", cell: ({ created_at }) => ago(created_at) },
    { label: "Ends", cell: (token) => ago(endOf(token), "never") },
    {
      label: "Actions",
      kind: "actions",
      cell: (token) =>
        isRevocable(token)
          ? html`<button
              class="button small danger-quiet"
              type="button"
              aria-label="Revoke ${token.token_id}"
              @click=${() => revoke(token)}
            >
              Revoke
            </button>`
          : "",
    },
  ];
}

function quiet(label: string | null): unknown {
  return label === null ? "" : html`<span class="muted">${label}</span>`;
}

customElements.define("hs-user-tokens", UserTokens);

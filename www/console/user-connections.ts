// The connections of a user to apps.

import { html, type TemplateResult } from "lit";

import { badge, scopes } from "./badge.ts";
import { listConnections } from "./calls.ts";
import { connectFor } from "./connection-actions.ts";
import { idText } from "./copy.ts";
import { button, section } from "./head.ts";
import { filter, listing } from "./list.ts";
import { Pager } from "./pager.ts";
import { to } from "./router.ts";
import { empty } from "./states.ts";
import type { Column } from "./table.ts";
import { ago } from "./times.ts";
import type { Connection } from "./types.ts";
import { UserList } from "./user-list.ts";

const STATUSES = ["initiated", "active", "inactive", "revoking", "revoked", "expired"] as const;

const COLUMNS: Column<Connection>[] = [
  {
    label: "App",
    kind: "title",
    cell: ({ id, app_id }) => html`<a href=${to.connection(id)}><code>${app_id}</code></a>`,
  },
  { label: "Status", cell: ({ status }) => badge(status) },
  { label: "Connection", cell: ({ id }) => idText(id, to.connection(id)) },
  { label: "Scope", cell: ({ scope }) => scopes(scope) },
  { label: "Created", cell: ({ created_at }) => ago(created_at) },
  { label: "Since", cell: ({ changed_at }) => ago(changed_at) },
];

class UserConnections extends UserList<Connection> {
  protected override readonly pager = new Pager<Connection>(this, (page, signal) =>
    listConnections(this.userId, { ...page, ...this.narrowed("status") }, signal),
  );

  override render(): TemplateResult {
    const tools = html`
      ${filter("Status", STATUSES, this.chosen, (chosen) => this.narrow(chosen))}
      ${button("Connect an app", () => void this.#connect(), { drawing: "plus" })}
    `;
    const body = listing(this.pager, {
      caption: "Connections",
      columns: COLUMNS,
      keyOf: ({ id }) => id,
      none: () =>
        empty(
          "link",
          this.chosen === "" ? "No connections yet" : `No connection is ${this.chosen}`,
          "A connection starts when a token for an app is created, or when you connect an app here.",
        ),
    });
    return section("Connections", tools, body);
  }

  async #connect(): Promise<void> {
    if (await connectFor(this.userId)) this.acted();
  }
}

customElements.define("hs-user-connections", UserConnections);

// What a connection holds of its provider's, and what became of it there.

import { html, nothing, type TemplateResult } from "lit";

import { badge } from "./badge.ts";
import { button, section } from "./head.ts";
import { dismiss, retry } from "./revocation-actions.ts";
import { to } from "./router.ts";
import { session } from "./session.ts";
import { table, type Column } from "./table.ts";
import { ago } from "./times.ts";
import type { Connection, Credential } from "./types.ts";

/** The section, where the connection ever held anything. */
export function upstreamPart({ upstream, app_id }: Connection, acted: () => void): unknown {
  if (upstream === null) return nothing;
  const { provider, credentials } = upstream;
  const name = session.isOperator
    ? html`<a href=${to.provider(provider)}><code>${provider}</code></a>`
    : html`<code>${provider}</code>`;
  const body = html`
    <p class="pad muted">
      Stored encrypted and never shown. If the connection is revoked, these credentials are revoked
      at ${name}.
    </p>
    ${table(
      `Credentials of ${app_id}`,
      columns(acted),
      credentials,
      ({ token_type }) => token_type,
    )}
  `;
  return section("Credentials of the provider", nothing, body);
}

function columns(acted: () => void): Column<Credential>[] {
  return [
    {
      label: "Credential",
      kind: "title",
      cell: ({ token_type }) => token_type.replace("_", " "),
    },
    { label: "State", cell: ({ state }) => badge(state) },
    { label: "Attempts", cell: ({ attempts }) => `${attempts}` },
    { label: "Next attempt", cell: ({ next_attempt_at }) => ago(next_attempt_at) },
    { label: "Last error", cell: ({ error }) => error ?? html`<span class="muted">—</span>` },
    { label: "Since", cell: ({ changed_at }) => ago(changed_at) },
    {
      label: "Actions",
      kind: "actions",
      cell: (credential) => (session.isOperator ? remainder(credential, acted) : ""),
    },
  ];
}

function remainder({ state, revocation_id, token_type }: Credential, acted: () => void): unknown {
  if (revocation_id === null) return "";
  const of = token_type.replace("_", " ");
  const then = (done: Promise<boolean>): void => void done.then((was) => was && acted());
  const leave = (): TemplateResult =>
    button("Dismiss", () => then(dismiss(revocation_id)), { kind: "small", of });
  if (state === "revoking") return leave();
  if (state !== "abandoned") return "";
  return html`${button("Retry", () => then(retry(revocation_id)), { kind: "small", of })} ${leave()}`;
}

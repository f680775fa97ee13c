// One token, or key: the verdict on it.

import { html, nothing, type TemplateResult } from "lit";

import { badge, scopes } from "./badge.ts";
import { readToken } from "./calls.ts";
import { idText, shortened } from "./copy.ts";
import { button, liveness, pageHead } from "./head.ts";
import { Loader } from "./loader.ts";
import { Pulse } from "./pulse.ts";
import { to } from "./router.ts";
import { shown } from "./states.ts";
import { facts } from "./table.ts";
import { Clock, exactly } from "./times.ts";
import { isRevocable, revokeOne } from "./token-actions.ts";
import type { Token } from "./types.ts";
import { View } from "./view.ts";
import { kindName } from "./words.ts";

class TokenPage extends View {
  static override properties = { tokenId: { attribute: false } };
  declare tokenId: string;
  readonly #token = new Loader<Token>(this, (signal) => readToken(this.tokenId, signal));
  readonly #pulse = new Pulse(
    this,
    async (signal) => (await readToken(this.tokenId, signal)).status,
    () => void this.#token.refresh(),
  );

  constructor() {
    super();
    new Clock(this);
  }

  protected override firstUpdated(): void {
    void this.#token.load().then(() => this.#token.value && this.#pulse.start());
  }

  override render(): TemplateResult {
    const token = this.#token.value;
    return html`
      ${pageHead({
        crumbs: [
          ["Users", to.users],
          ...(token === undefined
            ? []
            : ([[token.user_id, to.user(token.user_id, tabOf(token))]] as [string, string][])),
        ],
        title: token === undefined ? shortened(this.tokenId) : kindName(token.kind),
        beside:
          token === undefined
            ? nothing
            : html`${badge(token.status)} ${liveness(this.#pulse.state)}`,
        actions:
          token === undefined || !isRevocable(token)
            ? nothing
            : button("Revoke", () => void this.#revoke(token), {
                kind: "danger-quiet",
                drawing: "ban",
              }),
      })}
      <div class="panel">${shown(this.#token, about)}</div>
    `;
  }

  async #revoke(token: Token): Promise<void> {
    if (!(await revokeOne(token))) return;
    await this.#token.refresh();
    this.#pulse.poke();
  }
}

const tabOf = ({ kind }: Token) => (kind === "api_key" ? "keys" : "tokens");

function about(token: Token): TemplateResult {
  const said = (name: string, value: string | null): [string, unknown][] =>
    value === null ? [] : [[name, value]];
  const when = (name: string, time: string | null): [string, unknown][] =>
    time === null ? [] : [[name, exactly(time)]];
  return facts([
    ["Token id", idText(token.token_id)],
    ["User", html`<a href=${to.user(token.user_id)}><code>${token.user_id}</code></a>`],
    ...said("Label", token.label),
    ...said("App", token.app_id),
    ...(token.connection_id === null
      ? []
      : ([["Connection", idText(token.connection_id, to.connection(token.connection_id))]] as [
          string,
          unknown,
        ][])),
    ...(token.scope === null ? [] : ([["Scope", scopes(token.scope)]] as [string, unknown][])),
    ...said("Redirect URI", token.redirect_uri),
    [
      "Created",
      html`${exactly(token.created_at)} <span class="muted">by</span>
        <code>${token.created_by}</code>`,
    ],
    ["Expires", exactly(token.expires_at, "never")],
    ...when("Consumed", token.consumed_at),
    ...when("Revoked", token.revoked_at),
    ...said("By", token.by),
    ...said("Reason", token.reason),
    ...(token.metadata === null
      ? []
      : ([
          ["Metadata", html`<pre tabindex="0">${JSON.stringify(token.metadata, null, 2)}</pre>`],
        ] as [string, unknown][])),
  ]);
}

customElements.define("hs-token", TokenPage);

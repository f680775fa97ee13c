// One connection: what it is now, what it may do, what it holds, what is under it.

import { html, nothing, type TemplateResult } from "lit";

import { badge, scopes } from "./badge.ts";
import { listEvents, listTokens, readConnection } from "./calls.ts";
import { change, issueUnder } from "./connection-actions.ts";
import { idText, shortened } from "./copy.ts";
import { button, liveness, pageHead, section } from "./head.ts";
import { listing } from "./list.ts";
import { Loader } from "./loader.ts";
import { Pager } from "./pager.ts";
import { Pulse } from "./pulse.ts";
import { to } from "./router.ts";
import { session } from "./session.ts";
import { empty, shown, skeleton } from "./states.ts";
import { facts } from "./table.ts";
import { Clock, exactly } from "./times.ts";
import { revokeOne } from "./token-actions.ts";
import type { Connection, Token } from "./types.ts";
import { upstreamPart } from "./upstream-part.ts";
import { tokenColumns } from "./user-tokens.ts";
import { View } from "./view.ts";
import "./live-status.ts";

class ConnectionPage extends View {
  static override properties = { connectionId: { attribute: false } };
  declare connectionId: string;
  readonly #connection = new Loader<Connection>(this, (signal) =>
    readConnection(this.connectionId, signal),
  );
  readonly #tokens = new Pager<Token>(
    this,
    (page, signal) => listTokens(this.#userId, page, signal),
    ({ connection_id }) => connection_id === this.connectionId,
  );
  readonly #pulse = new Pulse(
    this,
    (signal) => this.#look(signal),
    () => this.#changed(),
  );

  constructor() {
    super();
    new Clock(this);
  }

  get #userId(): string {
    return this.#connection.value?.user_id ?? "";
  }

  protected override firstUpdated(): void {
    void this.#load();
  }

  override render(): TemplateResult {
    const connection = this.#connection.value;
    return html`
      ${pageHead({
        crumbs: [
          ["Users", to.users],
          ...(connection === undefined
            ? []
            : ([[connection.user_id, to.user(connection.user_id)]] as [string, string][])),
        ],
        title: connection?.app_id ?? shortened(this.connectionId),
        mono: true,
        beside:
          connection === undefined
            ? nothing
            : html`${badge(connection.status)} ${liveness(this.#pulse.state)}`,
        actions: connection === undefined ? nothing : this.#actions(connection),
      })}
      <div class="page" @moved=${() => this.#changed()}>
        ${shown(
          this.#connection,
          (value) => this.#shown(value),
          () => html`<div class="panel">${skeleton(5)}</div>`,
        )}
      </div>
    `;
  }

  #actions({ id, status }: Connection): TemplateResult {
    const act = (done: Promise<boolean>): void => void done.then((was) => was && this.#acted());
    const isLive = status === "active" || status === "inactive";
    return html`
      ${
        status === "active"
          ? html`${button("Issue tokens", () => act(issueUnder(id)), { drawing: "plus" })}
            ${button("Disable", () => act(change(id, "disable")), { drawing: "pause" })}`
          : nothing
      }
      ${
        status === "inactive"
          ? button("Enable", () => act(change(id, "enable")), { drawing: "check" })
          : nothing
      }
      ${
        isLive || status === "initiated"
          ? button("Revoke", () => act(change(id, "revoke")), {
              kind: "danger-quiet",
              drawing: "ban",
            })
          : nothing
      }
    `;
  }

  #shown(connection: Connection): TemplateResult {
    return html`
      <section class="panel" aria-label="The connection">
        <hs-live-status .connection=${connection}></hs-live-status>
        ${about(connection)}
      </section>
      ${upstreamPart(connection, () => this.#acted())} ${this.#under()}
    `;
  }

  #under(): TemplateResult {
    const body = listing(this.#tokens, {
      caption: "Tokens under the connection",
      columns: tokenColumns((token) => void this.#revoke(token)),
      keyOf: ({ token_id }) => token_id,
      none: () => empty("token", "No tokens", "No token was issued under this connection."),
    });
    return section("Tokens", nothing, body);
  }

  async #revoke(token: Token): Promise<void> {
    if (await revokeOne(token)) this.#acted();
  }

  async #load(): Promise<void> {
    await this.#connection.load();
    if (this.#connection.value === undefined) return;
    this.#pulse.start();
    await this.#tokens.first();
  }

  #changed(): void {
    void this.#connection.refresh();
    if (this.#connection.value !== undefined) void this.#tokens.refresh();
  }

  #acted(): void {
    this.#changed();
    this.#pulse.poke();
  }

  /** Whatever happens is an event, but for the attempts to reach a provider: those only the connection tells. */
  async #look(signal: AbortSignal): Promise<string> {
    const { value } = this.#connection;
    if (value === undefined) return "";
    const [newest] = (await listEvents(value.user_id, { limit: "1" }, signal)).items;
    if (value.status !== "revoking") return newest?.id ?? "";
    const { upstream } = await readConnection(this.connectionId, signal);
    return `${newest?.id} ${JSON.stringify(upstream)}`;
  }
}

function about(connection: Connection): TemplateResult {
  const { id, user_id, app_id, scope, status, metadata } = connection;
  const pairs: [string, unknown][] = [
    ["Connection", idText(id)],
    ["User", html`<a href=${to.user(user_id)}><code>${user_id}</code></a>`],
    [
      "App",
      session.isOperator
        ? html`<a href=${to.app(app_id)}><code>${app_id}</code></a>`
        : html`<code>${app_id}</code>`,
    ],
    ["Scope", scopes(scope)],
    [
      "Created",
      html`${exactly(connection.created_at)} <span class="muted">by</span>
        <code>${connection.created_by}</code>`,
    ],
    ["Authorized", exactly(connection.activated_at, "not yet")],
    ...(status === "initiated"
      ? ([["Authorize before", exactly(connection.expires_at)]] as [string, unknown][])
      : []),
    [
      `${status[0]?.toUpperCase()}${status.slice(1)} since`,
      html`${exactly(connection.changed_at)}${connection.changed_by === null ? nothing : html` <span class="muted">by</span> <code>${connection.changed_by}</code>`}`,
    ],
    ...(connection.status_reason === null
      ? []
      : ([["Reason", connection.status_reason]] as [string, unknown][])),
    ...(metadata === null
      ? []
      : ([["Metadata", html`<pre tabindex="0">${JSON.stringify(metadata, null, 2)}</pre>`]] as [
          string,
          unknown,
        ][])),
  ];
  return facts(pairs);
}

customElements.define("hs-connection", ConnectionPage);

// A user: who it is, what it has, what happened to it; and what is done to all of it at once.

import { html, nothing, type TemplateResult } from "lit";

import { badge, chip } from "./badge.ts";
import { listEvents, readUser } from "./calls.ts";
import { idText } from "./copy.ts";
import { button, liveness, pageHead } from "./head.ts";
import { Loader } from "./loader.ts";
import { Pulse } from "./pulse.ts";
import { remember } from "./recent.ts";
import { revokeEverything } from "./revoke-all.ts";
import { TABS, to, type Tab } from "./router.ts";
import { empty, shown, skeleton } from "./states.ts";
import { facts } from "./table.ts";
import { Clock, ago } from "./times.ts";
import type { User, UserRevoked } from "./types.ts";
import { editUser } from "./user-form.ts";
import { View } from "./view.ts";
import "./user-connections.ts";
import "./user-events.ts";
import "./user-keys.ts";
import "./user-revoked.ts";
import "./user-tokens.ts";

const TAB_WORDS: Record<Tab, string> = {
  connections: "Connections",
  tokens: "Tokens",
  keys: "API keys",
  events: "Events",
};

class UserPage extends View {
  static override properties = {
    userId: { attribute: false },
    tab: { attribute: false },
    revision: { state: true },
    revoked: { state: true },
  };
  declare userId: string;
  declare tab: Tab;
  /** Goes up whenever something has changed: all that is shown is then read again. */
  declare revision: number;
  /** The result of "Revoke everything", until it is closed. */
  declare revoked: UserRevoked | undefined;
  readonly #user = new Loader<User>(this, (signal) => readUser(this.userId, signal));
  readonly #pulse = new Pulse(
    this,
    async (signal) => (await listEvents(this.userId, { limit: "1" }, signal)).items[0]?.id ?? "",
    () => this.#changed(),
  );

  constructor() {
    super();
    this.revision = 0;
    this.revoked = undefined;
    new Clock(this);
  }

  protected override firstUpdated(): void {
    void this.#load();
  }

  async #load(): Promise<void> {
    await this.#user.load();
    if (this.#user.value === undefined) return;
    remember(this.userId);
    this.#pulse.start();
  }

  override render(): TemplateResult {
    const { value, problem } = this.#user;
    return html`<div class="page" @acted=${() => this.#acted()}>
      ${pageHead({
        crumbs: [["Users", to.users]],
        title: this.userId,
        mono: true,
        beside: value === undefined ? nothing : liveness(this.#pulse.state),
        actions: value === undefined ? nothing : this.#actions(value),
      })}
      ${
        problem?.code === "user_not_found"
          ? this.#unknown()
          : shown(
              this.#user,
              (user) => this.#shown(user),
              () =>
                html`<div class="panel">${skeleton(3)}</div>
                  <div class="panel">${skeleton(6)}</div>`,
            )
      }
    </div>`;
  }

  #actions(user: User): TemplateResult {
    return html`
      ${button("Edit", () => void this.#edit(user))}
      ${button("Revoke everything", () => void this.#revokeAll(), {
        kind: "danger-quiet",
        drawing: "ban",
      })}
    `;
  }

  #unknown(): TemplateResult {
    return html`<div class="panel">
      ${empty(
        "user",
        "This user does not exist",
        html`No user has the id <code>${this.userId}</code>.`,
      )}
      <p class="center">
        ${button("Create this user", () => void this.#create(), { kind: "primary" })}
      </p>
    </div>`;
  }

  #shown(user: User): TemplateResult {
    return html`
      <div class="panel">${card(user)}</div>
      ${
        this.revoked === undefined
          ? nothing
          : html`<hs-user-revoked
              .userId=${this.userId}
              .revoked=${this.revoked}
              @done=${() => (this.revoked = undefined)}
            ></hs-user-revoked>`
      }
      <nav class="tabs" aria-label="Data of this user">
        ${TABS.map(
          (tab) =>
            html`<a
              href=${to.user(this.userId, tab)}
              aria-current=${tab === this.tab ? "page" : nothing}
              >${TAB_WORDS[tab]}</a
            >`,
        )}
      </nav>
      ${this.#tab(user)}
    `;
  }

  #tab(user: User): TemplateResult {
    const { revision } = this;
    switch (this.tab) {
      case "connections":
        return html`<hs-user-connections
          .user=${user}
          .revision=${revision}
        ></hs-user-connections>`;
      case "tokens":
        return html`<hs-user-tokens .user=${user} .revision=${revision}></hs-user-tokens>`;
      case "keys":
        return html`<hs-user-keys .user=${user} .revision=${revision}></hs-user-keys>`;
      case "events":
        return html`<hs-user-events .user=${user} .revision=${revision}></hs-user-events>`;
    }
  }

  /** Something was done on this page. */
  #acted(): void {
    this.#changed();
    this.#pulse.poke();
  }

  #changed(): void {
    this.revision += 1;
    void this.#user.refresh();
  }

  async #edit(user: User): Promise<void> {
    if ((await editUser(user)) !== undefined) this.#acted();
  }

  async #create(): Promise<void> {
    if ((await editUser(undefined, this.userId)) !== undefined) await this.#load();
  }

  async #revokeAll(): Promise<void> {
    const revoked = await revokeEverything(this.userId);
    if (revoked === undefined) return;
    this.revoked = revoked;
    this.#acted();
    await this.updateComplete;
    this.querySelector<HTMLElement>("hs-user-revoked h2")?.focus();
  }
}

function card({ role, groups, external_id, connectable, created_at, updated_at }: User) {
  return facts([
    ["Role", chip(role)],
    [
      "Groups",
      groups.length === 0
        ? html`<span class="muted">none</span>`
        : html`<span class="chips">${groups.map(chip)}</span>`,
    ],
    [
      "External id",
      external_id === null ? html`<span class="muted">none</span>` : idText(external_id),
    ],
    ["Connectable", badge(connectable ? "yes" : "no")],
    ["Created", ago(created_at)],
    ["Changed", ago(updated_at)],
  ]);
}

customElements.define("hs-user", UserPage);

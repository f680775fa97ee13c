// One app, as it is registered.

import { html, nothing, type TemplateResult } from "lit";

import { editApp, rotateSecretOf } from "./app-form.ts";
import { chip } from "./badge.ts";
import { readApp } from "./calls.ts";
import { idText } from "./copy.ts";
import { button, pageHead } from "./head.ts";
import { Loader } from "./loader.ts";
import { to } from "./router.ts";
import { empty, shown } from "./states.ts";
import { facts } from "./table.ts";
import { Clock, exactly } from "./times.ts";
import type { App } from "./types.ts";
import { View } from "./view.ts";

const NONE = html`<span class="muted">none</span>`;

class AppPage extends View {
  static override properties = { appId: { attribute: false } };
  declare appId: string;
  readonly #app = new Loader<App>(this, (signal) => readApp(this.appId, signal));

  constructor() {
    super();
    new Clock(this);
  }

  protected override firstUpdated(): void {
    void this.#app.load();
  }

  override render(): TemplateResult {
    const { value, problem } = this.#app;
    return html`
      ${pageHead({
        crumbs: [["Apps", to.apps]],
        title: this.appId,
        mono: true,
        actions: value === undefined ? nothing : this.#actions(value),
      })}
      <div class="panel">
        ${problem?.code === "app_not_found" ? this.#unknown() : shown(this.#app, about)}
      </div>
    `;
  }

  #actions(app: App): TemplateResult {
    return html`
      ${button("Edit", () => void this.#edit(app))}
      ${
        app.client_type === "confidential"
          ? button("New client secret", () => void this.#rotate(), { drawing: "key" })
          : nothing
      }
    `;
  }

  #unknown(): TemplateResult {
    return html`${empty(
        "apps",
        "This app does not exist",
        html`No app has the id <code>${this.appId}</code>.`,
      )}
      <p class="center">
        ${button("Create this app", () => void this.#edit(), { kind: "primary" })}
      </p>`;
  }

  async #edit(app?: App): Promise<void> {
    if ((await editApp(app, this.appId)) !== undefined) await this.#app.load();
  }

  async #rotate(): Promise<void> {
    if (await rotateSecretOf(this.appId)) await this.#app.refresh();
  }
}

function about(app: App): TemplateResult {
  return facts([
    ["Name", app.name],
    ["App id (client id)", idText(app.app_id)],
    ["Description", app.description ?? NONE],
    ["Client type", chip(app.client_type)],
    [
      "Redirect URIs",
      app.redirect_uris.length === 0
        ? NONE
        : html`<ul class="plain">
            ${app.redirect_uris.map((uri) => html`<li><code>${uri}</code></li>`)}
          </ul>`,
    ],
    [
      "Scopes",
      app.scopes.length === 0 ? NONE : html`<span class="chips">${app.scopes.map(chip)}</span>`,
    ],
    [
      "Provider",
      app.provider === null
        ? NONE
        : html`<a href=${to.provider(app.provider)}><code>${app.provider}</code></a>`,
    ],
    ["Logo URL", app.logo_url === null ? NONE : html`<code>${app.logo_url}</code>`],
    ["Created", exactly(app.created_at)],
    ["Changed", exactly(app.updated_at)],
  ]);
}

customElements.define("hs-app", AppPage);

// Apps are found by their id, since there is no list of them.

import { html, type TemplateResult } from "lit";

import { editApp } from "./app-form.ts";
import { button, pageHead } from "./head.ts";
import { icon } from "./icons.ts";
import { go, to } from "./router.ts";
import { View } from "./view.ts";

class AppsPage extends View {
  override render(): TemplateResult {
    return html`
      ${pageHead({
        title: "Apps",
        about: "Users connect to apps. Each app is an OAuth client; its app id is the client id.",
        actions: button("New app", () => void this.#create(), { drawing: "plus" }),
      })}
      <form class="panel find" role="search" @submit=${(event: Event) => this.#find(event)}>
        <div class="field">
          <label for="find-app">App id</label>
          <div class="row">
            <input
              id="find-app"
              class="mono"
              required
              maxlength="128"
              autocomplete="off"
              autocapitalize="off"
              spellcheck="false"
              aria-describedby="find-app-hint"
            />
            <button class="button primary" type="submit">${icon("search")}Find</button>
          </div>
          <p class="hint" id="find-app-hint">
            There is no list of apps: enter the id of an app to open it.
          </p>
        </div>
      </form>
    `;
  }

  #find(event: Event): void {
    event.preventDefault();
    const id = this.querySelector<HTMLInputElement>("#find-app")?.value.trim() ?? "";
    if (id !== "") go(to.app(id));
  }

  async #create(): Promise<void> {
    const made = await editApp();
    if (made !== undefined) go(to.app(made.app_id));
  }
}

customElements.define("hs-apps", AppsPage);

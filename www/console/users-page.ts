// Where one begins: find a user, a connection or a token; or make a user.

import { html, nothing, type TemplateResult } from "lit";

import { placeOf, NotForFinding } from "./find.ts";
import { button, pageHead, section } from "./head.ts";
import { Problem } from "./http.ts";
import { icon } from "./icons.ts";
import { recent } from "./recent.ts";
import { go, to } from "./router.ts";
import { session } from "./session.ts";
import { empty, failure } from "./states.ts";
import { editUser } from "./user-form.ts";
import { View } from "./view.ts";

class UsersPage extends View {
  static override properties = { problem: { state: true } };
  declare problem: Problem | undefined;

  constructor() {
    super();
    this.problem = undefined;
  }

  override render(): TemplateResult {
    return html`
      ${pageHead({
        title: "Users",
        about: "Connections, tokens and API keys belong to users.",
        actions: session.isOperator
          ? button("New user", () => void this.#create(), { drawing: "plus" })
          : nothing,
      })}
      <form class="panel find" role="search" @submit=${(event: Event) => void this.#find(event)}>
        <div class="field">
          <label for="find">User id, connection id, token id, or a token</label>
          <div class="row">
            <input
              id="find"
              class="mono"
              required
              maxlength="128"
              autocomplete="off"
              autocapitalize="off"
              spellcheck="false"
              aria-describedby="find-hint"
            />
            <button class="button primary" type="submit">${icon("search")}Find</button>
          </div>
          <p class="hint" id="find-hint">
            For example <code>ada</code>, <code>ca_…</code> or <code>tok_…</code>. If you enter a
            token itself, the page neither shows nor stores it.
          </p>
        </div>
        ${this.problem === undefined ? nothing : failure(this.problem)}
      </form>
      ${section("Opened in this tab", nothing, this.#recent())}
    `;
  }

  #recent(): TemplateResult {
    if (recent.length === 0) {
      return empty(
        "users",
        "No users yet",
        "Users that you open are listed here until you sign out.",
      );
    }
    return html`<ul class="links">
      ${recent.map(
        (id) =>
          html`<li>
            <a href=${to.user(id)}>${icon("user")}<code>${id}</code></a>
          </li>`,
      )}
    </ul>`;
  }

  async #find(event: Event): Promise<void> {
    event.preventDefault();
    const field = this.querySelector<HTMLInputElement>("#find");
    const text = field?.value.trim() ?? "";
    if (field === null || text === "") return;
    this.problem = undefined;
    try {
      go(await placeOf(text));
    } catch (error) {
      this.problem = error instanceof NotForFinding ? NOT_HERE : Problem.from(error);
      field.value = "";
      field.focus();
    }
  }

  async #create(): Promise<void> {
    const made = await editUser();
    if (made !== undefined) go(to.user(made.user_id));
  }
}

const NOT_HERE = new Problem({
  status: 0,
  title: "This secret cannot be looked up",
  detail:
    "There is no search by client secrets, webhook secrets, tickets, session keys or root keys.",
  code: "secret",
});

customElements.define("hs-users", UsersPage);

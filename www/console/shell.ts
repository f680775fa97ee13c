// What is around every page: the brand, the ways to go, who is signed in; and the page that the address names.

import { html, nothing, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";

import { keepFocus } from "./focus.ts";
import { icon, type Icon } from "./icons.ts";
import { routeOf, to, type Route } from "./router.ts";
import { session } from "./session.ts";
import { empty } from "./states.ts";
import { View } from "./view.ts";
import "./app-page.ts";
import "./apps-page.ts";
import "./connection-page.ts";
import "./provider-page.ts";
import "./providers-page.ts";
import "./revocations-page.ts";
import "./token-page.ts";
import "./user-page.ts";
import "./users-page.ts";
import "./webhook-page.ts";
import "./webhooks-page.ts";

interface Way {
  words: string;
  /** More words, which are not to be seen where the window is narrow. */
  more?: string;
  icon: Icon;
  href: string;
  pages: Route["page"][];
}

const USERS: Way = {
  words: "Users",
  icon: "users",
  href: to.users,
  pages: ["users", "user", "connection", "token"],
};
const OPERATORS: Way[] = [
  { words: "Apps", icon: "apps", href: to.apps, pages: ["apps", "app"] },
  {
    words: "Providers",
    icon: "providers",
    href: to.providers,
    pages: ["providers", "provider"],
  },
  {
    words: "Failed",
    more: "revocations",
    icon: "upstream",
    href: to.revocations,
    pages: ["revocations"],
  },
  { words: "Webhooks", icon: "webhooks", href: to.webhooks, pages: ["webhooks", "webhook"] },
];

class Shell extends View {
  static override properties = { route: { state: true } };
  declare route: Route;
  readonly #follow = (): void => this.#moved();

  #letFocusBe: () => void = () => undefined;

  constructor() {
    super();
    this.route = routeOf(location.hash);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("hashchange", this.#follow);
    this.#letFocusBe = keepFocus(this);
    void this.#settle();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("hashchange", this.#follow);
    this.#letFocusBe();
  }

  override render(): TemplateResult {
    return html`
      <header class="side">
        <a class="skip" href="#main" @click=${(event: Event) => this.#skip(event)}
          >Skip to content</a
        >
        <a class="brand" href=${to.users}
          ><img src="icon.svg" alt="" width="24" height="24" /><span>Hookswitch</span></a
        >
        <nav aria-label="Console">
          <ul>
            ${this.#way(USERS)}
          </ul>
          ${
            session.isOperator
              ? html`<p class="group" id="operator-group">Operator</p>
                  <ul aria-labelledby="operator-group">
                    ${OPERATORS.map((way) => this.#way(way))}
                  </ul>`
              : nothing
          }
        </nav>
        <div class="who">
          <span class="small muted">${icon("key")}<span>${session.who}</span></span>
          <button class="button small" type="button" @click=${() => session.signOut()}>
            ${icon("leave")}<span>Sign out</span>
          </button>
        </div>
      </header>
      <main id="main" tabindex="-1">${this.#page()}</main>
    `;
  }

  #way({ words, more, icon: drawing, href, pages }: Way): TemplateResult {
    const isHere = pages.includes(this.route.page);
    return html`<li>
      <a href=${href} aria-current=${isHere ? "page" : nothing}
        >${icon(drawing)}<span
          >${words}${more === undefined ? nothing : html`<span class="more"> ${more}</span>`}</span
        ></a
      >
    </li>`;
  }

  #page(): unknown {
    const { route } = this;
    switch (route.page) {
      case "users":
        return html`<hs-users></hs-users>`;
      case "user":
        return keyed(route.id, html`<hs-user .userId=${route.id} .tab=${route.tab}></hs-user>`);
      case "connection":
        return keyed(route.id, html`<hs-connection .connectionId=${route.id}></hs-connection>`);
      case "token":
        return keyed(route.id, html`<hs-token .tokenId=${route.id}></hs-token>`);
      case "apps":
        return html`<hs-apps></hs-apps>`;
      case "app":
        return keyed(route.id, html`<hs-app .appId=${route.id}></hs-app>`);
      case "providers":
        return html`<hs-providers></hs-providers>`;
      case "provider":
        return keyed(route.id, html`<hs-provider .slug_=${route.id}></hs-provider>`);
      case "revocations":
        return html`<hs-revocations></hs-revocations>`;
      case "webhooks":
        return html`<hs-webhooks></hs-webhooks>`;
      case "webhook":
        return keyed(route.id, html`<hs-webhook .name_=${route.id}></hs-webhook>`);
      case "missing":
        return html`<div class="panel">
          <h1 tabindex="-1" class="unseen">No such page</h1>
          ${empty(
            "search",
            "This page does not exist",
            html`<a href=${to.users}>Find a user</a> instead.`,
          )}
        </div>`;
    }
  }

  #skip(event: Event): void {
    event.preventDefault();
    this.querySelector<HTMLElement>("#main")?.focus();
  }

  #moved(): void {
    const before = this.route;
    const route = routeOf(location.hash);
    this.route = route;
    // From one tab of a user's to the next the focus stays on the tabs.
    const isSame = before.page === "user" && route.page === "user" && before.id === route.id;
    if (!isSame) void this.#settle();
  }

  /** The new page is named, for the eye and the ear. */
  async #settle(): Promise<void> {
    await this.updateComplete;
    const main = this.querySelector("main");
    await (main?.firstElementChild as View | null)?.updateComplete;
    const heading = main?.querySelector("h1");
    document.title = `${heading?.textContent.trim() ?? "Console"} · Hookswitch`;
    scrollTo(0, 0);
    heading?.focus();
  }
}

customElements.define("hs-shell", Shell);

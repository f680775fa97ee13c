// Signing in: one field for a key, and what is wrong with it where it opens nothing.

import { html, nothing, type TemplateResult } from "lit";

import { Problem } from "./http.ts";
import { session } from "./session.ts";
import { failure } from "./states.ts";
import { View } from "./view.ts";

class SignIn extends View {
  static override properties = { isTrying: { state: true }, problem: { state: true } };
  declare isTrying: boolean;
  declare problem: Problem | undefined;
  readonly #follow = (): void => this.#followSession();

  constructor() {
    super();
    this.isTrying = false;
    this.problem = undefined;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    session.addEventListener("change", this.#follow);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    session.removeEventListener("change", this.#follow);
  }

  /** A key was tried elsewhere, and opened nothing. */
  refused(thrown: unknown): void {
    this.problem = explained(Problem.from(thrown));
  }

  override render(): TemplateResult | typeof nothing {
    if (session.isSignedIn) return nothing;
    return html`<form class="panel sign-in" @submit=${(event: Event) => void this.#submit(event)}>
      <h2>Sign in to the console</h2>
      <div class="field">
        <label for="key">API key or root key</label>
        <input
          id="key"
          type="password"
          class="mono"
          required
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          aria-describedby="key-hint"
          aria-invalid=${this.problem?.status === 401 ? "true" : nothing}
        />
        <p class="hint" id="key-hint">
          The key stays in the memory of this tab: closing or reloading the tab forgets it. For the
          root key of a local server, <code>npm run sign-in</code> prints a link instead.
        </p>
      </div>
      ${this.problem === undefined ? nothing : failure(this.problem)}
      <button class="button primary wide" type="submit" aria-disabled=${this.isTrying}>
        ${this.isTrying ? "Signing in…" : "Sign in"}
      </button>
    </form>`;
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault();
    const field = this.querySelector<HTMLInputElement>("#key");
    const key = field?.value.trim() ?? "";
    if (this.isTrying || key === "") return;
    this.isTrying = true;
    this.problem = undefined;
    try {
      await session.signIn(key);
    } catch (error) {
      this.refused(error);
      field?.select();
    } finally {
      this.isTrying = false;
    }
  }

  #followSession(): void {
    this.problem = session.endedBecause;
    this.requestUpdate();
    if (session.isSignedIn) return;
    void this.updateComplete.then(() => this.querySelector<HTMLInputElement>("#key")?.focus());
  }
}

/** A key that opens nothing, in the words of whoever has just typed it. */
function explained(problem: Problem): Problem {
  if (problem.status !== 401) return problem;
  const { status, code, requestId, errors, retryAfter } = problem;
  return new Problem({
    ...{ status, code, requestId, errors, retryAfter },
    title: "This key is not valid",
    detail:
      "The key is misspelled, revoked, expired, or belongs to another deployment. An API key begins with hak_. The root key is HOOKSWITCH_ROOT_KEY of the deployment.",
  });
}

customElements.define("hs-sign-in", SignIn);

declare global {
  interface HTMLElementTagNameMap {
    "hs-sign-in": SignIn;
  }
}

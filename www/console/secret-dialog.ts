// A secret that is shown once: to be copied, and gone with the dialog.

import { html, nothing, type TemplateResult } from "lit";

import { announce } from "./announce.ts";
import { Dialog } from "./dialog.ts";
import { icon } from "./icons.ts";

interface Secret {
  name: string;
  text: string;
}

class SecretDialog extends Dialog<void> {
  static override properties = { isWarned: { state: true } };
  declare isWarned: boolean;
  heading_ = "";
  secrets: Secret[] = [];
  #isCopied = false;

  constructor() {
    super();
    this.isWarned = false;
  }

  protected override get title_(): string {
    return this.heading_;
  }

  /** Who closes it by mistake has lost the secret: so that takes two attempts, unless it was copied. */
  protected override mayClose(): boolean {
    if (this.#isCopied || this.isWarned) return true;
    this.isWarned = true;
    announce("The secret was not copied. Close again to leave without it.");
    return false;
  }

  protected override body(): TemplateResult {
    return html`<div class="stack" @copied=${() => (this.#isCopied = true)}>
        <div class="notice waiting">
          ${icon("alert")}
          <p>
            <strong>Shown once.</strong> Copy the secret now: neither this page nor the service can
            show it again.
          </p>
        </div>
        ${this.secrets.map(
          ({ name, text }) =>
            html`<div class="secret">
              <span class="strong">${name}</span>
              <div class="row">
                <code data-secret>${text}</code>
                <hs-copy worded .text=${text} .what=${name.toLowerCase()}></hs-copy>
              </div>
            </div>`,
        )}
        ${
          this.isWarned
            ? html`<p class="wrong">The secret was not copied. Close again to leave without it.</p>`
            : nothing
        }
      </div>
      <footer class="bar end">
        <button class="button" type="button" @click=${() => this.mayClose() && this.finish()}>
          Done
        </button>
      </footer>`;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.secrets = [];
    this.replaceChildren();
  }
}

customElements.define("hs-secret", SecretDialog);

/** Shows what was made, this once. */
export async function showSecrets(heading: string, secrets: Secret[]): Promise<void> {
  const dialog = new SecretDialog();
  dialog.heading_ = heading;
  dialog.secrets = secrets;
  await dialog.open();
}

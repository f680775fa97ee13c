// Revoking everything of a user: what, then how much that is, then whether really.

import { html, nothing, type TemplateResult } from "lit";

import { revokeUser } from "./calls.ts";
import { choices, REASON, textField, type Option } from "./fields.ts";
import { FormDialog, type Form } from "./form-dialog.ts";
import { icon } from "./icons.ts";
import type { UserRevoked } from "./types.ts";
import { countWords, number } from "./words.ts";

const KINDS: Option[] = [
  ["connection", "Connections and their tokens"],
  ["connection_token", "Connection tokens"],
  ["access_token", "Access tokens"],
  ["refresh_token", "Refresh tokens"],
  ["api_key", "API keys"],
];

interface Order {
  app_id?: string | undefined;
  kinds?: string[] | undefined;
  reason?: string | undefined;
}

class RevokeAll extends FormDialog<UserRevoked> {
  static override properties = { counted: { state: true } };
  /** What the dry run found. */
  declare counted: UserRevoked | undefined;
  userId = "";
  #order: Order = {};

  constructor() {
    super();
    this.counted = undefined;
  }

  protected override get title_(): string {
    return `Revoke everything of ${this.userId}`;
  }

  protected override get verb(): string {
    if (this.counted === undefined) return "Count first";
    return this.counted.total === 0 ? "Count again" : `Revoke ${number(this.counted.total)}`;
  }

  protected override get isGrave(): boolean {
    return (this.counted?.total ?? 0) > 0;
  }

  protected override fields(): TemplateResult {
    return this.counted === undefined ? this.#asked() : this.#told(this.counted);
  }

  #asked(): TemplateResult {
    const { app_id, kinds, reason } = this.#order;
    return html`
      <p>The first step only counts. Nothing is revoked until you confirm the numbers.</p>
      ${choices(
        "What",
        "kinds",
        KINDS,
        (kind) => kinds?.includes(kind) ?? true,
        "Everything that is selected is revoked.",
      )}
      ${textField({
        label: "Only for the app",
        name: "app_id",
        value: app_id ?? "",
        mono: true,
        hint: "Optional: an app id.",
        error: this.wrong("app_id"),
      })}
      ${textField({ ...REASON, value: reason ?? "" })}
    `;
  }

  #told({ total, revoked }: UserRevoked): TemplateResult {
    return html`
      <div class="counted" tabindex="-1" data-counted>
        ${
          total === 0
            ? html`<p class="strong">There is nothing to revoke.</p>
                <p class="muted">No live token or connection matches.</p>`
            : html`<p class="big">${number(total)}</p>
                <p class="strong">will be revoked in one write. This cannot be undone:</p>
                <ul class="counts">
                  ${countWords(revoked).map(
                    ({ count, words }) => html`<li><strong>${number(count)}</strong> ${words}</li>`,
                  )}
                </ul>`
        }
      </div>
      ${
        total === 0 || !this.#takesKeys()
          ? nothing
          : html`<div class="notice waiting">
              ${icon("alert")}
              <p>API keys are included. Requests with them fail within ten seconds.</p>
            </div>`
      }
      <p>
        <button class="button small" type="button" @click=${() => (this.counted = undefined)}>
          ${icon("left")}Change what is revoked
        </button>
      </p>
    `;
  }

  #takesKeys(): boolean {
    return (this.counted?.revoked.api_key ?? 0) > 0;
  }

  protected override async send(form: Form, keyFor: (body: unknown) => string) {
    if (this.isGrave) return revokeUser(this.userId, { ...this.#order }, keyFor(this.#order));
    if (this.counted === undefined) this.#order = orderOf(form);
    return revokeUser(this.userId, { ...this.#order, dry_run: true });
  }

  protected override done(result: UserRevoked): void {
    if (!result.dry_run) return this.finish(result);
    this.counted = result;
    void this.updateComplete.then(() => this.querySelector<HTMLElement>("[data-counted]")?.focus());
  }
}

function orderOf(form: Form): Order {
  const kinds = form.all("kinds");
  return {
    app_id: form.optional("app_id"),
    reason: form.optional("reason"),
    kinds: kinds.length === KINDS.length ? undefined : kinds,
  };
}

customElements.define("hs-revoke-all", RevokeAll);

/** Counts, asks, and does it. Resolves with what was revoked; with undefined where nothing was. */
export function revokeEverything(userId: string): Promise<UserRevoked | undefined> {
  const dialog = new RevokeAll();
  dialog.userId = userId;
  return dialog.open();
}

// What is done to tokens and keys: mint, make, revoke.

import { html, type TemplateResult } from "lit";

import { announce } from "./announce.ts";
import { createKey, mintToken, revokeToken } from "./calls.ts";
import { confirm } from "./confirm.ts";
import { shortened } from "./copy.ts";
import { selectField, textField, type Option } from "./fields.ts";
import { FormDialog, type Form } from "./form-dialog.ts";
import { showSecrets } from "./secret-dialog.ts";
import type { Token } from "./types.ts";
import { kindName } from "./words.ts";

/** Whether there is anything left to revoke. */
export function isRevocable({ status }: Token): boolean {
  return status === "valid" || status === "inactive";
}

/** When it has ended, or will by itself. */
export function endOf({ consumed_at, revoked_at, expires_at }: Token): string | null {
  return consumed_at ?? revoked_at ?? expires_at;
}

const LABEL = {
  label: "Label",
  name: "label",
  maxlength: 64,
  hint: "Optional: a name for people.",
};

class MintForm extends FormDialog<Token & { token: string }> {
  userId = "";

  protected override get title_(): string {
    return "Create a connection token";
  }

  protected override get verb(): string {
    return "Create token";
  }

  protected override fields(): TemplateResult {
    return html`
      ${textField({
        label: "Validity (seconds)",
        name: "ttl",
        type: "number",
        value: "3600",
        min: 1,
        max: 86_400,
        required: true,
        first: true,
        hint: "At most 86,400 (one day).",
        error: this.wrong("ttl"),
      })}
      ${textField({
        label: "App id",
        name: "app_id",
        mono: true,
        hint: "Optional. If set, consuming the token connects the user to the app.",
        error: this.wrong("app_id"),
      })}
      ${textField({
        label: "Scope",
        name: "scope",
        mono: true,
        placeholder: "contacts.read contacts.write",
        hint: "Scopes of the app, separated by spaces. If empty: all of them.",
        error: this.wrong("scope"),
      })}
      ${textField({ ...LABEL, error: this.wrong("label") })}
    `;
  }

  protected override send(form: Form, keyFor: (body: unknown) => string) {
    const json = {
      user_id: this.userId,
      ttl: form.number("ttl"),
      app_id: form.optional("app_id"),
      scope: form.optional("scope"),
      label: form.optional("label"),
    };
    return mintToken(json, keyFor(json));
  }
}

customElements.define("hs-mint-form", MintForm);

/** Opens the form, then shows the token once. Whether one was minted. */
export async function mintFor(userId: string): Promise<boolean> {
  const form = new MintForm();
  form.userId = userId;
  const minted = await form.open();
  if (minted === undefined) return false;
  await showSecrets("Token created", [{ name: "Connection token", text: minted.token }]);
  return true;
}

const DAY = 86_400;
const LIVES: Option[] = [
  ["", "no expiry"],
  [`${DAY}`, "1 day"],
  [`${30 * DAY}`, "30 days"],
  [`${90 * DAY}`, "90 days"],
  [`${365 * DAY}`, "1 year"],
];

class KeyForm extends FormDialog<Token & { api_key: string }> {
  userId = "";

  protected override get title_(): string {
    return `New API key of ${this.userId}`;
  }

  protected override get verb(): string {
    return "Create key";
  }

  protected override fields(): TemplateResult {
    return html`
      ${textField({ ...LABEL, first: true, error: this.wrong("label") })}
      ${selectField({
        label: "Validity",
        name: "ttl",
        value: "",
        options: LIVES,
        error: this.wrong("ttl"),
      })}
    `;
  }

  protected override send(form: Form, keyFor: (body: unknown) => string) {
    const json = {
      user_id: this.userId,
      label: form.optional("label"),
      ttl: form.number("ttl"),
    };
    return createKey(json, keyFor(json));
  }
}

customElements.define("hs-key-form", KeyForm);

/** Opens the form, then shows the key once. Whether one was made. */
export async function createKeyFor(userId: string): Promise<boolean> {
  const form = new KeyForm();
  form.userId = userId;
  const made = await form.open();
  if (made === undefined) return false;
  await showSecrets("API key created", [{ name: "API key", text: made.api_key }]);
  return true;
}

/** Asks, and revokes a token or key. Whether it was sent. */
export async function revokeOne({ token_id, kind, label }: Token): Promise<boolean> {
  const name = kindName(kind);
  const revoked = await confirm({
    title: `Revoke this ${kind === "api_key" ? name : name.toLowerCase()}?`,
    text: html`<p>
      <code>${shortened(token_id)}</code>${label === null ? "" : html` (${label})`} is revoked. This
      cannot be undone: no check returns <em>valid</em> again.
    </p>`,
    verb: "Revoke",
    isGrave: true,
    asksReason: true,
    act: (because, keyFor) => {
      const json = { token_id, ...because };
      return revokeToken(json, keyFor(json));
    },
  });
  if (revoked === undefined) return false;
  announce(revoked.changed ? `${name} revoked.` : `${name} was already ${revoked.previous}.`);
  return true;
}

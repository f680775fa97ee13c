// “Are you sure?”, with what will happen, and the doing of it.

import { html, nothing, type TemplateResult } from "lit";

import { REASON, textField } from "./fields.ts";
import { FormDialog, type Form } from "./form-dialog.ts";

interface Question<T> {
  title: string;
  /** What will happen. */
  text: unknown;
  verb: string;
  isGrave?: boolean;
  /** Whether a reason may be given. */
  asksReason?: boolean;
  act: (json: { reason?: string }, keyFor: (body: unknown) => string) => Promise<T>;
}

class Confirmation<T> extends FormDialog<T> {
  question!: Question<T>;

  protected override get title_(): string {
    return this.question.title;
  }

  protected override get verb(): string {
    return this.question.verb;
  }

  protected override get isGrave(): boolean {
    return this.question.isGrave === true;
  }

  protected override fields(): TemplateResult {
    const { text, asksReason } = this.question;
    return html`<div>${text}</div>
      ${asksReason === true ? textField(REASON) : nothing}`;
  }

  protected override send(form: Form, keyFor: (body: unknown) => string): Promise<T> {
    const reason = form.optional("reason");
    return this.question.act(reason === undefined ? {} : { reason }, keyFor);
  }
}

customElements.define("hs-confirm", Confirmation);

/** Asks, and does it. Resolves with what came of it; with undefined where nothing was done. */
export function confirm<T>(question: Question<T>): Promise<T | undefined> {
  const dialog = new Confirmation<T>();
  dialog.question = question;
  return dialog.open();
}

// A dialog with a form that is sent, stays open where that failed, and can be sent again without doing anything twice.

import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";

import { Dialog } from "./dialog.ts";
import { Problem } from "./http.ts";
import { Once } from "./once.ts";
import { failure } from "./states.ts";

export abstract class FormDialog<T> extends Dialog<T> {
  static override properties: PropertyDeclarations = {
    isSending: { state: true },
    problem: { state: true },
  };
  declare isSending: boolean;
  declare problem: Problem | undefined;
  readonly #once = new Once();

  constructor() {
    super();
    this.isSending = false;
    this.problem = undefined;
  }

  /** What the button says that sends it. */
  protected abstract get verb(): string;
  protected abstract fields(): TemplateResult;
  /** Sends it; `keyFor` gives the key under which a body is sent once. */
  protected abstract send(form: Form, keyFor: (body: unknown) => string): Promise<T>;

  /** Whether what it does cannot be undone. */
  protected get isGrave(): boolean {
    return false;
  }

  /** What the service said against a field. */
  protected wrong(name: string): string | undefined {
    return this.problem?.errors[name];
  }

  /** It was sent, and this came of it. */
  protected done(result: T): void {
    this.finish(result);
  }

  protected override mayClose(): boolean {
    return !this.isSending;
  }

  protected override body(): TemplateResult {
    return html`<form @submit=${(event: SubmitEvent) => void this.#submit(event)}>
      <div class="stack">
        ${this.fields()} ${this.problem === undefined ? nothing : failure(this.problem)}
      </div>
      <footer class="bar end">
        <button
          class="button"
          type="button"
          ?disabled=${this.isSending}
          @click=${() => this.finish()}
        >
          Cancel
        </button>
        <button
          class="button ${this.isGrave ? "danger" : "primary"}"
          type="submit"
          aria-disabled=${this.isSending}
        >
          ${this.isSending ? "Working…" : this.verb}
        </button>
      </footer>
    </form>`;
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.isSending) return;
    const form = new Form(event.target as HTMLFormElement);
    this.isSending = true;
    this.problem = undefined;
    try {
      const result = await this.send(form, (body) => this.#once.keyFor(body));
      this.isSending = false;
      this.done(result);
    } catch (error) {
      this.isSending = false;
      this.problem = Problem.from(error);
      if (this.problem.status === 401) this.finish();
    }
  }
}

/** What a person has put into a form. */
export class Form {
  readonly #data: FormData;

  constructor(form: HTMLFormElement) {
    this.#data = new FormData(form);
  }

  /** The text of a field, without the blanks around it. */
  text(name: string): string {
    const value = this.#data.get(name);
    return typeof value === "string" ? value.trim() : "";
  }

  /** The same, where it is not empty: a member that is undefined is not sent. */
  optional(name: string): string | undefined {
    return this.text(name) || undefined;
  }

  number(name: string): number | undefined {
    const text = this.text(name);
    return text === "" ? undefined : Number(text);
  }

  isOn(name: string): boolean {
    return this.#data.has(name);
  }

  all(name: string): string[] {
    return this.#data.getAll(name).map(String);
  }
}

/** That nothing is there yet: a PUT would replace it without a word. */
export async function assertFree(field: string, read: () => Promise<unknown>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return;
    throw error;
  }
  throw new Problem({
    status: 0,
    title: "It exists already",
    detail: "Nothing was changed. Open the existing one to edit it, or choose another name.",
    code: "exists_already",
    errors: { [field]: "is taken" },
  });
}

// Dialogs: opened from code, in the browser's own `<dialog>`, and gone from the page once they are closed.

import { html, type TemplateResult } from "lit";

import { icon } from "./icons.ts";
import { View } from "./view.ts";

let count = 0;

export abstract class Dialog<T> extends View {
  readonly #id = `dialog-${(count += 1)}`;
  #result: T | undefined;
  #settle: (result: T | undefined) => void = () => undefined;

  protected abstract get title_(): string;
  protected abstract body(): TemplateResult;

  /** Whether it may be closed now. */
  protected mayClose(): boolean {
    return true;
  }

  /** Shows it; resolves when it is closed, with what came of it. */
  open(): Promise<T | undefined> {
    document.body.append(this);
    return new Promise<T | undefined>((resolve) => (this.#settle = resolve));
  }

  /** Closes it with this result. */
  protected finish(result?: T): void {
    this.#result = result;
    this.#dialog?.close();
  }

  get #dialog(): HTMLDialogElement | null {
    return this.querySelector("dialog");
  }

  protected override firstUpdated(): void {
    this.#dialog?.showModal();
  }

  override render(): TemplateResult {
    return html`<dialog
      aria-labelledby=${this.#id}
      @cancel=${(event: Event) => this.#cancel(event)}
      @close=${() => this.#closed()}
    >
      <header class="bar">
        <h2 id=${this.#id}>${this.title_}</h2>
        <button
          class="copy"
          type="button"
          aria-label="Close"
          @click=${() => this.mayClose() && this.finish()}
        >
          ${icon("cross")}
        </button>
      </header>
      ${this.body()}
      <p class="toast" role="status" data-announcer></p>
    </dialog>`;
  }

  #cancel(event: Event): void {
    if (!this.mayClose()) event.preventDefault();
  }

  #closed(): void {
    this.remove();
    this.#settle(this.#result);
  }
}

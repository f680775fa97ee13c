// A button that copies a text, and says so.

import { html, nothing, type TemplateResult } from "lit";

import { announce } from "./announce.ts";
import { icon } from "./icons.ts";
import { View } from "./view.ts";

const DONE_MS = 2_000;

/** `<hs-copy>`: the text is a property, so that it never stands in an attribute. */
class CopyButton extends View {
  static override properties = {
    text: { attribute: false },
    what: { attribute: false },
    worded: { type: Boolean },
    isDone: { state: true },
  };
  declare text: string;
  /** What it is that is copied. */
  declare what: string;
  /** Whether the button shows a word beside its drawing. */
  declare worded: boolean;
  declare isDone: boolean;

  constructor() {
    super();
    this.text = "";
    this.what = "";
    this.worded = false;
    this.isDone = false;
  }

  override render(): TemplateResult {
    return html`<button
      type="button"
      class=${this.worded ? "button primary" : "copy"}
      aria-label="Copy ${this.what}"
      title=${this.worded ? nothing : "Copy"}
      @click=${() => void this.#copy()}
    >
      ${icon(this.isDone ? "check" : "copy")}${
        this.worded ? html`<span>${this.isDone ? "Copied" : "Copy"}</span>` : nothing
      }
    </button>`;
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.text);
    } catch {
      announce("The browser does not allow copying. Select the text and copy it yourself.");
      return;
    }
    announce(`Copied ${this.what}.`);
    this.isDone = true;
    this.dispatchEvent(new Event("copied", { bubbles: true }));
    setTimeout(() => (this.isDone = false), DONE_MS);
  }
}

customElements.define("hs-copy", CopyButton);

/** A long id of ours: its beginning and its end, and the whole of it to copy. */
export function idText(id: string, href?: string): TemplateResult {
  const short = shortened(id);
  const text = html`<code title=${id}>${short}</code>`;
  return html`<span class="id"
    >${href === undefined ? text : html`<a href=${href}>${text}</a>`}<hs-copy
      .text=${id}
      .what=${short}
    ></hs-copy
  ></span>`;
}

const ENDS = /^((?:tok|ca|rev|evt|msg)_.{6}).*(.{4})$/u;

/** As much of an id as tells it from others. */
export function shortened(id: string): string {
  return id.length > 20 ? id.replace(ENDS, "$1…$2") : id;
}

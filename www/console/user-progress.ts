// What is left to be done after everything of a user was revoked, while it is done.

import { html, nothing, type TemplateResult } from "lit";

import { announce } from "./announce.ts";
import { button } from "./head.ts";
import { icon } from "./icons.ts";
import { Pulse } from "./pulse.ts";
import { to } from "./router.ts";
import { countRevoking, Tally } from "./tally.ts";
import { clockTime } from "./times.ts";
import type { UserRevoked } from "./types.ts";
import { View } from "./view.ts";
import { number } from "./words.ts";

/** The work goes on in batches of a hundred: a person sees it move. */
const SOON_MS = 500;

class Progress extends View {
  static override properties = { userId: { attribute: false }, revoked: { attribute: false } };
  declare userId: string;
  declare revoked: UserRevoked;
  #tally: Tally | undefined;
  #revoking: number | undefined;
  readonly #pulse = new Pulse(
    this,
    (signal) => this.#look(signal),
    () => this.requestUpdate(),
    SOON_MS,
  );

  override connectedCallback(): void {
    super.connectedCallback();
    this.#tally = new Tally(this.revoked);
    this.#pulse.start();
  }

  override render(): TemplateResult {
    const { total, before } = this.revoked;
    const told = Math.min(this.#tally?.told ?? 0, total);
    const isDone = this.#isDone;
    return html`<section class="panel progress" aria-labelledby="progress-title">
      <header class="bar">
        <h2 id="progress-title" tabindex="-1">
          ${isDone ? "Revoked, and told" : "Revoked; being told"}
        </h2>
        ${
          isDone
            ? button("Close", () => this.dispatchEvent(new Event("done")), { kind: "small" })
            : nothing
        }
      </header>
      <p>
        ${icon("check")} All ${number(total)} died in one write at ${clockTime(new Date(before))}:
        no check answers <em>valid</em> for any of them.
      </p>
      <div class="field">
        <label for="told">Told in the audit trail and to webhooks</label>
        <progress id="told" max=${total} .value=${told}></progress>
        <p class="small muted" data-told>${number(told)} of ${number(total)} told</p>
      </div>
      ${this.#upstream()}
      ${
        this.#pulse.state === "failing"
          ? html`<p class="wrong">
              How far it is cannot be read at the moment; it goes on by itself, and is asked again.
            </p>`
          : nothing
      }
    </section>`;
  }

  #upstream(): unknown {
    const count = this.#revoking ?? 0;
    if (count === 0) return nothing;
    return html`<p>
      ${icon("spin")} ${number(count)} ${count === 1 ? "connection is" : "connections are"} dead
      here, and not yet at the provider:
      <a href=${to.user(this.userId, "connections")}>see which</a>.
    </p>`;
  }

  get #isDone(): boolean {
    return this.#tally?.isDone === true;
  }

  async #look(signal: AbortSignal): Promise<string> {
    const tally = this.#tally;
    if (tally === undefined) return "";
    const wasDone = tally.isDone;
    if (!wasDone) await tally.look(signal);
    this.#revoking = await countRevoking(this.userId, signal);
    if (tally.isDone && !wasDone) announce("All that was revoked has been told.");
    this.requestUpdate();
    return `${tally.told} ${this.#revoking}`;
  }
}

customElements.define("hs-progress", Progress);

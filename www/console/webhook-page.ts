// One endpoint: what it is told, how that goes, and a test.

import { html, nothing, type TemplateResult } from "lit";

import { announce } from "./announce.ts";
import { badge, chip } from "./badge.ts";
import { listDeliveries, readWebhook, removeWebhook, testWebhook } from "./calls.ts";
import { confirm } from "./confirm.ts";
import { idText } from "./copy.ts";
import { button, liveness, pageHead, section } from "./head.ts";
import { Problem } from "./http.ts";
import { listing } from "./list.ts";
import { Loader } from "./loader.ts";
import { Pager } from "./pager.ts";
import { Pulse } from "./pulse.ts";
import { go, to } from "./router.ts";
import { empty, failure, shown } from "./states.ts";
import { facts, type Column } from "./table.ts";
import { Clock, ago, exactly } from "./times.ts";
import type { Delivery, Tested, Webhook } from "./types.ts";
import { eventName } from "./user-events.ts";
import { View } from "./view.ts";
import { editWebhook, rotateWebhook } from "./webhook-form.ts";

const COLUMNS: Column<Delivery>[] = [
  { label: "Event", kind: "title", cell: ({ type }) => eventName(type) },
  { label: "Outcome", cell: (delivery) => badge(outcome(delivery)) },
  { label: "Answer", cell: ({ status, error }) => answer(status, error) },
  { label: "Attempt", cell: ({ attempt }) => `${attempt}` },
  { label: "Event id", cell: ({ event_id }) => idText(event_id) },
  { label: "Sent", cell: ({ at }) => ago(at) },
  { label: "Next attempt", cell: ({ next_attempt_at }) => ago(next_attempt_at) },
];

class WebhookPage extends View {
  static override properties = {
    name_: { attribute: false },
    tested: { state: true },
    testProblem: { state: true },
    isTesting: { state: true },
  };
  declare name_: string;
  declare tested: Tested | undefined;
  declare testProblem: Problem | undefined;
  declare isTesting: boolean;
  readonly #webhook = new Loader<Webhook>(this, (signal) => readWebhook(this.name_, signal));
  readonly #deliveries = new Pager<Delivery>(this, (page, signal) =>
    listDeliveries(this.name_, page, signal),
  );
  readonly #pulse = new Pulse(
    this,
    async (signal) =>
      JSON.stringify((await listDeliveries(this.name_, { limit: "1" }, signal)).items),
    () => this.#changed(),
  );

  constructor() {
    super();
    this.isTesting = false;
    new Clock(this);
  }

  protected override firstUpdated(): void {
    void this.#load();
  }

  async #load(): Promise<void> {
    await this.#webhook.load();
    if (this.#webhook.value === undefined) return;
    this.#pulse.start();
    await this.#deliveries.first();
  }

  override render(): TemplateResult {
    const { value, problem } = this.#webhook;
    const head = pageHead({
      crumbs: [["Webhooks", to.webhooks]],
      title: this.name_,
      mono: true,
      beside: value === undefined ? nothing : liveness(this.#pulse.state),
      actions: value === undefined ? nothing : this.#actions(value),
    });
    if (problem?.code === "webhook_not_found") {
      return html`${head}
        <div class="panel">
          ${empty("webhooks", "This endpoint does not exist")}
          <p class="center">
            ${button("Create this endpoint", () => void this.#edit(), { kind: "primary" })}
          </p>
        </div>`;
    }
    return html`${head}
      <div class="panel">${shown(this.#webhook, about)} ${this.#outcome()}</div>
      ${section("Deliveries", "", this.#log())}`;
  }

  #actions(webhook: Webhook): TemplateResult {
    return html`
      ${button(this.isTesting ? "Sending…" : "Send test event", () => void this.#test())}
      ${button("Edit", () => void this.#edit(webhook))}
      ${button("New secret", () => void this.#rotate(), { drawing: "key" })}
      ${button("Delete", () => void this.#remove(), { kind: "danger-quiet" })}
    `;
  }

  #outcome(): unknown {
    if (this.testProblem !== undefined) return failure(this.testProblem);
    const { tested } = this;
    if (tested === undefined) return nothing;
    return html`<div class="notice ${tested.delivered ? "good" : "bad"}" data-tested>
      ${badge(tested.delivered ? "delivered" : "failed")}
      <p>Result of the test event: ${answer(tested.status, tested.error)}.</p>
    </div>`;
  }

  #log(): TemplateResult {
    return listing(this.#deliveries, {
      caption: "Deliveries",
      columns: COLUMNS,
      keyOf: ({ event_id, attempt, at }) => `${event_id} ${attempt} ${at}`,
      none: () => empty("clock", "No deliveries yet", "Send a test event to try it."),
    });
  }

  async #test(): Promise<void> {
    if (this.isTesting) return;
    this.isTesting = true;
    this.testProblem = undefined;
    try {
      this.tested = await testWebhook(this.name_);
      announce(this.tested.delivered ? "The test event was delivered." : "The test event failed.");
    } catch (error) {
      this.testProblem = Problem.from(error);
    } finally {
      this.isTesting = false;
    }
    this.#changed();
  }

  async #edit(webhook?: Webhook): Promise<void> {
    if ((await editWebhook(webhook, this.name_)) !== undefined) await this.#load();
  }

  async #rotate(): Promise<void> {
    if (await rotateWebhook(this.name_)) await this.#webhook.refresh();
  }

  async #remove(): Promise<void> {
    const done = await confirm({
      title: `Delete ${this.name_}?`,
      text: html`<p>
        No more events are sent to the endpoint. Its list of deliveries is deleted.
      </p>`,
      verb: "Delete",
      isGrave: true,
      act: async () => {
        await removeWebhook(this.name_);
        return true;
      },
    });
    if (done === undefined) return;
    announce("Deleted.");
    go(to.webhooks);
  }

  #changed(): void {
    void this.#webhook.refresh();
    void this.#deliveries.refresh();
  }
}

function outcome({ delivered, next_attempt_at }: Delivery): string {
  if (delivered) return "delivered";
  return next_attempt_at === null ? "failed" : "retrying";
}

/** What it answered; or why that is not known, which says the status where there was one. */
function answer(status: number | null, error: string | null): unknown {
  return error ?? html`<code>HTTP ${status}</code>`;
}

function about(webhook: Webhook): TemplateResult {
  const { url, events, disabled, disabled_reason, disabled_at } = webhook;
  return facts([
    ["Status", badge(disabled ? "disabled" : "enabled")],
    ...(disabled
      ? ([["Disabled", html`${exactly(disabled_at)} ${disabled_reason ?? nothing}`]] as [
          string,
          unknown,
        ][])
      : []),
    ["URL", html`<code>${url}</code>`],
    ["Events", events.length === 0 ? "all" : html`<span class="chips">${events.map(chip)}</span>`],
    ...(webhook.previous_secret_expires_at === null
      ? []
      : ([["Previous secret signs until", exactly(webhook.previous_secret_expires_at)]] as [
          string,
          unknown,
        ][])),
    ["Created", exactly(webhook.created_at)],
    ["Changed", exactly(webhook.updated_at)],
  ]);
}

customElements.define("hs-webhook", WebhookPage);

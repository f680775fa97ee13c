// Putting an endpoint, changing it, and giving it a new secret.

import { html, nothing, type TemplateResult } from "lit";

import { announce } from "./announce.ts";
import { putWebhook, readWebhook, rotateWebhookSecret } from "./calls.ts";
import { checkField, choices, selectField, textField, type Option } from "./fields.ts";
import { assertFree, FormDialog, type Form } from "./form-dialog.ts";
import { showSecrets } from "./secret-dialog.ts";
import { EVENT_TYPES, type Webhook } from "./types.ts";

const TYPES = EVENT_TYPES.map((type): Option => [type, type]);

class WebhookForm extends FormDialog<Webhook> {
  webhook: Webhook | undefined = undefined;
  suggested = "";

  protected override get title_(): string {
    return this.webhook === undefined ? "New endpoint" : `Edit ${this.webhook.name}`;
  }

  protected override get verb(): string {
    return this.webhook === undefined ? "Create endpoint" : "Save";
  }

  protected override fields(): TemplateResult {
    const { webhook } = this;
    return html`
      ${
        webhook === undefined
          ? textField({
              label: "Name",
              name: "name",
              value: this.suggested,
              required: true,
              pattern: "[a-z0-9_\\-]{1,64}",
              mono: true,
              first: true,
              hint: "Lower-case letters, digits, _ and -. It cannot be changed later.",
              error: this.wrong("name"),
            })
          : nothing
      }
      ${textField({
        label: "URL",
        name: "url",
        value: webhook?.url ?? "",
        required: true,
        maxlength: 2_048,
        mono: true,
        placeholder: "https://crm.example/hooks",
        hint: "https, with a public host name.",
        error: this.wrong("url"),
      })}
      ${choices(
        "Events to send",
        "events",
        TYPES,
        (type) => webhook?.events.some((event) => event === type) ?? false,
        "All events if none is selected.",
      )}
      ${checkField({
        label: "Disabled: no events are sent",
        name: "disabled",
        checked: webhook?.disabled ?? false,
      })}
      ${
        webhook === undefined
          ? textField({
              label: "Your own secret",
              name: "secret",
              type: "password",
              hint: "Optional: whsec_ and base64. If empty, a secret is created and shown once.",
              error: this.wrong("secret"),
            })
          : nothing
      }
    `;
  }

  protected override async send(form: Form): Promise<Webhook> {
    const name = this.webhook?.name ?? form.text("name");
    if (this.webhook === undefined) await assertFree("name", () => readWebhook(name));
    return putWebhook(name, {
      url: form.text("url"),
      events: form.all("events"),
      disabled: form.isOn("disabled"),
      secret: form.optional("secret"),
    });
  }
}

customElements.define("hs-webhook-form", WebhookForm);

/** Opens the form, for a new endpoint where none is given; shows the secret that was made, once. */
export async function editWebhook(webhook?: Webhook, suggested = ""): Promise<Webhook | undefined> {
  const form = new WebhookForm();
  form.webhook = webhook;
  form.suggested = suggested;
  const saved = await form.open();
  if (saved === undefined) return undefined;
  announce("The endpoint was saved.");
  await showSecret(saved);
  const { secret: _, ...shown } = saved;
  return shown;
}

async function showSecret({ name, secret }: Webhook): Promise<void> {
  if (secret === undefined) return;
  await showSecrets(`Signing secret of ${name}`, [{ name: "Webhook secret", text: secret }]);
}

const OVERLAPS: Option[] = [
  ["0", "0 seconds: it ends now"],
  ["3600", "1 hour"],
  ["86400", "1 day"],
  ["604800", "1 week"],
];

class RotateWebhookForm extends FormDialog<Webhook> {
  webhookName = "";

  protected override get title_(): string {
    return `New secret of ${this.webhookName}`;
  }

  protected override get verb(): string {
    return "Create secret";
  }

  protected override get isGrave(): boolean {
    return true;
  }

  protected override fields(): TemplateResult {
    return selectField({
      label: "The current secret also signs for",
      name: "previous_ttl",
      value: "86400",
      options: OVERLAPS,
      error: this.wrong("previous_ttl"),
    });
  }

  protected override send(form: Form, keyFor: (body: unknown) => string): Promise<Webhook> {
    const json = { previous_ttl: form.number("previous_ttl") };
    return rotateWebhookSecret(this.webhookName, json, keyFor(json));
  }
}

customElements.define("hs-rotate-webhook-form", RotateWebhookForm);

/** Opens the form, then shows the new secret once. Whether one was made. */
export async function rotateWebhook(name: string): Promise<boolean> {
  const form = new RotateWebhookForm();
  form.webhookName = name;
  const rotated = await form.open();
  if (rotated === undefined) return false;
  await showSecret(rotated);
  return true;
}

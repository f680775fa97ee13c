// Registering an app, changing one, and giving it a new secret.

import { html, nothing, type TemplateResult } from "lit";

import { announce } from "./announce.ts";
import { putApp, readApp, rotateClientSecret } from "./calls.ts";
import { areaField, selectField, textField, type Option } from "./fields.ts";
import { assertFree, FormDialog, type Form } from "./form-dialog.ts";
import { showSecrets } from "./secret-dialog.ts";
import type { App } from "./types.ts";
import { listed } from "./words.ts";

const CLIENT_TYPES: Option[] = [
  ["confidential", "confidential — has a client secret"],
  ["public", "public — has no client secret"],
];

class AppForm extends FormDialog<App> {
  app: App | undefined = undefined;
  suggested = "";

  protected override get title_(): string {
    return this.app === undefined ? "New app" : `Edit ${this.app.app_id}`;
  }

  protected override get verb(): string {
    return this.app === undefined ? "Create app" : "Save";
  }

  protected override fields(): TemplateResult {
    const { app } = this;
    return html`
      ${
        app === undefined
          ? textField({
              label: "App id",
              name: "app_id",
              value: this.suggested,
              required: true,
              maxlength: 128,
              mono: true,
              first: true,
              hint: "The client id in OAuth. It cannot be changed later.",
              error: this.wrong("app_id"),
            })
          : nothing
      }
      ${textField({
        label: "Name",
        name: "name",
        value: app?.name ?? "",
        required: true,
        maxlength: 128,
        hint: "The name that users see.",
        error: this.wrong("name"),
      })}
      ${textField({
        label: "Description",
        name: "description",
        value: app?.description ?? "",
        maxlength: 1_024,
        error: this.wrong("description"),
      })}
      ${areaField({
        label: "Redirect URIs",
        name: "redirect_uris",
        value: app?.redirect_uris.join("\n") ?? "",
        placeholder: "https://crm.example/back",
        hint: "One per line. The comparison is exact.",
        error: this.wrong("redirect_uris"),
      })}
      ${textField({
        label: "Scopes",
        name: "scopes",
        value: app?.scopes.join(" ") ?? "",
        mono: true,
        placeholder: "contacts.read contacts.write",
        hint: "The scopes that the app may request, separated by spaces.",
        error: this.wrong("scopes"),
      })}
      ${selectField({
        label: "Client type",
        name: "client_type",
        value: app?.client_type ?? "confidential",
        options: CLIENT_TYPES,
        error: this.wrong("client_type"),
      })}
      ${textField({
        label: "Provider",
        name: "provider",
        value: app?.provider ?? "",
        mono: true,
        hint: "Optional: the slug of the provider whose credentials the connections of the app store.",
        error: this.wrong("provider"),
      })}
      ${textField({
        label: "Logo URL",
        name: "logo_url",
        type: "url",
        value: app?.logo_url ?? "",
        error: this.wrong("logo_url"),
      })}
    `;
  }

  protected override async send(form: Form): Promise<App> {
    const id = this.app?.app_id ?? form.text("app_id");
    if (this.app === undefined) await assertFree("app_id", () => readApp(id));
    return putApp(id, {
      name: form.text("name"),
      description: form.optional("description") ?? null,
      redirect_uris: listed(form.text("redirect_uris"), /\n/),
      scopes: listed(form.text("scopes"), /\s+/),
      client_type: form.text("client_type") as App["client_type"],
      logo_url: form.optional("logo_url") ?? null,
      provider: form.optional("provider") ?? null,
    });
  }
}

customElements.define("hs-app-form", AppForm);

/** Opens the form, for a new app where none is given; shows the secret that was made, once. */
export async function editApp(app?: App, suggested = ""): Promise<App | undefined> {
  const form = new AppForm();
  form.app = app;
  form.suggested = suggested;
  const saved = await form.open();
  if (saved === undefined) return undefined;
  announce(app === undefined ? "The app was created." : "Saved.");
  if (saved.client_secret !== undefined) {
    await showSecrets(`Client secret of ${saved.app_id}`, [
      { name: "Client secret", text: saved.client_secret },
    ]);
  }
  const { client_secret: _, ...shown } = saved;
  return shown;
}

const OVERLAPS: Option[] = [
  ["0", "0 seconds: it ends now"],
  ["3600", "1 hour"],
  ["86400", "1 day"],
  ["604800", "1 week"],
];

class RotateForm extends FormDialog<App> {
  appId = "";

  protected override get title_(): string {
    return `New client secret of ${this.appId}`;
  }

  protected override get verb(): string {
    return "Create secret";
  }

  protected override get isGrave(): boolean {
    return true;
  }

  protected override fields(): TemplateResult {
    return selectField({
      label: "The current secret stays valid for",
      name: "previous_ttl",
      value: "3600",
      options: OVERLAPS,
      hint: "The time that you need to configure the new secret.",
      error: this.wrong("previous_ttl"),
    });
  }

  protected override send(form: Form, keyFor: (body: unknown) => string): Promise<App> {
    const json = { previous_ttl: form.number("previous_ttl") };
    return rotateClientSecret(this.appId, json, keyFor(json));
  }
}

customElements.define("hs-rotate-form", RotateForm);

/** Opens the form, then shows the new secret once. Whether one was made. */
export async function rotateSecretOf(appId: string): Promise<boolean> {
  const form = new RotateForm();
  form.appId = appId;
  const { client_secret } = (await form.open()) ?? {};
  if (client_secret === undefined) return false;
  await showSecrets(`New client secret of ${appId}`, [
    { name: "Client secret", text: client_secret },
  ]);
  return true;
}

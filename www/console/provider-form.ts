// Saying how tokens are revoked at a provider, and what it knows this deployment as.

import { html, nothing, type TemplateResult } from "lit";

import { announce } from "./announce.ts";
import { putProvider, readProvider } from "./calls.ts";
import { areaField, choices, selectField, textField, type Option } from "./fields.ts";
import { assertFree, FormDialog, type Form } from "./form-dialog.ts";
import type { Provider, RevocationCall } from "./types.ts";
import { listed } from "./words.ts";

type Way = "call" | "shipped" | "none";

const WAYS: Option[] = [
  ["call", "with the call below"],
  ["shipped", "as in the catalogue"],
  ["none", "not possible"],
];
const METHODS: Option[] = [
  ["rfc7009", "POST (RFC 7009)"],
  ["post", "POST"],
  ["delete", "DELETE"],
  ["get", "GET"],
];
const AUTHS: Option[] = [
  ["basic", "client, HTTP Basic"],
  ["post", "client, in the body"],
  ["bearer", "the token, as bearer"],
  ["none", "none"],
];
const BODIES: Option[] = [
  ["", "default of the method"],
  ["form", "form"],
  ["json", "JSON"],
  ["query", "query"],
  ["none", "none"],
];
const TOKENS: Option[] = [
  ["refresh_token", "refresh tokens"],
  ["access_token", "access tokens"],
];

class ProviderForm extends FormDialog<Provider> {
  static override properties = { way: { state: true } };
  declare way: Way;
  provider: Provider | undefined = undefined;
  suggested = "";

  protected override get title_(): string {
    return this.provider === undefined ? "New provider" : `Edit ${this.provider.slug}`;
  }

  protected override get verb(): string {
    return this.provider === undefined ? "Create provider" : "Save";
  }

  protected override fields(): TemplateResult {
    const { provider } = this;
    return html`
      ${
        provider === undefined
          ? textField({
              label: "Slug",
              name: "slug",
              value: this.suggested,
              required: true,
              pattern: "[a-z0-9_\\-]{1,64}",
              mono: true,
              first: true,
              hint: "Lower-case letters, digits, _ and -. It cannot be changed later.",
              error: this.wrong("slug"),
            })
          : nothing
      }
      ${textField({
        label: "Name",
        name: "name",
        value: provider?.name ?? "",
        maxlength: 128,
        hint: "The name that people see. If empty: the slug.",
        error: this.wrong("name"),
      })}
      ${selectField({
        label: "Tokens are revoked",
        name: "way",
        value: this.way,
        options: WAYS,
        changed: (way) => (this.way = way as Way),
      })}
      ${this.way === "call" ? this.#call(provider?.revocation ?? undefined) : nothing}
      ${textField({
        label: "Client id",
        name: "client_id",
        value: provider?.client_id ?? "",
        mono: true,
        hint: "The client id of this deployment at the provider, if the call needs it.",
        error: this.wrong("client_id"),
      })}
      ${textField({
        label: "Client secret",
        name: "client_secret",
        type: "password",
        hint:
          provider?.has_client_secret === true
            ? "A secret is stored. Leave this empty to keep it; another client id or host needs the secret again."
            : "Stored encrypted, never shown again.",
        error: this.wrong("client_secret"),
      })}
    `;
  }

  #call(call?: RevocationCall): TemplateResult {
    return html`<fieldset class="group">
      <legend>The call</legend>
      ${textField({
        label: "URL",
        name: "url",
        required: true,
        maxlength: 2_048,
        mono: true,
        value: call?.url ?? "",
        placeholder: "https://acme.example/oauth/revoke",
        hint: "{client_id} and {token} are replaced by their values.",
        error: this.wrong("revocation.url"),
      })}
      <div class="pair">
        ${selectField({
          label: "Method",
          name: "method",
          value: call?.method ?? "rfc7009",
          options: METHODS,
          error: this.wrong("revocation.method"),
        })}
        ${selectField({
          label: "Authentication",
          name: "auth",
          value: call?.auth ?? "basic",
          options: AUTHS,
          error: this.wrong("revocation.auth"),
        })}
        ${selectField({
          label: "Body",
          name: "body",
          value: call?.body ?? "",
          options: BODIES,
          error: this.wrong("revocation.body"),
        })}
        ${textField({
          label: "Parameter",
          name: "parameter",
          value: call?.parameter ?? "",
          placeholder: "token",
          mono: true,
          error: this.wrong("revocation.parameter"),
        })}
      </div>
      ${choices("Tokens that the call revokes", "tokens", TOKENS, (type) =>
        (call?.tokens ?? ["refresh_token", "access_token"]).some((token) => token === type),
      )}
      ${areaField({
        label: "Errors that mean “already invalid”",
        name: "gone_errors",
        value: call?.gone_errors?.join("\n") ?? "",
        placeholder: "invalid_token",
        hint: "One per line. Default with RFC 7009: invalid_token.",
        error: this.wrong("revocation.gone_errors"),
      })}
      ${textField({
        label: "HTTP statuses that mean “already invalid”",
        name: "gone_statuses",
        value: call?.gone_statuses?.join(" ") ?? "",
        placeholder: "404 410",
        error: this.wrong("revocation.gone_statuses"),
      })}
    </fieldset>`;
  }

  protected override async send(form: Form): Promise<Provider> {
    const slug = this.provider?.slug ?? form.text("slug");
    if (this.provider === undefined) await assertFree("slug", () => readProvider(slug));
    return putProvider(slug, {
      name: form.optional("name"),
      client_id: form.optional("client_id") ?? null,
      client_secret: form.optional("client_secret"),
      ...(this.way === "shipped"
        ? {}
        : {
            revocation:
              this.way === "none"
                ? { method: "none" }
                : callOf(form, this.provider?.revocation ?? undefined),
          }),
    });
  }
}

/** The call in the form. The form has no headers and rules for answers: they stay as they are. */
function callOf(form: Form, before?: RevocationCall): object {
  const errors = listed(form.text("gone_errors"), /\s+/);
  const statuses = listed(form.text("gone_statuses"), /[\s,]+/);
  return {
    method: form.text("method"),
    url: form.text("url"),
    auth: form.text("auth"),
    body: form.optional("body"),
    parameter: form.optional("parameter"),
    tokens: form.all("tokens"),
    ...(errors.length === 0 ? {} : { gone_errors: errors }),
    ...(statuses.length === 0 ? {} : { gone_statuses: statuses.map(Number) }),
    ...(before === undefined ? {} : { headers: before.headers, answers: before.answers }),
  };
}

customElements.define("hs-provider-form", ProviderForm);

/** Opens the form: for a new provider, where none is given. */
export async function editProvider(
  provider?: Provider,
  suggested = "",
): Promise<Provider | undefined> {
  const form = new ProviderForm();
  form.provider = provider;
  form.suggested = suggested;
  form.way = wayOf(provider);
  const saved = await form.open();
  if (saved !== undefined) announce("The provider was saved.");
  return saved;
}

function wayOf(provider: Provider | undefined): Way {
  if (provider?.source === "shipped") return "shipped";
  return provider?.revocation === null ? "none" : "call";
}

// One provider, and how tokens are revoked there.

import { html, nothing, type TemplateResult } from "lit";

import { announce } from "./announce.ts";
import { badge, chip } from "./badge.ts";
import { readProvider, removeProvider } from "./calls.ts";
import { confirm } from "./confirm.ts";
import { idText } from "./copy.ts";
import { button, pageHead, section } from "./head.ts";
import { Loader } from "./loader.ts";
import { editProvider } from "./provider-form.ts";
import { to } from "./router.ts";
import { empty, shown } from "./states.ts";
import { facts } from "./table.ts";
import { exactly } from "./times.ts";
import type { Provider, RevocationCall } from "./types.ts";
import { View } from "./view.ts";

const NONE = html`<span class="muted">none</span>`;

class ProviderPage extends View {
  static override properties = { slug_: { attribute: false } };
  /** `slug` itself is an attribute of every element's. */
  declare slug_: string;
  readonly #provider = new Loader<Provider>(this, (signal) => readProvider(this.slug_, signal));

  protected override firstUpdated(): void {
    void this.#provider.load();
  }

  override render(): TemplateResult {
    const { value, problem } = this.#provider;
    return html`
      ${pageHead({
        crumbs: [["Providers", to.providers]],
        title: value?.name ?? this.slug_,
        actions: value === undefined ? nothing : this.#actions(value),
      })}
      ${
        problem?.code === "provider_not_found"
          ? html`<div class="panel">
              ${empty("providers", "This provider does not exist", "Revocations at this provider are abandoned.")}
              <p class="center">
                ${button("Create this provider", () => void this.#edit(), { kind: "primary" })}
              </p>
            </div>`
          : shown(this.#provider, about)
      }
    `;
  }

  #actions(provider: Provider): TemplateResult {
    return html`
      ${button("Edit", () => void this.#edit(provider))}
      ${
        provider.source === "operator"
          ? button("Delete", () => void this.#remove(provider), { kind: "danger-quiet" })
          : nothing
      }
    `;
  }

  async #edit(provider?: Provider): Promise<void> {
    if ((await editProvider(provider, this.slug_)) !== undefined) await this.#provider.load();
  }

  async #remove({ slug, name }: Provider): Promise<void> {
    const done = await confirm({
      title: `Delete the configuration of ${name}?`,
      text: html`<p>
        The client id and the client secret are deleted. If the catalogue has
        <code>${slug}</code>, its entry is used again. If not, later revocations at this provider
        are abandoned.
      </p>`,
      verb: "Delete",
      isGrave: true,
      act: async () => {
        await removeProvider(slug);
        return true;
      },
    });
    if (done === undefined) return;
    announce("Configuration deleted.");
    await this.#provider.load();
  }
}

function about(provider: Provider): TemplateResult {
  const { revocation } = provider;
  return html`
    <div class="panel">
      ${facts([
        ["Slug", idText(provider.slug)],
        ["Source", chip(provider.source)],
        [
          "Client id",
          provider.client_id === null ? NONE : html`<code>${provider.client_id}</code>`,
        ],
        ["Client secret", provider.has_client_secret ? "stored, encrypted" : NONE],
        ...(provider.updated_at === null
          ? []
          : ([["Configured", exactly(provider.updated_at)]] as [string, unknown][])),
      ])}
    </div>
    ${section(
      "Revocation call",
      "",
      revocation === null
        ? html`<p class="pad">
            ${badge("unsupported")} The provider has no revocation call: its tokens stay valid there
            until they expire.
          </p>`
        : call(revocation),
    )}
  `;
}

function call({
  method,
  url,
  auth,
  body,
  parameter,
  tokens,
  gone_errors,
  gone_statuses,
  headers = {},
  answers = [],
}: RevocationCall) {
  const words = (list: readonly (string | number)[] | undefined): unknown =>
    list === undefined || list.length === 0
      ? NONE
      : html`<span class="chips">${list.map((word) => chip(`${word}`))}</span>`;
  return facts([
    ["Method", chip(method)],
    ["URL", html`<code>${url}</code>`],
    ["Authentication", chip(auth)],
    ["Body", chip(body ?? "")],
    ["Parameter", html`<code>${parameter ?? ""}</code>`],
    ["Tokens", words(tokens)],
    ["Errors for “already invalid”", words(gone_errors)],
    ["Statuses for “already invalid”", words(gone_statuses)],
    [
      "Additional headers",
      words(Object.entries(headers).map(([name, value]) => `${name}: ${value}`)),
    ],
    [
      "Answers",
      words(
        answers.map(({ status, body, means }) =>
          [status, ...Object.entries(body).map(([at, is]) => `${at} ${is}`), means].join(" · "),
        ),
      ),
    ],
  ]);
}

customElements.define("hs-provider", ProviderPage);

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
              ${empty("providers", "There is no such provider", "What it is to revoke is abandoned.")}
              <p class="center">
                ${button("Put this provider", () => void this.#edit(), { kind: "primary" })}
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
          ? button("Take back", () => void this.#remove(provider), { kind: "danger-quiet" })
          : nothing
      }
    `;
  }

  async #edit(provider?: Provider): Promise<void> {
    if ((await editProvider(provider, this.slug_)) !== undefined) await this.#provider.load();
  }

  async #remove({ slug, name }: Provider): Promise<void> {
    const done = await confirm({
      title: `Take back what was put of ${name}?`,
      text: html`<p>
        What ships of <code>${slug}</code>, if anything does, holds again; its client and secret are
        gone. Where nothing ships, what it is to revoke is abandoned from then on.
      </p>`,
      verb: "Take back",
      isGrave: true,
      act: async () => {
        await removeProvider(slug);
        return true;
      },
    });
    if (done === undefined) return;
    announce("Taken back.");
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
        ["Client secret", provider.has_client_secret ? "kept, sealed" : NONE],
        ...(provider.updated_at === null
          ? []
          : ([["Put", exactly(provider.updated_at)]] as [string, unknown][])),
      ])}
    </div>
    ${section(
      "How tokens are revoked there",
      "",
      revocation === null
        ? html`<p class="pad">
            ${badge("unsupported")} It offers no way: its tokens are alive there until they run out.
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
    ["Who proves who it is", chip(auth)],
    ["The token goes into", chip(body ?? "")],
    ["It is called", html`<code>${parameter ?? ""}</code>`],
    ["Tokens", words(tokens)],
    ["Errors that mean gone", words(gone_errors)],
    ["Statuses that mean gone", words(gone_statuses)],
    ["Further headers", words(Object.entries(headers).map(([name, value]) => `${name}: ${value}`))],
    [
      "Answers",
      words(
        answers.map(({ status, body = {}, means }) =>
          [status, ...Object.entries(body).map(([at, is]) => `${at} ${is}`), means].join(" · "),
        ),
      ),
    ],
  ]);
}

customElements.define("hs-provider", ProviderPage);

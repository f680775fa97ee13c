// The head of a page: where it is, what it is called, what can be done there.

import { html, nothing, type TemplateResult } from "lit";

import { icon, type Icon } from "./icons.ts";
import type { PulseState } from "./pulse.ts";

interface Head {
  /** The ways back up. */
  crumbs?: [words: string, href: string][];
  title: string;
  /** Whether the title is an id. */
  mono?: boolean;
  beside?: unknown;
  about?: unknown;
  actions?: unknown;
}

export function pageHead({
  crumbs = [],
  title,
  mono = false,
  beside = nothing,
  about = nothing,
  actions = nothing,
}: Head): TemplateResult {
  return html`<header class="page-head">
    ${
      crumbs.length === 0
        ? nothing
        : html`<nav aria-label="Breadcrumb" class="crumbs">
            <ol>
              ${crumbs.map(([words, href]) => html`<li><a href=${href}>${words}</a></li>`)}
            </ol>
          </nav>`
    }
    <div class="title">
      <h1 tabindex="-1" class=${mono ? "mono" : ""}>${title}</h1>
      ${beside}
      <div class="actions">${actions}</div>
    </div>
    ${about === nothing ? nothing : html`<p class="muted">${about}</p>`}
  </header>`;
}

/** A section of a page, with a heading of its own. */
export function section(title: string, tools: unknown, body: unknown): TemplateResult {
  return html`<section class="panel">
    <header class="bar">
      <h2 tabindex="-1">${title}</h2>
      <div class="tools">${tools}</div>
    </header>
    ${body}
  </section>`;
}

const LIVE: Record<PulseState, [className: string, words: string, title: string]> = {
  live: ["good", "Live", "Changes appear here within seconds."],
  paused: ["ended", "Paused", "The page does not update while it is hidden."],
  failing: ["waiting", "Reconnecting", "The service does not answer. The page tries again."],
};

/** Whether the page follows what happens. */
export function liveness(state: PulseState): TemplateResult {
  const [tone, words, title] = LIVE[state];
  return html`<span class="live ${tone}" title=${title}><span class="dot"></span>${words}</span>`;
}

interface ButtonLook {
  kind?: string;
  drawing?: Icon;
  /** What it is done to, where there is more than one such button: heard, and not seen. */
  of?: string;
}

export function button(
  words: string,
  act: () => void,
  { kind = "", drawing, of }: ButtonLook = {},
): TemplateResult {
  return html`<button
    class="button ${kind}"
    type="button"
    aria-label=${of === undefined ? nothing : `${words} ${of}`}
    @click=${act}
  >
    ${drawing === undefined ? nothing : icon(drawing)}${words}
  </button>`;
}

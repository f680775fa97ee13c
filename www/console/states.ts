// What is shown while there is nothing to show: loading, empty, failed, stale.

import { html, nothing, type TemplateResult } from "lit";

import { idText } from "./copy.ts";
import type { Problem } from "./http.ts";
import { icon, type Icon } from "./icons.ts";
import type { Loader } from "./loader.ts";
import { clockTime } from "./times.ts";

/** What a loader has, in whatever state that is. */
export function shown<T>(
  loader: Loader<T>,
  ready: (value: T) => unknown,
  waiting: () => TemplateResult = () => skeleton(),
): TemplateResult {
  const { value, problem } = loader;
  if (value !== undefined) {
    return html`${problem === undefined ? nothing : stale(loader, problem)}${ready(value)}`;
  }
  if (problem !== undefined) return failure(problem, () => void loader.load());
  return waiting();
}

/** Grey bars in place of what is being read. */
export function skeleton(lines = 4): TemplateResult {
  return html`<div class="skeleton" aria-busy="true">
    <span class="unseen">Loading…</span>
    ${Array.from({ length: lines }, () => html`<div class="bone"></div>`)}
  </div>`;
}

/** A problem in full: what it is, what the service said, and under what number to find it in the log. */
export function failure(problem: Problem, retry?: () => void): TemplateResult {
  return html`<div class="failure" role="alert">
    ${icon("alert")}
    <div class="stack">
      <p class="strong">${problem.title}</p>
      <p>${problem.detail}</p>
      ${wait(problem)} ${fieldErrors(problem)}
      <p class="small muted">
        <code>${problem.code}</code>${problem.status === 0 ? nothing : html` · ${problem.status}`}
        ${problem.requestId === undefined ? nothing : html` · request ${idText(problem.requestId)}`}
      </p>
      ${
        retry === undefined
          ? nothing
          : html`<p>
              <button class="button" type="button" @click=${retry}>${icon("spin")}Try again</button>
            </p>`
      }
    </div>
  </div>`;
}

function wait({ retryAfter }: Problem): TemplateResult | typeof nothing {
  if (retryAfter === undefined) return nothing;
  const seconds = retryAfter === 1 ? "1 second" : `${retryAfter} seconds`;
  return html`<p>Wait ${seconds} before the next attempt.</p>`;
}

function fieldErrors({ errors }: Problem): TemplateResult | typeof nothing {
  const entries = Object.entries(errors);
  if (entries.length === 0) return nothing;
  return html`<ul>
    ${entries.map(([name, text]) => html`<li><code>${name}</code>: ${text}</li>`)}
  </ul>`;
}

function stale(loader: Loader<unknown>, problem: Problem): TemplateResult {
  const time = loader.asOf === undefined ? "" : clockTime(loader.asOf);
  return html`<div class="notice waiting" role="status">
    ${icon("alert")}
    <p>
      Read at ${time}, may be out of date: ${problem.title.toLowerCase()}.
      ${problem.retryAfter === undefined ? nothing : html`Next attempt in ${problem.retryAfter} s.`}
    </p>
    <button class="button small" type="button" @click=${() => void loader.refresh()}>
      Try again
    </button>
  </div>`;
}

/** Nothing there, and what to do about it. */
export function empty(drawing: Icon, title: string, hint: unknown = nothing): TemplateResult {
  return html`<div class="empty">
    ${icon(drawing)}
    <p class="strong">${title}</p>
    <p class="muted">${hint}</p>
  </div>`;
}

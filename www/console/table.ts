// A table that becomes a list of cards where it is narrow. Its roles are spelled out, since a browser forgets them when
// the rows of a table are drawn as anything else.

import { html, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";

export interface Column<T> {
  label: string;
  cell: (item: T) => unknown;
  /** `title` heads its card, `actions` are the buttons at its end. */
  kind?: "title" | "actions" | "number";
}

export function table<T>(
  caption: string,
  columns: Column<T>[],
  items: readonly T[],
  keyOf: (item: T) => string,
): TemplateResult {
  return html`<table role="table" aria-label=${caption}>
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map(
          ({ label, kind }) =>
            html`<th role="columnheader" scope="col" class=${kind ?? ""}>
              <span class=${kind === "actions" ? "unseen" : ""}>${label}</span>
            </th>`,
        )}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${repeat(items, keyOf, (item) => row(columns, item))}
    </tbody>
  </table>`;
}

function row<T>(columns: Column<T>[], item: T): TemplateResult {
  return html`<tr role="row">
    ${columns.map(
      ({ label, cell, kind }) =>
        html`<td role="cell" class=${kind ?? ""}>
          <span class="label" aria-hidden="true">${label}</span>
          <div class="value">${cell(item)}</div>
        </td>`,
    )}
  </tr>`;
}

/** Names and values, side by side. */
export function facts(pairs: [name: string, value: unknown][]): TemplateResult {
  return html`<dl class="facts">
    ${pairs.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

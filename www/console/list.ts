// A list in pages, as every list of the console is drawn.

import { html, nothing, type TemplateResult } from "lit";

import { icon } from "./icons.ts";
import type { Pager } from "./pager.ts";
import { shown } from "./states.ts";
import { table, type Column } from "./table.ts";

interface Listing<T> {
  caption: string;
  columns: Column<T>[];
  keyOf: (item: T) => string;
  /** What stands there where there is nothing at all. */
  none: () => TemplateResult;
}

export function listing<T>(pager: Pager<T>, { caption, columns, keyOf, none }: Listing<T>) {
  return shown(pager, ({ items, next_cursor }) => {
    const isAll = pager.isFirst && next_cursor === null;
    if (items.length === 0 && isAll) return none();
    return html`
      ${
        items.length === 0
          ? html`<p class="pad muted">
              Nothing on this page${next_cursor ? ": look further on" : ""}.
            </p>`
          : table(caption, columns, items, keyOf)
      }
      ${isAll ? nothing : turner(pager, next_cursor !== null)}
    `;
  });
}

function turner(pager: Pager<unknown>, hasOlder: boolean): TemplateResult {
  return html`<nav class="turner" aria-label="Pages">
    <button
      class="button small"
      type="button"
      ?disabled=${pager.isFirst}
      @click=${() => void pager.newer()}
    >
      ${icon("left")}Newer
    </button>
    <span class="small muted">Page ${pager.number}</span>
    <button
      class="button small"
      type="button"
      ?disabled=${!hasOlder}
      @click=${() => void pager.older()}
    >
      Older${icon("right")}
    </button>
  </nav>`;
}

/** A choice that narrows a list. */
export function filter(
  label: string,
  options: readonly string[],
  chosen: string,
  choose: (option: string) => void,
): TemplateResult {
  const id = `filter-${label.toLowerCase()}`;
  return html`<div class="filter">
    <label for=${id}>${label}</label>
    <select id=${id} @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
      <option value="" ?selected=${chosen === ""}>all</option>
      ${options.map(
        (option) =>
          html`<option value=${option} ?selected=${option === chosen}>
            ${option.replaceAll("_", " ")}
          </option>`,
      )}
    </select>
  </div>`;
}

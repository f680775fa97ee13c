// How the list looks. It shares the colours, buttons and dialog of `<hookswitch-status>`.

import { SHARED, sheetOf } from "../style.ts";

const CSS = `
ul { display: grid; gap: 0.75rem; padding: 0; list-style: none; }
.row {
  display: grid;
  grid-template-columns: auto minmax(0, 1fr) auto;
  gap: 0.75rem 1rem;
  align-items: start;
  padding: 1rem 1.125rem;
  border: 1px solid var(--_line);
  border-radius: var(--_radius);
  background: var(--_paper);
  box-shadow: var(--hookswitch-shadow, 0 1px 2px rgb(16 24 40 / 6%));
}
.row:focus { outline: none; }
.logo {
  display: grid;
  place-items: center;
  width: 2.75rem;
  height: 2.75rem;
  overflow: hidden;
  border: 1px solid var(--_line);
  border-radius: 28%;
  background: color-mix(in oklab, var(--_muted) 12%, var(--_paper));
  color: var(--_muted);
  font-weight: 650;
}
.logo img { width: 100%; height: 100%; object-fit: cover; background: #fff; }
.name { font-size: 1.0625em; font-weight: 650; line-height: 1.35; overflow-wrap: anywhere; }
.state { display: flex; align-items: center; gap: 0.375em; color: var(--_tone); font-size: 0.9375em; font-weight: 550; }
.state svg { flex: none; width: 1.125em; height: 1.125em; }
.hint, .about, .times { color: var(--_muted); font-size: 0.875em; overflow-wrap: anywhere; }
.scopes { display: flex; flex-wrap: wrap; gap: 0.375rem; padding-top: 0.5rem; }
.scope {
  padding: 0.0625rem 0.5rem;
  border: 1px solid var(--_line);
  border-radius: 1rem;
  font-size: 0.8125em;
  overflow-wrap: anywhere;
}
.times { gap: 0.125rem 1.25rem; padding-top: 0.5rem; font-size: 0.8125em; }
.times dl { display: flex; flex-wrap: wrap; gap: 0 0.375em; }
.times dd { color: var(--_ink); }
.actions { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 0.5rem; padding: 0; }
.problem { grid-column: 1 / -1; }
.note { display: grid; gap: 0.25rem; padding: 1.5rem 1.125rem; border: 1px dashed var(--_line); border-radius: var(--_radius); text-align: center; }
.note strong { font-weight: 650; }
.note span, .more { color: var(--_muted); font-size: 0.9375em; }
.note[data-tone="unknown"] strong { color: var(--_tone); }
.foot { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0.25rem 1rem; padding-top: 0.625rem; }
.foot:not(:has(> :not([hidden]))) { display: none; }
.announced { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

@container (width < 30rem) {
  .row { grid-template-columns: auto minmax(0, 1fr); }
  .actions { grid-column: 1 / -1; justify-content: stretch; }
  .actions button { flex: 1; }
}
@media (forced-colors: active) {
  .row, .logo, .note { border: 1px solid CanvasText; }
  .state { color: CanvasText; }
}
`;

/** One sheet for all lists. */
export const listSheet = sheetOf(
  `${SHARED}:host { container-type: inline-size; max-width: 44rem; }${CSS}`,
);

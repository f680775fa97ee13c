// How the element looks. Hosts change it by the custom properties that begin with `--hookswitch-`, and by the parts.

const CSS = `
:host {
  --_ink: var(--hookswitch-ink, light-dark(#18202c, #eef2f8));
  --_muted: var(--hookswitch-muted, light-dark(#556072, #a9b4c5));
  --_paper: var(--hookswitch-paper, light-dark(#fff, #171c26));
  --_line: var(--hookswitch-line, light-dark(#d8dee8, #343d4d));
  --_focus: var(--hookswitch-focus, light-dark(#0b57c2, #8ab8ff));
  --_danger: var(--hookswitch-danger, light-dark(#b3261e, #ff9d94));
  --_radius: var(--hookswitch-radius, 0.875rem);
  --_tone: var(--_ink);
  display: block;
  max-width: 34rem;
  color: var(--_ink);
  font: var(--hookswitch-font, 400 1rem/1.5 system-ui, sans-serif);
  text-align: start;
}
:host([hidden]) { display: none; }
:host([compact]) { display: inline-block; max-width: 100%; vertical-align: middle; }
* { box-sizing: border-box; margin: 0; }
[hidden] { display: none !important; }
svg { display: block; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }

.card {
  display: grid;
  grid-template-columns: auto minmax(0, 1fr);
  gap: 0 1rem;
  padding: 1.125rem 1.25rem;
  border: 1px solid var(--_line);
  border-radius: var(--_radius);
  background: var(--_paper);
  box-shadow: var(--hookswitch-shadow, 0 1px 2px rgb(16 24 40 / 6%));
}
.card:has([data-is="offline"], [data-is="over"]) { border-style: dashed; border-color: var(--_muted); }
.card:focus { outline: none; }
.card:focus-visible { outline: 3px solid var(--_focus); outline-offset: 2px; }
[data-tone="good"] { --_tone: var(--hookswitch-good, light-dark(#0a7040, #5fd394)); }
[data-tone="waiting"] { --_tone: var(--hookswitch-waiting, light-dark(#1d5fc4, #8ab8ff)); }
[data-tone="paused"] { --_tone: var(--hookswitch-paused, light-dark(#8a5300, #f3bd62)); }
[data-tone="ended"] { --_tone: var(--hookswitch-ended, light-dark(#556072, #a9b4c5)); }
[data-tone="unknown"] { --_tone: var(--hookswitch-unknown, var(--_danger)); }

.icon {
  width: 2.75rem;
  height: 2.75rem;
  padding: 0.625rem;
  border-radius: 28%;
  color: var(--_tone);
  background: color-mix(in oklab, var(--_tone) 13%, var(--_paper));
}
.said { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.75rem; }
.label { flex: 1 1 auto; color: var(--_muted); font-size: 0.875em; overflow-wrap: anywhere; }
.fresh { display: inline-flex; align-items: baseline; gap: 0.375em; color: var(--_muted); font-size: 0.8125em; }
.fresh svg { flex: none; align-self: center; width: 1.125em; height: 1.125em; }
.fresh[data-is="live"] svg { color: var(--hookswitch-good, light-dark(#0a7040, #5fd394)); }
.fresh[data-is="connecting"] svg { stroke-width: 4; }
.word { flex-basis: 100%; font-size: 1.1875em; font-weight: 650; line-height: 1.35; letter-spacing: -0.005em; }
.sentence { flex-basis: 100%; color: var(--_muted); font-size: 0.9375em; }

.times { display: flex; flex-wrap: wrap; gap: 0.25rem 1.75rem; padding-top: 0.75rem; font-size: 0.875em; }
dt { color: var(--_muted); }
dd { font-variant-numeric: tabular-nums; font-weight: 550; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 0.75rem; padding-top: 1rem; }
.problem { flex: 1 1 12rem; color: var(--_danger); font-size: 0.875em; }
.problem:empty { display: none; }

button {
  min-height: 2.5rem;
  padding: 0.375rem 1rem;
  border: 1px solid var(--_line);
  border-radius: calc(var(--_radius) * 0.65);
  background: var(--_paper);
  color: var(--_ink);
  font: inherit;
  font-size: 0.9375em;
  font-weight: 550;
  cursor: pointer;
}
button:hover { border-color: currentColor; }
button:focus-visible { outline: 3px solid var(--_focus); outline-offset: 2px; }
button[aria-disabled="true"] { color: var(--_muted); cursor: progress; }
.end { color: var(--_danger); }
.sure { border-color: transparent; background: var(--_danger); color: var(--_paper); }

dialog {
  width: min(26rem, calc(100vw - 2rem));
  padding: 1.375rem 1.5rem 1.25rem;
  border: 1px solid var(--_line);
  border-radius: var(--_radius);
  background: var(--_paper);
  color: var(--_ink);
  margin: auto;
  box-shadow: 0 1rem 3rem rgb(10 14 22 / 28%);
}
dialog::backdrop { background: rgb(10 14 22 / 50%); }
.question { font-size: 1.125em; font-weight: 650; line-height: 1.35; overflow-wrap: anywhere; }
.consequence { padding-top: 0.375rem; color: var(--_muted); font-size: 0.9375em; }
.choice { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 0.625rem; padding-top: 1.25rem; }

:host([compact]) .card {
  display: inline-grid;
  align-items: center;
  gap: 0 0.625rem;
  max-width: 100%;
  padding: 0.3125rem 0.25rem 0.3125rem 0.375rem;
  border-radius: calc(var(--_radius) * 1.5);
  box-shadow: none;
}
:host([compact]) .icon { width: 1.75rem; height: 1.75rem; padding: 0.3125rem; border-radius: 50%; }
:host([compact]) .label { flex: none; max-width: 100%; }
:host([compact]) .label:empty { display: none; }
:host([compact]) .word { flex-basis: auto; font-size: 0.9375em; }
:host([compact]) .fresh { order: 1; }
:host([compact]) :is(.sentence, .since) { display: none; }
:host([compact]) :is(.body, .more) { display: flex; flex-wrap: wrap; align-items: center; }
:host([compact]) .said { margin-inline-end: 0.75rem; }
:host([compact]) :is(.times, .actions) { padding: 0; }
:host([compact]) .left { display: flex; gap: 0.375em; margin-inline-end: 0.75rem; }
:host([compact]) .actions { padding: 0.125rem 0.25rem 0.125rem 0; }
:host([compact]) .end { min-height: 1.75rem; padding: 0.0625rem 0.75rem; font-size: 0.8125em; }

@media (prefers-reduced-motion: no-preference) {
  .fresh[data-is="live"] svg { animation: breathe 3s ease-in-out infinite; }
  .fresh[data-is="connecting"] svg { animation: breathe 1.2s ease-in-out infinite; }
  @keyframes breathe { 50% { opacity: 0.35; } }
}
@media (forced-colors: active) {
  .card, .icon, dialog { border: 1px solid CanvasText; }
  .icon { background: Canvas; color: CanvasText; }
  .fresh[data-is] svg { color: inherit; }
  .sure { border-color: ButtonText; }
}
`;

let sheet: CSSStyleSheet | undefined;

/**
 * One sheet for all elements, constructed, so that a strict policy has nothing to forbid. The DOM of some test environments
 * has no such sheets: the element has no style there.
 */
export function styleSheet(): CSSStyleSheet | undefined {
  if (
    sheet === undefined &&
    typeof globalThis.CSSStyleSheet?.prototype.replaceSync === "function"
  ) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}

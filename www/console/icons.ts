// The drawings, all in one hand: 16 by 16, by lines. Each stands beside a word and is hidden from those who cannot see it.

import { html, svg, type TemplateResult } from "lit";

const DRAWINGS = {
  users: svg`<circle cx="6" cy="5" r="2.5"/><path d="M1.5 13.5c.3-3 2-4.5 4.5-4.5s4.2 1.5 4.5 4.5M10.5 2.8a2.5 2.5 0 0 1 0 4.4M12 9.4c1.5.6 2.3 2 2.5 4.1"/>`,
  apps: svg`<rect x="2" y="2" width="4.5" height="4.5" rx="1"/><rect x="9.5" y="2" width="4.5" height="4.5" rx="1"/><rect x="2" y="9.5" width="4.5" height="4.5" rx="1"/><rect x="9.5" y="9.5" width="4.5" height="4.5" rx="1"/>`,
  providers: svg`<path d="M5 2v3M11 2v3M3.5 5h9v2.5a4.5 4.5 0 0 1-9 0zM8 12v2.5"/>`,
  upstream: svg`<path d="M4.5 12.5a3 3 0 0 1-.4-5.9 4 4 0 0 1 7.7.4 2.8 2.8 0 0 1 0 5.5M8 14V8.5M6 10.3l2-2 2 2"/>`,
  webhooks: svg`<path d="M6.3 7.2 4 11M9.5 5.6l2.4 4M6.5 12H12"/><circle cx="8" cy="4" r="2.2"/><circle cx="3.5" cy="12" r="2.2"/><circle cx="12.5" cy="12" r="2.2"/>`,
  check: svg`<path d="m3 8.5 3.3 3.3L13 5"/>`,
  used: svg`<path d="m1.5 8.5 3 3 5-6M8 11l.6.6 5.9-6.5"/>`,
  pause: svg`<path d="M5.5 3.5v9M10.5 3.5v9"/>`,
  ban: svg`<circle cx="8" cy="8" r="6"/><path d="m4 12 8-8"/>`,
  clock: svg`<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.5 1.5"/>`,
  spin: svg`<path d="M13.5 8A5.5 5.5 0 1 1 11 3.4M11 1v2.6h2.6"/>`,
  alert: svg`<path d="M8 2 1.5 13.5h13zM8 6.5V9.5M8 11.6v.1"/>`,
  cross: svg`<path d="m4 4 8 8M12 4l-8 8"/>`,
  copy: svg`<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5"/>`,
  plus: svg`<path d="M8 3v10M3 8h10"/>`,
  search: svg`<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>`,
  leave: svg`<path d="M6 2.5H3.5a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1H6M10.5 11l3-3-3-3M13.5 8H6"/>`,
  key: svg`<circle cx="5" cy="11" r="3"/><path d="m7.2 8.8 6-6M11 5l2 2"/>`,
  user: svg`<circle cx="8" cy="5" r="2.8"/><path d="M2.5 14c.4-3.2 2.3-4.8 5.5-4.8s5.1 1.6 5.5 4.8"/>`,
  token: svg`<rect x="1.5" y="4" width="13" height="8" rx="2"/><path d="M5 8h.1M8 8h.1M11 8h.1"/>`,
  link: svg`<path d="M6.5 9.5a3 3 0 0 0 4.3 0l2.3-2.3a3 3 0 0 0-4.3-4.3L7.7 4M9.5 6.5a3 3 0 0 0-4.3 0L2.9 8.8a3 3 0 0 0 4.3 4.3L8.3 12"/>`,
  right: svg`<path d="m6 3.5 4.5 4.5L6 12.5"/>`,
  left: svg`<path d="M10 3.5 5.5 8l4.5 4.5"/>`,
} as const;

export type Icon = keyof typeof DRAWINGS;

export function icon(name: Icon): TemplateResult {
  return html`<svg
    class="icon"
    viewBox="0 0 16 16"
    width="16"
    height="16"
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${DRAWINGS[name]}
  </svg>`;
}

// Times, as people say them; the exact one is a tooltip away.

import {
  html,
  type ReactiveController,
  type ReactiveControllerHost,
  type TemplateResult,
} from "lit";

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });
const EXACT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** “3 min ago”, with the exact time to be had. */
export function ago(time: string | null, otherwise = "—"): TemplateResult {
  if (time === null) return html`<span class="muted">${otherwise}</span>`;
  const exact = EXACT.format(new Date(time));
  return html`<time datetime=${time} title=${exact}>${relative(time)}</time>`;
}

/** Both: for where there is room. */
export function exactly(time: string | null, otherwise = "—"): TemplateResult {
  if (time === null) return html`<span class="muted">${otherwise}</span>`;
  return html`<time datetime=${time}
    >${EXACT.format(new Date(time))} <span class="muted">(${relative(time)})</span></time
  >`;
}

/** The time of day. */
export function clockTime(time: Date): string {
  return time.toLocaleTimeString("en-GB");
}

function relative(time: string): string {
  const seconds = Math.round((Date.parse(time) - Date.now()) / 1_000);
  const [unit, length] = UNITS.find(([, of]) => Math.abs(seconds) >= of) ?? ["second", 1];
  return RELATIVE.format(Math.trunc(seconds / length), unit);
}

const TICK_MS = 10_000;

/** Has its host drawn again now and then, so that what is said of times stays true. */
export class Clock implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.#timer = setInterval(() => {
      if (!document.hidden) this.#host.requestUpdate();
    }, TICK_MS);
  }

  hostDisconnected(): void {
    clearInterval(this.#timer);
  }
}

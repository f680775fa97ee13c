// A status as a word with a drawing and a tone: never by its colour alone.

import { html, type TemplateResult } from "lit";

import { icon, type Icon } from "./icons.ts";

type Tone = "good" | "waiting" | "paused" | "ended" | "bad";

interface Look {
  tone: Tone;
  icon: Icon;
}

const LOOKS: Record<string, Look> = {
  valid: { tone: "good", icon: "check" },
  active: { tone: "good", icon: "check" },
  held: { tone: "good", icon: "check" },
  delivered: { tone: "good", icon: "check" },
  yes: { tone: "good", icon: "check" },
  enabled: { tone: "good", icon: "check" },
  initiated: { tone: "waiting", icon: "clock" },
  revoking: { tone: "waiting", icon: "spin" },
  retrying: { tone: "waiting", icon: "spin" },
  inactive: { tone: "paused", icon: "pause" },
  disabled: { tone: "paused", icon: "pause" },
  no: { tone: "paused", icon: "ban" },
  unsupported: { tone: "paused", icon: "alert" },
  consumed: { tone: "ended", icon: "used" },
  revoked: { tone: "ended", icon: "ban" },
  gone: { tone: "ended", icon: "ban" },
  dismissed: { tone: "ended", icon: "cross" },
  expired: { tone: "ended", icon: "clock" },
  failed: { tone: "bad", icon: "alert" },
  abandoned: { tone: "bad", icon: "alert" },
};
const UNKNOWN: Look = { tone: "ended", icon: "alert" };

export function badge(status: string): TemplateResult {
  const look = LOOKS[status] ?? UNKNOWN;
  return html`<span class="badge ${look.tone}" data-status=${status}
    >${icon(look.icon)}${status}</span
  >`;
}

/** A small quiet word: a role, a scope, a group. */
export function chip(word: string): TemplateResult {
  return html`<span class="chip">${word}</span>`;
}

/** The words of a scope. */
export function scopes(scope: string | null): TemplateResult {
  const words = scope?.split(" ") ?? [];
  if (words.length === 0) return html`<span class="muted">none</span>`;
  return html`<span class="chips">${words.map(chip)}</span>`;
}

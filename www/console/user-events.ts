// What happened to a user: the audit trail.

import { html, type TemplateResult } from "lit";

import { listEvents } from "./calls.ts";
import { idText, shortened } from "./copy.ts";
import { section } from "./head.ts";
import { icon, type Icon } from "./icons.ts";
import { filter, listing } from "./list.ts";
import { Pager } from "./pager.ts";
import { to } from "./router.ts";
import { empty } from "./states.ts";
import type { Column } from "./table.ts";
import { ago } from "./times.ts";
import { EVENT_TYPES, type AuditEvent } from "./types.ts";
import { UserList } from "./user-list.ts";

const COLUMNS: Column<AuditEvent>[] = [
  { label: "Event", kind: "title", cell: ({ type }) => eventName(type) },
  { label: "Subject", cell: subject },
  { label: "By", cell: ({ actor }) => html`<code>${actor}</code>` },
  { label: "Details", cell: ({ data }) => details(data) },
  { label: "When", cell: ({ at }) => ago(at) },
];

class UserEvents extends UserList<AuditEvent> {
  protected override readonly pager = new Pager<AuditEvent>(this, (page, signal) =>
    listEvents(this.userId, { ...page, ...this.narrowed("type") }, signal),
  );

  override render(): TemplateResult {
    const tools = filter("Type", EVENT_TYPES, this.chosen, (chosen) => this.narrow(chosen));
    const body = listing(this.pager, {
      caption: "Events",
      columns: COLUMNS,
      keyOf: ({ id }) => id,
      none: () => empty("clock", "No events", "New events appear here within seconds."),
    });
    return section("Events", tools, body);
  }
}

const DRAWINGS: Record<string, Icon> = {
  user: "user",
  token: "token",
  connection: "link",
  revocation: "alert",
};

/** The type of an event, with a drawing of what it is about. */
export function eventName(type: string): TemplateResult {
  const of = type.split(".")[0] ?? "";
  return html`<span class="event">${icon(DRAWINGS[of] ?? "clock")}<code>${type}</code></span>`;
}

function subject({ token_id, connection_id }: AuditEvent): unknown {
  if (token_id !== null) return idText(token_id, to.token(token_id));
  if (connection_id !== null) return idText(connection_id, to.connection(connection_id));
  return html`<span class="muted">the user</span>`;
}

function details(data: Record<string, unknown>): unknown {
  const entries = Object.entries(data).filter(([, value]) => value !== null);
  if (entries.length === 0) return html`<span class="muted">—</span>`;
  return html`<span class="details"
    >${entries.map(
      ([name, value]) => html`<span><span class="muted">${name}</span> ${inWords(value)}</span> `,
    )}</span
  >`;
}

/** A value of an event's data: ids are shortened, lists and objects have no punctuation of JSON. */
function inWords(value: unknown): string {
  if (typeof value === "string") return shortened(value);
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(inWords).join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== 0);
  return members.map(([name, member]) => `${name} ${inWords(member)}`).join(", ");
}

customElements.define("hs-user-events", UserEvents);

// `<hookswitch-connections>` in a page, and lists for it to show.

import type { Locator, Page } from "playwright-core";

import type { UserConnection, UserConnectionsWithApps } from "../../../www/api/types.ts";

const id = (number: number): string => `ca_${String(number).padStart(48, "0")}`;

/** A connection of a list. */
export function shown(number: number, more: Partial<UserConnection> = {}): UserConnection {
  return {
    id: id(number),
    app_id: `app-${number}`,
    scope: null,
    status: "active",
    created_at: "2026-11-01T09:30:00.000000Z",
    activated_at: "2026-11-01T09:30:00.000000Z",
    provider_revocation: null,
    health: "ok",
    last_used_at: null,
    ...more,
  };
}

/** A list, as the server sends it. */
export function list(
  connections: UserConnection[],
  more: Partial<UserConnectionsWithApps> = {},
): UserConnectionsWithApps {
  return {
    connections,
    has_more: false,
    can: ["read", "revoke"],
    as_of: new Date().toISOString(),
    ticket_expires_at: "2199-01-01T00:00:00.000000Z",
    apps: {},
    ...more,
  };
}

const APP = { description: null, logo_url: null, scope_descriptions: {} };

/** A list with every kind of row. */
export const EVERYTHING = list(
  [
    shown(1, {
      app_id: "crm",
      scope: "contacts.read calendar",
      last_used_at: "2026-11-29T17:04:00.000000Z",
    }),
    shown(2, { app_id: "calendar", status: "inactive" }),
    shown(3, { app_id: "mail", health: "needs_reconnect" }),
    shown(4, {
      app_id: "drive",
      status: "revoking",
      provider_revocation: "in_progress",
      health: null,
    }),
    shown(5, {
      app_id: "notes",
      status: "revoking",
      provider_revocation: "unconfirmed",
      health: null,
    }),
    shown(6, { app_id: "an-app-that-was-deleted-and-has-a-very-long-identifier-0123456789" }),
  ],
  {
    has_more: true,
    apps: {
      crm: {
        ...APP,
        name: "Acme CRM",
        description: "Keeps your customers in one place.",
        logo_url: "/icon.svg",
        scope_descriptions: { "contacts.read": "Read your contacts" },
      },
      calendar: { ...APP, name: "Calendar" },
      mail: { ...APP, name: "Post" },
      drive: { ...APP, name: "Drive" },
      notes: { ...APP, name: "Notes" },
    },
  },
);

/** Puts the element into the page, and nothing else of its kind. */
export async function putList(page: Page, attributes: Record<string, string>): Promise<Locator> {
  await page.evaluate(({ ticket, ...rest }) => {
    document.querySelector("hookswitch-connections")?.remove();
    const element = document.createElement("hookswitch-connections");
    for (const [name, value] of Object.entries(rest)) element.setAttribute(name, value);
    if (ticket !== undefined) Reflect.set(element, "ticket", ticket);
    document.querySelector("main")?.append(element);
  }, attributes);
  return page.locator("hookswitch-connections");
}

/** The names and statuses of the rows that are shown. */
export function rows(element: Locator): Promise<string[]> {
  return element.evaluate(({ shadowRoot }) =>
    [...(shadowRoot?.querySelectorAll(".row") ?? [])].map((row) =>
      [".name", ".state"]
        .map((part) => row.querySelector<HTMLElement>(part)?.innerText.trim())
        .join(": "),
    ),
  );
}

/** The note in the place of rows; empty if there is none. */
export async function note(element: Locator): Promise<string> {
  const found = element.locator(".note");
  return (await found.isVisible()) ? (await found.innerText()).trim() : "";
}

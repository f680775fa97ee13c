// `<hookswitch-status>` in a page: put there, and looked at.

import type { Locator, Page } from "playwright-core";

import type { HookswitchStatus } from "../../../www/element/index.ts";

/** Attributes; `ticket` is set as a property. */
export type Attributes = Record<string, string>;

/** Puts an element into the page, and nothing else of its kind. */
export async function put(page: Page, attributes: Attributes): Promise<Locator> {
  await page.evaluate(({ ticket, ...rest }) => {
    document.querySelector("hookswitch-status")?.remove();
    const element = document.createElement("hookswitch-status");
    for (const [name, value] of Object.entries(rest)) element.setAttribute(name, value);
    if (ticket !== undefined) element.ticket = ticket;
    document.querySelector("main")?.append(element);
  }, attributes);
  return page.locator("hookswitch-status");
}

/** A part of the element. */
export function part(element: Locator, name: string): Locator {
  return element.locator(`[part="${name}"]`);
}

/** What a part says; nothing, where it is not to be seen. */
export async function words(element: Locator, name: string): Promise<string> {
  const found = part(element, name);
  return (await found.isVisible()) ? (await found.innerText()).trim() : "";
}

/** Something that the element told the page. */
export interface Told {
  type: string;
  detail: Record<string, unknown>;
}

const NAMES = ["change", "disconnect", "ticket-expired", "error"].map(
  (name) => `hookswitch-${name}`,
);

/** Has the page listen to what the elements tell, from outside of them. */
export async function listen(page: Page): Promise<void> {
  await page.evaluate((names) => {
    const told: Told[] = [];
    Object.assign(globalThis, { told });
    for (const name of names) {
      document.addEventListener(name, (event) => {
        const { type, detail } = event as CustomEvent<Record<string, unknown>>;
        told.push({ type, detail: { ...detail } });
      });
    }
  }, NAMES);
}

/** All that the elements told since. */
export function seen(page: Page): Promise<Told[]> {
  return page.evaluate(() => {
    const { told } = globalThis as unknown as { told: Told[] };
    // Functions cannot leave the page.
    return told.map(({ type, detail }) => ({
      type,
      detail: JSON.parse(JSON.stringify(detail)) as Record<string, unknown>,
    }));
  });
}

/** Reads a property of the element. */
export function property(element: Locator, name: keyof HookswitchStatus): Promise<unknown> {
  return element.evaluate((host, name) => Reflect.get(host, name) as unknown, name);
}

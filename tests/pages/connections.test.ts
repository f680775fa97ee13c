// `<hookswitch-connections>` and its page at a real deployment.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import type { Browser, BrowserContext, Locator, Page } from "playwright-core";

import { eventsOf, newUser } from "../http/kit/actions.ts";
import {
  connect,
  disable,
  newApp,
  readConnection,
  revokeConnection,
} from "../http/kit/connections.ts";
import { serve, type Service } from "../http/kit/service.ts";
import { ticketFor } from "../http/kit/status.ts";
import { untilTrue } from "../http/kit/wait.ts";
import { axeFindings, launch, shoot, Watch, WIDE } from "./kit/browser.ts";
import { note, putList, rows } from "./kit/connections.ts";
import { blankPage } from "./kit/follow.ts";

let service: Service;
let browser: Browser;
let context: BrowserContext;
let watch: Watch;

before(async () => {
  [service, browser] = await Promise.all([serve(), launch()]);
});
after(async () => {
  await browser?.close();
  await service?.stop();
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: WIDE, locale: "en" });
  watch = new Watch(context, [service.url]);
});
afterEach(async () => {
  await context.close();
  assert.deepEqual([watch.errors, watch.strangers], [[], []]);
});

/** A user with two connections, and a ticket for the user. */
async function ticketed(
  can = ["revoke"],
): Promise<{ user: string; ids: string[]; ticket: string }> {
  const user = await newUser(service.root);
  const ids: string[] = [];
  for (const name of ["Acme CRM", "Calendar"]) {
    const { app_id } = await newApp(service.root, { name });
    ids.push((await connect(service.root, user, app_id)).id);
  }
  return { user, ids, ticket: await ticketFor(service.root, { user_id: user, can }) };
}

/** A page with the element. */
async function blank(): Promise<Page> {
  const page = await blankPage(context, service.url);
  await page.addScriptTag({ type: "module", url: "/hookswitch/connections.js" });
  return page;
}

const untilRows = (element: Locator, ...expected: string[]): Promise<void> =>
  untilTrue(expected.join(), async () => (await rows(element)).join() === expected.join());

/** Listens to the events of the element. */
const listen = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const told: unknown[] = [];
    Object.assign(globalThis, { told });
    for (const name of ["disconnect", "reconnect", "connections"]) {
      document.addEventListener(`hookswitch-${name}`, (event) => {
        const { detail } = event as CustomEvent<{ id?: string; connections?: unknown[] }>;
        told.push([name, detail.id ?? detail.connections?.length]);
      });
    }
  });
const told = (page: Page): Promise<unknown[]> =>
  page.evaluate(() => (globalThis as unknown as { told: unknown[] }).told);

test("list_follows_each_change", async () => {
  const { user, ids, ticket } = await ticketed();
  const page = await blank();
  const element = await putList(page, { ticket, lang: "en" });
  await untilRows(element, "Calendar: Connected", "Acme CRM: Connected");
  await disable(service.root, ids[0] ?? "");
  await untilRows(element, "Calendar: Connected", "Acme CRM: Paused");
  const { app_id } = await newApp(service.root, { name: "New app" });
  await connect(service.root, user, app_id);
  await untilRows(element, "New app: Connected", "Calendar: Connected", "Acme CRM: Paused");
  await revokeConnection(service.root, ids[1] ?? "");
  await untilRows(element, "New app: Connected", "Acme CRM: Paused");
  await service.root.post(`/v1/users/${user}/revoke`, {});
  await untilTrue("empty", async () => (await note(element)).startsWith("No connected apps"));
});

test("person_disconnects_an_app_after_a_confirmation", async () => {
  const { user, ids, ticket } = await ticketed();
  const page = await blank();
  await listen(page);
  const element = await putList(page, { ticket, lang: "en" });
  await untilRows(element, "Calendar: Connected", "Acme CRM: Connected");
  const end = element.getByRole("button", { name: "Disconnect – Acme CRM" });
  await end.click();
  assert.match(await element.locator("dialog").innerText(), /Disconnect Acme CRM\?/);
  await page.keyboard.press("Escape");
  assert.equal((await readConnection(service.root, ids[0] ?? "")).status, "active");
  await end.click();
  await element.locator("button.sure").click();
  await untilRows(element, "Calendar: Connected");
  assert.equal((await readConnection(service.root, ids[0] ?? "")).status, "revoked");
  assert.equal(await element.locator(".announced").innerText(), "Acme CRM is disconnected.");
  const focused = await element.evaluate(({ shadowRoot }) => shadowRoot?.activeElement?.ariaLabel);
  assert.equal(focused, "Disconnect – Calendar", "the focus stays in the list");
  const [event] = await eventsOf(service.root, user);
  assert.deepEqual([event?.type, event?.actor], ["connection.revoked", user]);
  assert.deepEqual(await told(page), [
    ["connections", 2],
    ["disconnect", ids[0]],
    ["connections", 1],
  ]);
});

test("page_may_disconnect_by_itself_or_not_at_all", async () => {
  const { ids, ticket } = await ticketed();
  const page = await blank();
  const element = await putList(page, { ticket, lang: "en" });
  await untilRows(element, "Calendar: Connected", "Acme CRM: Connected");
  const confirm = async (): Promise<void> => {
    await element.locator("button.end").last().click();
    await element.locator("button.sure").click();
  };
  await element.evaluate((host) =>
    host.addEventListener("hookswitch-disconnect", (event) => event.preventDefault(), {
      once: true,
    }),
  );
  await confirm();
  assert.equal((await readConnection(service.root, ids[0] ?? "")).status, "active");
  await element.evaluate((host) =>
    host.addEventListener(
      "hookswitch-disconnect",
      (event) => {
        const { detail } = event as CustomEvent<{ waitUntil(work: Promise<unknown>): void }>;
        detail.waitUntil(Promise.reject(new Error("no")));
      },
      { once: true },
    ),
  );
  await confirm();
  await untilTrue("failed", async () =>
    /That did not work/.test(await element.locator(".row").last().innerText()),
  );
  assert.equal((await readConnection(service.root, ids[0] ?? "")).status, "active");
});

test("person_is_asked_to_reconnect_what_the_provider_rejects", async () => {
  const { ids, ticket } = await ticketed();
  const page = await blank();
  await listen(page);
  const element = await putList(page, { ticket, lang: "en", reconnectable: "" });
  await untilRows(element, "Calendar: Connected", "Acme CRM: Connected");
  await service.root.post(`/v1/connections/${ids[0]}/health`, { status: "needs_reconnect" });
  await untilRows(element, "Calendar: Connected", "Acme CRM: Reconnect");
  await element.getByRole("button", { name: "Reconnect – Acme CRM" }).click();
  assert.deepEqual((await told(page)).at(-1), ["reconnect", ids[0]]);
});

for (const [look, options] of Object.entries({
  "wide-light": { viewport: WIDE, colorScheme: "light" },
  "wide-dark": { viewport: WIDE, colorScheme: "dark" },
  "small-light": { viewport: { width: 320, height: 740 }, colorScheme: "light" },
  "small-dark": { viewport: { width: 320, height: 740 }, colorScheme: "dark" },
} as const)) {
  test(`hosted_page_shows_the_list_and_hides_the_ticket (${look})`, async () => {
    const { ticket } = await ticketed();
    await context.close();
    context = await browser.newContext({ ...options, locale: "en" });
    watch = new Watch(context, [service.url]);
    const page = await context.newPage();
    await page.goto(`${service.url}/connections#ticket=${ticket}`);
    const element = page.locator("hookswitch-connections");
    await untilRows(element, "Calendar: Connected", "Acme CRM: Connected");
    await untilTrue("live", async () => (await element.locator(".fresh").innerText()) === "Live");
    assert.equal(page.url(), `${service.url}/connections`);
    assert.equal(await page.title(), "Connected apps");
    await shoot(page, `connections-page-${look}`);
    assert.deepEqual(await axeFindings(page), []);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.equal(overflow, 0);
    await element.getByRole("button", { name: "Disconnect – Calendar" }).click();
    await element.locator("button.sure").click();
    await untilRows(element, "Acme CRM: Connected");
  });
}

test("hosted_page_speaks_the_language_of_its_link_and_says_when_the_link_is_over", async () => {
  const { ticket } = await ticketed();
  const page = await context.newPage();
  await page.goto(`${service.url}/connections#ticket=${ticket}&lang=de-CH`);
  const element = page.locator("hookswitch-connections");
  await untilRows(element, "Calendar: Verbunden", "Acme CRM: Verbunden");
  assert.equal(await page.locator("h1").innerText(), "Verbundene Apps");
  await page.reload();
  await page.getByRole("alert").filter({ hasText: "This link does not work any more" }).waitFor();
  await shoot(page, "connections-page-over");
  assert.deepEqual(await axeFindings(page), []);
});

test("hosted_page_may_load_logos_of_other_hosts_and_nothing_else", async () => {
  const { headers } = await fetch(`${service.url}/connections`);
  const policy = headers.get("content-security-policy") ?? "";
  assert.match(policy, /^default-src 'none';.*img-src 'self' https:;.*frame-ancestors 'none'/);
  assert.equal(policy.split("default-src").length, 2, "one policy");
  assert.equal(headers.get("referrer-policy"), "no-referrer");
});

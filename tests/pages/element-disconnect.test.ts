// The button that ends it: asked by keyboard, answered by the page.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import type { Browser, BrowserContext, Locator, Page } from "playwright-core";

import { sleep, untilTrue } from "../http/kit/wait.ts";
import { axeFindings, launch, NARROW, shoot, Watch } from "./kit/browser.ts";
import { listen, part, put, seen, words } from "./kit/element.ts";
import { blankPage } from "./kit/follow.ts";
import { connection, token } from "./kit/statuses.ts";
import { StatusServer } from "./kit/status-server.ts";

const TICKET = "hst_a";

let server: StatusServer;
let browser: Browser;
let context: BrowserContext;
let watch: Watch;
let page: Page;

before(async () => {
  [server, browser] = await Promise.all([StatusServer.start(), launch()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(async () => {
  server.say(TICKET, connection("active"));
  context = await browser.newContext({ viewport: NARROW });
  watch = new Watch(context, [server.url]);
  page = await blankPage(context, server.url);
});
afterEach(async () => {
  await context.close();
  assert.deepEqual([watch.errors, watch.strangers], [[], []]);
});

/** An element with the button, and the page listens. */
async function offered(more: Record<string, string> = {}): Promise<Locator> {
  await listen(page);
  const element = await put(page, {
    ticket: TICKET,
    label: "Acme CRM",
    disconnectable: "",
    ...more,
  });
  await part(element, "disconnect-button").waitFor();
  return element;
}

/** Which part has the focus. */
const focused = (element: Locator): Promise<string | null | undefined> =>
  element.evaluate(({ shadowRoot }) => shadowRoot?.activeElement?.getAttribute("part"));

/** How often the page was asked to end it. */
async function asked(): Promise<number> {
  return (await seen(page)).filter(({ type }) => type === "hookswitch-disconnect").length;
}

/** What the page does when it is asked. */
async function answer(what: "prevents" | "fails" | "works" | "waits"): Promise<void> {
  await page.evaluate((what) => {
    document.addEventListener("hookswitch-disconnect", (event) => {
      const { waitUntil } = event.detail;
      if (what === "prevents") event.preventDefault();
      if (what === "fails") waitUntil(Promise.reject(new Error("no")));
      if (what === "works") waitUntil(Promise.resolve());
      if (what === "waits") waitUntil(new Promise(() => {}));
    });
  }, what);
}

test("by_keyboard_it_asks_first_and_the_safe_answer_has_the_focus", async () => {
  const element = await offered();
  await page.keyboard.press("Tab");
  assert.equal(await focused(element), "disconnect-button");
  await page.keyboard.press("Enter");
  assert.ok(await part(element, "dialog").isVisible());
  assert.equal(await focused(element), "cancel-button");
  const dialog = page.getByRole("alertdialog", { name: "Disconnect Acme CRM?" });
  assert.ok(await dialog.isVisible());
  await shoot(page, "element-confirm");
  assert.deepEqual(await axeFindings(page), []);

  // The focus does not leave the question.
  await page.keyboard.press("Tab");
  assert.equal(await focused(element), "confirm-button");
  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(element), "cancel-button");

  await page.keyboard.press("Escape");
  assert.equal(await part(element, "dialog").isVisible(), false);
  assert.equal(await focused(element), "disconnect-button");
  assert.equal(await asked(), 0);

  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  assert.equal(await focused(element), "disconnect-button");
  assert.equal(await asked(), 0, "cancelled");

  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const [told] = (await seen(page)).filter(({ type }) => type === "hookswitch-disconnect");
  const { id } = connection("active");
  assert.deepEqual(told?.detail, { subject: "connection", id });
  assert.equal(await focused(element), "disconnect-button");
});

test("while_the_page_works_the_button_says_so_and_does_nothing", async () => {
  const element = await offered();
  await answer("waits");
  await part(element, "disconnect-button").click();
  await part(element, "confirm-button").click();
  assert.equal(await words(element, "disconnect-button"), "One moment…");
  await shoot(page, "element-working");
  await page.keyboard.press("Enter");
  assert.equal(await part(element, "dialog").isVisible(), false);
  assert.equal(await asked(), 1);
  assert.deepEqual(await axeFindings(page), []);
});

test("when_it_is_over_the_button_goes_and_the_focus_stays_with_the_element", async () => {
  const element = await offered();
  await answer("works");
  await part(element, "disconnect-button").click();
  await part(element, "confirm-button").click();
  server.say(TICKET, connection("revoked"));
  await untilTrue("over", async () => (await words(element, "status")) === "Disconnected");
  assert.equal(await part(element, "disconnect-button").isVisible(), false);
  assert.equal(await focused(element), "card");
});

test("a_question_that_has_become_idle_goes_away", async () => {
  const element = await offered();
  await part(element, "disconnect-button").click();
  server.say(TICKET, connection("revoked"));
  await untilTrue("over", async () => (await words(element, "status")) === "Disconnected");
  assert.equal(await part(element, "dialog").isVisible(), false);
  assert.equal(await focused(element), "card");
});

test("a_failure_of_the_page_is_said_in_words", async () => {
  const element = await offered();
  await answer("fails");
  await part(element, "disconnect-button").click();
  await part(element, "confirm-button").click();
  await untilTrue("said", async () =>
    (await words(element, "problem")).startsWith("That did not work."),
  );
  assert.equal(await words(element, "disconnect-button"), "Disconnect");
  await shoot(page, "element-failed");
  assert.deepEqual(await axeFindings(page), []);
});

test("a_page_that_prevents_the_event_has_changed_nothing", async () => {
  const element = await offered();
  await answer("prevents");
  await part(element, "disconnect-button").click();
  await part(element, "confirm-button").click();
  assert.equal(await asked(), 1);
  assert.equal(await words(element, "disconnect-button"), "Disconnect");
});

test("there_is_no_button_unless_the_page_wants_it_and_there_is_something_to_end", async () => {
  const offers: [Record<string, string>, Parameters<typeof server.say>[1], boolean][] = [
    [{}, connection("active"), false],
    [{ disconnectable: "" }, connection("active"), true],
    [{ disconnectable: "" }, connection("initiated"), true],
    [{ disconnectable: "" }, connection("inactive"), true],
    [{ disconnectable: "" }, connection("revoking"), false],
    [{ disconnectable: "" }, connection("revoked"), false],
    [{ disconnectable: "" }, connection("expired"), false],
    [{ disconnectable: "" }, token("valid"), true],
    [{ disconnectable: "" }, token("inactive"), true],
    [{ disconnectable: "" }, token("consumed"), false],
    [{ disconnectable: "" }, token("revoked"), false],
    [{ disconnectable: "" }, token("expired"), false],
  ];
  for (const [attributes, status, isThere] of offers) {
    server.say(TICKET, status);
    const element = await put(page, { ticket: TICKET, ...attributes });
    await untilTrue("shown", async () => (await words(element, "sentence")) !== "");
    assert.equal(
      await part(element, "disconnect-button").isVisible(),
      isThere,
      `${status.subject} ${status.status}`,
    );
  }
});

test("a_token_is_revoked_and_not_disconnected", async () => {
  server.say(TICKET, token("valid"));
  const element = await offered({ label: "" });
  assert.equal(await words(element, "disconnect-button"), "Revoke");
  await part(element, "disconnect-button").click();
  assert.equal(await words(element, "dialog-title"), "Revoke Connection token?");
  await part(element, "cancel-button").click();
  await sleep(10);
  assert.equal(await asked(), 0);
});

for (const [lang, question] of [
  ["fr", "Déconnecter Acme CRM ?"],
  ["de", "Acme CRM trennen?"],
  ["es", "¿Desconectar Acme CRM?"],
] as const) {
  test(`it_asks_in_the_language_of_the_person (${lang})`, async () => {
    const element = await offered({ lang });
    await part(element, "disconnect-button").click();
    assert.equal(await words(element, "dialog-title"), question);
    await shoot(page, `element-confirm-${lang}`);
    assert.deepEqual(await axeFindings(page), []);
  });
}

for (const options of [{ colorScheme: "dark" }, { forcedColors: "active" }] as const) {
  const name = Object.values(options).join();
  test(`the_question_is_accessible (${name})`, async () => {
    await page.emulateMedia(options);
    const element = await offered();
    await part(element, "disconnect-button").click();
    await shoot(page, `element-confirm-${name}`);
    assert.deepEqual(await axeFindings(page), []);
  });
}

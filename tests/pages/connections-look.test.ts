// How `<hookswitch-connections>` and its page look and read: every row, every state, every language, light, dark and
// forced colours, wide and narrow.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import type { Status } from "../../www/package/types.ts";
import { axeFindings, launch, shoot, Watch, WIDE } from "./kit/browser.ts";
import { EVERYTHING, list, note, rows, shown } from "./kit/connections.ts";
import { problem, StatusServer, type Answer } from "./kit/status-server.ts";

const MODULE = `<script type="module" src="/hookswitch/connections.js"></script>`;
const LANGUAGES = ["en", "fr", "de", "es"];
const SMALL = { width: 320, height: 740 };
const LOOKS: Record<string, BrowserContextOptions> = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  forced: { forcedColors: "active" },
};

let server: StatusServer;
let browser: Browser;

before(async () => {
  [server, browser] = await Promise.all([StatusServer.start(), launch()]);
  server.say("hst_all", EVERYTHING as unknown as Status);
  server.say("hst_none", list([]) as unknown as Status);
  server.say("hst_read", list([shown(1)], { can: ["read"] }) as unknown as Status);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function opened(
  options: BrowserContextOptions,
  attributes: string,
  run: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  const watch = new Watch(context, [server.url]);
  const page = await context.newPage();
  server.page(
    `<h1>Apps</h1><hookswitch-connections ${attributes}></hookswitch-connections>`,
    MODULE,
  );
  await page.goto(server.url);
  await run(page);
  assert.deepEqual(await axeFindings(page), []);
  watch.forgive(/40\d|status\/connections\/live|Failed to load resource/);
  assert.deepEqual([watch.errors, watch.strangers], [[], []]);
  await context.close();
}

const element = (page: Page) => page.locator("hookswitch-connections");

for (const [look, colours] of Object.entries(LOOKS)) {
  for (const [size, viewport] of Object.entries({ wide: WIDE, small: SMALL })) {
    test(`every_row_is_accessible_and_fits (${look}, ${size})`, async () => {
      await opened({ ...colours, viewport }, `ticket="hst_all" reconnectable`, async (page) => {
        await element(page).locator(".row").nth(5).waitFor();
        await shoot(page, `connections-${look}-${size}`);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.equal(overflow, 0);
      });
    });
  }
}

for (const lang of LANGUAGES) {
  test(`every_row_has_words_in_each_language (${lang})`, async () => {
    const attributes = `ticket="hst_all" reconnectable lang="${lang}"`;
    await opened({ viewport: { width: 720, height: 900 } }, attributes, async (page) => {
      await element(page).locator(".row").nth(5).waitFor();
      await shoot(page, `connections-${lang}`);
      await element(page).locator("button.end").first().click();
      await element(page).locator("dialog[open]").waitFor();
      await shoot(page, `connections-confirm-${lang}`);
    });
  });
}

test("rows_say_what_there_is_to_know", async () => {
  await opened({ viewport: WIDE }, `ticket="hst_all" lang="en"`, async (page) => {
    await element(page).locator(".row").nth(5).waitFor();
    assert.deepEqual((await rows(element(page))).slice(0, 5), [
      "Acme CRM: Connected",
      "Calendar: Paused",
      "Post: Reconnect",
      "Drive: Disconnecting",
      "Notes: Disconnected here",
    ]);
    const first = element(page).locator(".row").first();
    assert.deepEqual(await first.locator(".scope").allInnerTexts(), [
      "Read your contacts",
      "calendar",
    ]);
    assert.match(
      await first.innerText(),
      /Keeps your customers[\s\S]*Since[\s\S]*Last used[\s\S]*Disconnect/,
    );
    assert.equal(await element(page).locator("button.anew").count(), 6);
    assert.equal(await element(page).locator("button.anew:visible").count(), 0, "not offered");
    assert.equal(await element(page).locator("button.end:visible").count(), 4);
    assert.equal(
      await first.locator("button.end").getAttribute("aria-label"),
      "Disconnect – Acme CRM",
    );
  });
});

test("ticket_without_the_right_offers_no_button", async () => {
  await opened({ viewport: WIDE }, `ticket="hst_read"`, async (page) => {
    await element(page).locator(".row").waitFor();
    assert.equal(await element(page).locator("button:visible").count(), 0);
  });
});

const STATES: Record<string, { attributes: string; poll?: Answer | "hanging"; says: RegExp }> = {
  empty: { attributes: `ticket="hst_none"`, says: /^No connected apps\s+Apps that you connect/ },
  "without a ticket": { attributes: "", says: /^There is nothing to show yet\./ },
  loading: { attributes: `ticket="hst_all"`, poll: "hanging", says: /^Reading your connections/ },
  expired: {
    attributes: `ticket="hst_x"`,
    poll: problem(401, "ticket_expired"),
    says: /has run out|has expired/,
  },
  refused: {
    attributes: `ticket="hst_x"`,
    poll: problem(403, "ticket_insufficient"),
    says: /cannot be shown/,
  },
  unreachable: {
    attributes: `ticket="hst_x"`,
    poll: problem(503, "unavailable"),
    says: /cannot be reached/,
  },
};

for (const [state, { attributes, poll, says }] of Object.entries(STATES)) {
  test(`list_says_why_it_is_empty (${state})`, async () => {
    server.poll = poll;
    server.live = poll === undefined ? "served" : "hanging";
    if (poll !== undefined && poll !== "hanging") server.live = "refused";
    try {
      await opened({ viewport: SMALL }, `${attributes} lang="en"`, async (page) => {
        await page.waitForFunction((source) => {
          const root = document.querySelector("hookswitch-connections")?.shadowRoot;
          const text = root?.querySelector<HTMLElement>(".note")?.innerText ?? "";
          return new RegExp(source).test(text);
        }, says.source);
        assert.match(await note(element(page)), says);
        await shoot(page, `connections-${state.replaceAll(" ", "-")}`);
      });
    } finally {
      server.poll = undefined;
      server.live = "served";
    }
  });
}

// How `<hookswitch-status>` looks and reads: every status, every language, light, dark and forced colours.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import { axeFindings, launch, NARROW, shoot, Watch } from "./kit/browser.ts";
import { connection, token } from "./kit/statuses.ts";
import { StatusServer } from "./kit/status-server.ts";

const STATUSES = {
  initiated: connection("initiated"),
  active: connection("active"),
  inactive: connection("inactive"),
  revoking: connection("revoking"),
  revoked: connection("revoked"),
  expired: connection("expired"),
  "token-valid": token("valid"),
  "token-inactive": token("inactive", { kind: "access_token" }),
  "token-consumed": token("consumed"),
  "token-revoked": token("revoked", { kind: "api_key", expires_at: null }),
  "token-expired": token("expired", { kind: "refresh_token" }),
};

const LANGUAGES = ["en", "fr", "de", "es"];

const LOOKS: Record<string, BrowserContextOptions> = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  forced: { forcedColors: "active" },
};

let server: StatusServer;
let browser: Browser;

before(async () => {
  [server, browser] = await Promise.all([StatusServer.start(), launch()]);
  for (const [name, status] of Object.entries(STATUSES)) server.say(`hst_${name}`, status);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const MODULE = `<script type="module" src="/hookswitch/element.js"></script>`;

/** A page with an element for each status, and those without any. */
async function gallery(page: Page, lang: string, attributes = ""): Promise<void> {
  const tickets = [...Object.keys(STATUSES).map((name) => `hst_${name}`), "hst_forged", "nonsense"];
  const elements = tickets.map(
    (ticket, at) =>
      `<p><hookswitch-status lang="${lang}" ticket="${ticket}" ${at % 2 ? 'label="Acme CRM"' : ""} disconnectable ${attributes}></hookswitch-status></p>`,
  );
  server.page(`<h1>Statuses</h1>${elements.join("")}`, MODULE);
  await page.goto(server.url);
  // One follower for each ticket that the server knows, and of those the ones that can still change stay.
  await page.waitForFunction(() => {
    const all = [...document.querySelectorAll("hookswitch-status")];
    return all.every(({ shadowRoot, state }) => {
      const busy = shadowRoot?.querySelector(".fresh")?.getAttribute("data-is") === "connecting";
      return state !== "connecting" && !busy;
    });
  });
}

for (const [look, options] of Object.entries(LOOKS)) {
  for (const lang of LANGUAGES) {
    test(`every_status_is_accessible (${look}, ${lang})`, async () => {
      const context = await browser.newContext({ ...options, viewport: NARROW });
      const watch = new Watch(context, [server.url]);
      const page = await context.newPage();
      await gallery(page, lang);
      await shoot(page, `element-${look}-${lang}`);
      assert.deepEqual(await axeFindings(page), []);
      watch.forgive(/401|status\/live/);
      assert.deepEqual([watch.errors, watch.strangers], [[], []]);
      await context.close();
    });
  }

  test(`every_status_is_accessible_in_one_line (${look})`, async () => {
    const context = await browser.newContext({ ...options, viewport: NARROW });
    const page = await context.newPage();
    await gallery(page, "en", "compact");
    await shoot(page, `element-compact-${look}`);
    assert.deepEqual(await axeFindings(page), []);
    await context.close();
  });
}

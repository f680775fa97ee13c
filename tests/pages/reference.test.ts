// The rendered description of the API, `/reference`.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import { serve, type Service } from "../http/kit/service.ts";
import { launch, NARROW, shoot, Watch, WIDE } from "./kit/browser.ts";

let service: Service;
let browser: Browser;

before(async () => {
  [service, browser] = await Promise.all([serve(), launch()]);
});
after(async () => {
  await browser?.close();
  await service?.stop();
});

/** Opens the page, and at the end checks that it broke no policy and called no other host. */
async function withReference(
  options: BrowserContextOptions,
  look: (page: Page) => Promise<void>,
  fragment = "",
): Promise<void> {
  const context = await browser.newContext(options);
  const watch = new Watch(context, [service.url]);
  const page = await context.newPage();
  await page.goto(`${service.url}/reference${fragment}`);
  await page.locator("#reference[data-ready]").waitFor();
  await look(page);
  assert.deepEqual([watch.errors, watch.strangers], [[], []]);
  await context.close();
}

test("reference_shows_every_operation_of_the_description", async () => {
  const answer = await fetch(`${service.url}/openapi.json`);
  const { paths } = (await answer.json()) as { paths: Record<string, object> };
  const methods = new Set(["get", "put", "post", "delete", "patch"]);
  const count = Object.values(paths)
    .flatMap((item) => Object.keys(item))
    .filter((method) => methods.has(method)).length;
  await withReference({ viewport: WIDE }, async (page) => {
    await page.locator(".opblock").first().waitFor();
    assert.equal(await page.locator(".opblock").count(), count);
    await shoot(page, "reference-1280-light");
  });
});

test("reference_opens_the_operation_of_its_address", async () => {
  await withReference(
    { viewport: WIDE },
    async (page) => {
      const operation = page.locator(".opblock.is-open");
      await operation.locator(".responses-wrapper").waitFor();
      assert.match(await operation.innerText(), /\/v1\/tokens\/consume/);
    },
    "#/Tokens/consumeToken",
  );
});

test("reference_is_dark_in_a_dark_browser", async () => {
  await withReference({ viewport: NARROW, colorScheme: "dark" }, async (page) => {
    assert.ok(await page.locator("html.dark-mode").isVisible());
    await shoot(page, "reference-360-dark");
  });
});

test("reference_sends_a_request_with_the_key_of_the_reader", async () => {
  await withReference(
    { viewport: WIDE },
    async (page) => {
      await page.locator(".opblock.is-open .try-out__btn").click();
      await page.locator(".opblock.is-open .execute").click();
      await page.locator(".opblock.is-open .live-responses-table").waitFor();
      const text = await page.locator(".opblock.is-open .live-responses-table").innerText();
      assert.match(text, /"status": "ok"/);
    },
    "#/Service/getHealth",
  );
});

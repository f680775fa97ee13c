// The page at `/`: for whoever opens the deployment's address.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser } from "playwright-core";

import { serve, type Service } from "../http/kit/service.ts";
import { axeFindings, launch, NARROW, shoot, Watch, WIDE } from "./kit/browser.ts";

let service: Service;
let browser: Browser;

before(async () => {
  [service, browser] = await Promise.all([serve(), launch()]);
});
after(async () => {
  await browser?.close();
  await service?.stop();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const [width, viewport] of Object.entries({ narrow: NARROW, wide: WIDE })) {
    test(`the_home_page_is_accessible (${colorScheme}, ${width})`, async () => {
      const context = await browser.newContext({ colorScheme, viewport });
      const watch = new Watch(context, [service.url]);
      const page = await context.newPage();
      await page.goto(service.url);
      await shoot(page, `home-${colorScheme}-${width}`);
      assert.deepEqual(await axeFindings(page), []);
      assert.deepEqual([watch.errors, watch.strangers], [[], []]);
      await context.close();
    });
  }
}

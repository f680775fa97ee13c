// The link page in a real browser, and the app on the other side of the redirect.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser, BrowserContext, Page } from "playwright-core";

import { check, forge, mint, newUser, revoke } from "../http/kit/actions.ts";
import { disable, readConnection } from "../http/kit/connections.ts";
import { newClientApp, newCode, type Code } from "../http/kit/oauth.ts";
import { serve, type Service } from "../http/kit/service.ts";
import type { App } from "../http/kit/shapes.ts";
import { sleep } from "../http/kit/wait.ts";
import { AppServer, later, listen } from "./kit/app-server.ts";
import { axeFindings, launch, NARROW, shoot, Watch, WIDE } from "./kit/browser.ts";

let service: Service;
let browser: Browser;
let server: AppServer;
let app: App;
let user: string;

before(async () => {
  [service, browser] = await Promise.all([serve(), launch()]);
  const client = later(service.root);
  server = await AppServer.start(client.client);
  app = await newClientApp(service.root, {
    name: "Acme CRM",
    description: "Keeps your customers where your calendar finds them.",
    redirect_uris: [server.callback, "com.example.acme:/callback"],
    scopes: ["contacts.read", "calendar.write"],
  });
  client.is(app);
  user = await newUser(service.root);
});
after(async () => {
  await server?.stop();
  await browser?.close();
  await service?.stop();
});

const link = (token: string): string => `${service.url}/connect?token=${token}&state=xyz`;

const newLink = async (more: object = {}): Promise<Code> =>
  newCode(service.root, await newUser(service.root), app, {
    redirect_uri: server.callback,
    ...more,
  });

async function opened(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

const title = (page: Page): Promise<string> => page.getByRole("heading", { level: 1 }).innerText();

test("a_person_says_yes_and_the_app_exchanges_the_code", async () => {
  // Also where no page may run a script.
  for (const javaScriptEnabled of [true, false]) {
    const context = await browser.newContext({ javaScriptEnabled });
    const watch = new Watch(context, [service.url, server.origin]);
    const { token, connection_id } = await newLink();
    const page = await opened(context, link(token));
    assert.equal(await title(page), "Connect Acme CRM?");
    assert.equal((await readConnection(service.root, connection_id)).status, "initiated");
    await page.getByRole("button", { name: "Connect" }).click();
    await page.waitForURL(`${server.origin}/**`);
    assert.equal(await title(page), "Welcome back");
    const visit = server.visits.at(-1);
    assert.deepEqual([visit?.["state"], visit?.["iss"]], ["xyz", service.url]);
    const { status, connection_id: above } = await check(service.root, server.held.at(-1) ?? "");
    assert.deepEqual([status, above], ["valid", connection_id]);
    assert.equal(await page.evaluate("document.referrer").catch(() => ""), "");
    watch.forgive(/favicon|404/);
    assert.deepEqual([watch.errors, watch.strangers], [[], []]);
    await context.close();
  }
});

test("the_keyboard_will_do", async () => {
  const context = await browser.newContext();
  const { token } = await newLink();
  const page = await opened(context, link(token));
  await page.keyboard.press("Tab");
  assert.equal(await page.locator(":focus").innerText(), "Connect");
  await page.keyboard.press("Tab");
  assert.equal(await page.locator(":focus").innerText(), "Decline");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${server.origin}/**`);
  assert.equal(await title(page), "No: access_denied");
  assert.equal((await check(service.root, token)).status, "revoked");
  await context.close();
});

test("of_two_tabs_one_connects_and_the_other_is_told", async () => {
  const context = await browser.newContext();
  const { token } = await newLink();
  const [one, two] = [await opened(context, link(token)), await opened(context, link(token))];
  const visits = server.visits.length;
  await one.getByRole("button", { name: "Connect" }).click();
  await one.waitForURL(`${server.origin}/**`);
  await two.getByRole("button", { name: "Connect" }).click();
  await two.getByRole("heading", { name: "This link was used already" }).waitFor();
  assert.equal(server.visits.length, visits + 1);
  assert.equal((await check(service.root, server.held.at(-1) ?? "")).status, "valid");
  // Nobody keeps the page, so whoever goes back to it is told as well.
  await one.goBack();
  await one.getByRole("heading", { name: "This link was used already" }).waitFor();
  assert.equal((await check(service.root, server.held.at(-1) ?? "")).status, "valid");
  await context.close();
});

test("a_double_click_ends_in_the_app_or_is_told_and_ends_nothing", async () => {
  const context = await browser.newContext();
  const { token, connection_id } = await newLink();
  const page = await opened(context, link(token));
  await page.getByRole("button", { name: "Connect" }).dblclick();
  await page.waitForFunction(() => document.querySelector("form") === null);
  assert.equal((await readConnection(service.root, connection_id)).status, "active");
  await context.close();
});

test("a_prefetch_or_prerender_changes_nothing", async () => {
  const context = await browser.newContext();
  const { token } = await newLink();
  const page = await opened(context, server.origin);
  await page.setContent(
    `<link rel="prefetch" href="${link(token)}"><a href="${link(token)}">x</a>`,
  );
  await page.evaluate((url) => fetch(url, { mode: "no-cors" }), link(token));
  await sleep(300);
  assert.equal((await check(service.root, token)).status, "valid");
  await context.close();
});

test("a_form_on_another_site_is_refused", async () => {
  const context = await browser.newContext();
  const { token } = await newLink();
  const page = await opened(context, server.origin.replace("127.0.0.1", "localhost"));
  await page.setContent(
    `<form method="post" action="${service.url}/connect"><input name="token" value="${token}"><button name="consent" value="approve">x</button></form>`,
  );
  await page.getByRole("button").click();
  await page.getByRole("heading", { name: "Open the link itself" }).waitFor();
  assert.equal((await check(service.root, token)).status, "valid");
  await context.close();
});

test("the_app_may_send_its_user_on_to_wherever_it_likes", async () => {
  const home = await listen((_, response) => response.end("<h1>Home</h1>"));
  const callback = await listen((_, response) => {
    response.writeHead(302, { location: `${home.origin}/` }).end();
  });
  const context = await browser.newContext();
  try {
    const redirect_uri = `${callback.origin}/callback`;
    const elsewhere = await newClientApp(service.root, { redirect_uris: [redirect_uri] });
    const { token } = await newCode(service.root, user, elsewhere, { redirect_uri });
    const page = await opened(context, link(token));
    await page.getByRole("button", { name: "Connect" }).click();
    await page.waitForURL(`${home.origin}/`);
  } finally {
    await context.close();
    home.close();
    callback.close();
  }
});

test("the_policy_lets_the_browser_go_back_to_an_app_of_the_phone", async () => {
  const context = await browser.newContext();
  const watch = new Watch(context, [service.url]);
  const { token } = await newLink({ redirect_uri: "com.example.acme:/callback" });
  const page = await opened(context, link(token));
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === "POST"),
    page.getByRole("button", { name: "Connect" }).click(),
  ]);
  assert.equal(answer.status(), 303);
  assert.match(
    (await answer.headerValue("location")) ?? "",
    /^com\.example\.acme:\/callback\?code=hct_/,
  );
  await sleep(300);
  // There is no such app on this machine; what counts is that the policy did not object.
  assert.ok(
    !watch.errors.some((error) => /Content Security Policy|form-action/i.test(error)),
    String(watch.errors),
  );
  await context.close();
});

/** Every page that there is: its name, and how to get there. */
const PAGES: Record<string, () => Promise<(page: Page) => Promise<unknown>>> = {
  ask: async () => goto(link((await newLink()).token)),
  "ask-plain": async () => goto(link((await mint(service.root, user)).token)),
  done: async () => pressing(link((await newCode(service.root, user, app)).token), "Connect"),
  declined: async () => pressing(link((await mint(service.root, user)).token), "Decline"),
  consumed: async () => {
    const { token } = await mint(service.root, user);
    await service.root.post("/v1/tokens/consume", { token });
    return goto(link(token));
  },
  expired: async () => {
    const { token } = await mint(service.root, user, { ttl: 1 });
    await sleep(1_100);
    return goto(link(token));
  },
  revoked: async () => {
    const { token } = await mint(service.root, user);
    await revoke(service.root, token);
    return goto(link(token));
  },
  inactive: async () => {
    const first = await newLink();
    await service.root.post("/v1/tokens/consume", { token: first.token });
    const { user_id } = await check(service.root, first.token);
    const { token } = await newCode(service.root, user_id, app);
    await disable(service.root, first.connection_id);
    return goto(link(token));
  },
  forged: async () => goto(link(forge((await mint(service.root, user)).token))),
  missing: async () => goto(`${service.url}/connect`),
};

const goto = (url: string) => (page: Page) => page.goto(url);

const pressing = (url: string, name: string) => async (page: Page) => {
  await page.goto(url);
  await page.getByRole("button", { name }).click();
  await page.waitForFunction(() => document.querySelector("form") === null);
};

for (const [name, prepare] of Object.entries(PAGES)) {
  test(`each_page_is_accessible_and_asks_nobody_else: ${name}`, async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const [width, viewport] of Object.entries({ narrow: NARROW, wide: WIDE })) {
        const context = await browser.newContext({ colorScheme, viewport });
        const watch = new Watch(context, [service.url]);
        const page = await context.newPage();
        await (
          await prepare()
        )(page);
        await shoot(page, `connect-${name}-${colorScheme}-${width}`);
        assert.deepEqual(await axeFindings(page), []);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        assert.ok(!wider, "it scrolls sideways");
        watch.forgive(/status of 4(00|04|09|10)/);
        assert.deepEqual([watch.errors, watch.strangers], [[], []]);
        await context.close();
      }
    }
  });
}

test("long_words_break", async () => {
  const context = await browser.newContext({ viewport: NARROW, locale: "de" });
  const wordy = await newClientApp(service.root, {
    name: "Donaudampfschifffahrtsgesellschaftskapitänsmützenverwaltung & <Söhne>",
    scopes: [`scope.${"x".repeat(100)}`],
    redirect_uris: [server.callback],
  });
  const { token } = await newCode(service.root, user, wordy, { redirect_uri: server.callback });
  const page = await opened(context, link(token));
  await shoot(page, "connect-long-german");
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  assert.ok(!(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)));
  await context.close();
});

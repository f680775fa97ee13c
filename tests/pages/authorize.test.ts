// The whole way of an authorization in a real browser: the app, the demo sign-in page of `npm start`, the consent page, and
// the app again.

import assert from "node:assert/strict";
import type { Server } from "node:http";
import { after, before, test } from "node:test";

import type { Browser, BrowserContext, Page } from "playwright-core";

import { SIGN_IN_PATH, startSignIn } from "../../examples/sign-in/server.mjs";
import { freePort } from "../support/examples.ts";
import { check, newUser } from "../http/kit/actions.ts";
import { request } from "../http/kit/authorize.ts";
import { form, newPublicApp, pkce, type Params } from "../http/kit/oauth.ts";
import { serve, type Service } from "../http/kit/service.ts";
import type { App } from "../http/kit/shapes.ts";
import { AppServer, later } from "./kit/app-server.ts";
import { axeFindings, launch, NARROW, shoot, Watch, WIDE } from "./kit/browser.ts";

const { verifier, challenge } = pkce();

let service: Service;
let browser: Browser;
let server: AppServer;
let signIn: Server;
let signInOrigin: string;
let app: App;

before(async () => {
  const port = await freePort();
  signInOrigin = `http://127.0.0.1:${port}`;
  const vars = { LOGIN_URL: `${signInOrigin}${SIGN_IN_PATH}` };
  [service, browser] = await Promise.all([serve({ vars }), launch()]);
  signIn = await startSignIn({ url: service.url, key: service.secrets.rootKey, port });
  const client = later(service.root);
  server = await AppServer.start(client.client);
  server.verifier = verifier;
  app = await newPublicApp(service.root, {
    name: "Acme <CRM>",
    redirect_uris: [server.callback],
    scopes: ["contacts.read", "calendar.write"],
  });
  client.is(app);
});
after(async () => {
  signIn?.closeAllConnections();
  signIn?.close();
  await server?.stop();
  await browser?.close();
  await service?.stop();
});

/** The address to which the app sends its user. */
const start = (more: Params = {}): string =>
  `${service.url}/oauth/authorize?${form(
    request(app.app_id, challenge, { redirect_uri: server.callback, scope: undefined, ...more }),
  )}`;

async function opened(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

const title = (page: Page): Promise<string> => page.getByRole("heading", { level: 1 }).innerText();
const press = (page: Page, name: string): Promise<void> =>
  page.getByRole("button", { name }).click();
const atApp = (page: Page): Promise<void> => page.waitForURL(`${server.origin}/**`);

/** Signs in, which opens the consent page. */
async function signInAs(page: Page, user: string): Promise<void> {
  await page.getByLabel("User id").fill(user);
  await press(page, "Sign in");
  await page.getByRole("heading", { name: "Connect Acme <CRM>?" }).waitFor();
}

test("a_person_signs_in_and_consents_and_the_app_gets_tokens", async () => {
  // Also where no page may run a script.
  for (const javaScriptEnabled of [true, false]) {
    const context = await browser.newContext({ javaScriptEnabled });
    const watch = new Watch(context, [service.url, server.origin, signInOrigin]);
    const page = await opened(context, start());
    assert.equal(await title(page), "Sign in to continue to Acme <CRM>");
    const user = `new-${crypto.randomUUID()}`;
    await signInAs(page, user);
    await page.getByText("contacts.read").waitFor();
    await press(page, "Connect");
    await atApp(page);
    assert.equal(await title(page), "Welcome back");
    assert.equal(server.visits.at(-1)?.["iss"], service.url);
    const verdict = await check(service.root, server.held.at(-1) ?? "");
    assert.deepEqual([verdict.status, verdict.user_id], ["valid", user]);
    watch.forgive(/favicon|404/);
    assert.deepEqual([watch.errors, watch.strangers], [[], []]);
    await context.close();
  }
});

test("the_keyboard_will_do", async () => {
  const context = await browser.newContext();
  const page = await opened(context, start({ login_hint: "ada" }));
  await page.keyboard.press("Tab");
  assert.equal(await page.locator(":focus").inputValue(), "ada");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Connect Acme <CRM>?" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await atApp(page);
  assert.equal(await title(page), "Welcome back");
  await context.close();
});

test("who_cancels_or_declines_returns_to_the_app_without_a_code", async () => {
  const context = await browser.newContext();
  const cancelled = await opened(context, start());
  await press(cancelled, "Cancel");
  await atApp(cancelled);
  const declined = await opened(context, start());
  await signInAs(declined, await newUser(service.root));
  await press(declined, "Decline");
  await atApp(declined);
  for (const page of [cancelled, declined]) assert.equal(await title(page), "No: access_denied");
  // Nothing is left to be approved on the way back.
  await declined.goBack();
  await declined.getByRole("heading", { name: "Go back to the app" }).waitFor();
  const silent = await opened(context, start({ prompt: "none" }));
  assert.equal(await title(silent), "No: login_required");
  await context.close();
});

test("two_tabs_end_each_with_a_code_of_its_own", async () => {
  const context = await browser.newContext();
  const user = await newUser(service.root);
  const tabs = [
    await opened(context, start({ state: "one" })),
    await opened(context, start({ state: "two" })),
  ];
  for (const tab of tabs) await signInAs(tab, user);
  const visits = server.visits.length;
  for (const tab of tabs) {
    await press(tab, "Connect");
    await atApp(tab);
    assert.equal(await title(tab), "Welcome back");
  }
  const [one, two] = server.visits.slice(visits);
  assert.deepEqual([one?.["state"], two?.["state"]], ["one", "two"]);
  assert.notEqual(one?.["code"], two?.["code"]);
  await context.close();
});

test("the_back_button_gives_no_second_code_once_the_app_has_used_the_first", async () => {
  const context = await browser.newContext();
  const page = await opened(context, start());
  await signInAs(page, await newUser(service.root));
  await press(page, "Connect");
  await atApp(page);
  const held = server.held.length;
  await page.goBack();
  await page.getByRole("heading", { name: "Go back to the app" }).waitFor();
  // Back at the sign-in page, the same user is accepted again, without another result.
  await page.goBack();
  await press(page, "Sign in");
  await page.waitForLoadState();
  assert.notEqual(await title(page), "Welcome back");
  assert.equal(server.held.length, held);
  assert.equal((await check(service.root, server.held.at(-1) ?? "")).status, "valid");
  await context.close();
});

test("a_request_that_has_ended_or_is_of_another_browser_is_explained", async () => {
  const [mine, theirs] = [await browser.newContext(), await browser.newContext()];
  const page = await opened(mine, start());
  await signInAs(page, await newUser(service.root));
  const other = await opened(theirs, page.url());
  assert.equal(await title(other), "Go back to the app");
  // The sign-in page with a challenge that is none.
  const forged = await opened(theirs, `${signInOrigin}${SIGN_IN_PATH}?challenge=hch_0`);
  assert.notEqual(await title(forged), "Sign in to continue to Acme <CRM>");
  await Promise.all([mine.close(), theirs.close()]);
});

test("the_sign_in_page_asks_again_for_a_user_id_that_is_missing_or_wrong", async () => {
  const context = await browser.newContext();
  const page = await opened(context, start());
  await page.getByLabel("User id").fill(" ");
  await press(page, "Sign in");
  await page.getByRole("alert").waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await signInAs(page, await newUser(service.root));
  await context.close();
});

test("the_sign_in_page_answers_no_form_and_no_name_of_others", async () => {
  const target = `${signInOrigin}${SIGN_IN_PATH}`;
  const post = (headers: Record<string, string>): Promise<Response> =>
    fetch(target, { method: "POST", headers, body: "challenge=x", redirect: "manual" });
  assert.equal((await post({ "sec-fetch-site": "cross-site" })).status, 403);
  assert.equal((await fetch(target.replace("127.0.0.1", "localhost"))).status, 421);
  assert.equal((await fetch(`${signInOrigin}/server.mjs`)).status, 404);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const [width, viewport] of Object.entries({ narrow: NARROW, wide: WIDE })) {
    test(`the_pages_are_accessible (${colorScheme}, ${width})`, async () => {
      const context = await browser.newContext({ colorScheme, viewport });
      const look = async (page: Page, name: string): Promise<void> => {
        await shoot(page, `authorize-${name}-${colorScheme}-${width}`);
        assert.deepEqual(await axeFindings(page), [], name);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        assert.ok(!wider, `${name} scrolls sideways`);
      };
      const page = await opened(context, start());
      await look(page, "sign-in");
      await signInAs(page, await newUser(service.root));
      await look(page, "consent");
      await press(page, "Connect");
      await atApp(page);
      await page.goBack();
      await page.getByRole("heading", { name: "Go back to the app" }).waitFor();
      await look(page, "ended");
      await page.goto(start({ redirect_uri: "https://evil.example/" }));
      await look(page, "invalid");
      await context.close();
    });
  }
}

// Every view of the console, in light and dark, wide and narrow: what axe finds, whether it fits, what it looks like; and
// all of it by the keyboard alone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";

import type { Browser } from "playwright-core";

import { check, consume, mint, newKey, revoke } from "../http/kit/actions.ts";
import { appPath, connect, disable, issuePair, revokeConnection } from "../http/kit/connections.ts";
import { userPath } from "../http/kit/api.ts";
import { Provider } from "../http/kit/provider.ts";
import { Receiver } from "../http/kit/receiver.ts";
import { serve, type Service } from "../http/kit/service.ts";
import { hold, newProvider, settled } from "../http/kit/upstream.ts";
import type { App } from "../http/kit/shapes.ts";
import { times } from "../http/kit/wait.ts";
import { newHook } from "../http/kit/webhooks.ts";
import { axeFindings, launch, NARROW, shoot, WIDE } from "./kit/browser.ts";
import { Visitor } from "./kit/console.ts";

let service: Service;
let browser: Browser;
let provider: Provider;
let receiver: Receiver;

/** An id as long as ids may be, and without a place to break it. */
const LONG = "x".repeat(128);
const views: Record<string, string> = {};

before(async () => {
  [service, browser, provider, receiver] = await Promise.all([
    serve(),
    launch(),
    Provider.start(),
    Receiver.start(),
  ]);
  await furnish();
});
after(async () => {
  await browser?.close();
  await service?.stop();
  provider?.stop();
  await receiver?.close();
});

/** A deployment in which there is something of everything. */
async function furnish(): Promise<void> {
  const { root } = service;
  await root.put(userPath("ada"), { groups: ["paris", "sales"], external_id: "crm-4711" }, 201);
  await root.put(userPath(LONG), { groups: ["g".repeat(64)], external_id: LONG }, 201);
  const scopes = ["contacts.read", "contacts.write"];
  const redirect_uris = ["https://crm.example/back", `https://crm.example/${"r".repeat(200)}`];
  await root.put(appPath("crm"), { name: "Acme CRM", scopes, redirect_uris }, 201);
  await root.put(appPath("calendar"), { name: "Calendar", scopes: ["read"] }, 201);
  const url = `${provider.origin}/revoke`;
  const slug = await newProvider(root, { revocation: { method: "rfc7009", url, auth: "none" } });
  const { body: notes } = await root.put<App>(
    appPath("notes"),
    { name: "Notes", provider: slug },
    201,
  );

  const crm = await connect(root, "ada", "crm", { metadata: { plan: "gold", seats: 3 } });
  await issuePair(root, crm.id);
  await disable(root, (await connect(root, "ada", "calendar")).id, "on holiday");
  await mint(root, "ada", { app_id: "crm", ttl: 600 });
  await consume(root, (await mint(root, "ada", { label: "kiosk" })).token);
  await revoke(root, (await mint(root, "ada")).token, "lost phone");
  for (const _ of times(30, () => 0))
    await mint(root, LONG, { app_id: "crm", label: "l".repeat(64) });
  const key = await newKey(root, "ada", { label: "production" });
  const credentials = { refresh_token: provider.token(), access_token: provider.token(400) };
  const held = await hold(root, notes, credentials, "ada");
  await revokeConnection(root, held.id, "she has changed her mind");
  await settled(root, held.id);
  const hook = await newHook(root, receiver, { events: ["token.revoked", "connection.revoked"] });
  hook.answer(() => 500);
  await hook.test();
  hook.answer();
  await hook.test();

  Object.assign(views, {
    users: "#/users",
    connections: "#/users/ada",
    tokens: "#/users/ada/tokens",
    keys: "#/users/ada/keys",
    events: "#/users/ada/events",
    "long-tokens": `#/users/${LONG}/tokens`,
    "long-events": `#/users/${LONG}/events`,
    nobody: "#/users/nobody",
    connection: `#/connections/${crm.id}`,
    remainder: `#/connections/${held.id}`,
    token: `#/tokens/${key.token_id}`,
    apps: "#/apps",
    app: "#/apps/crm",
    providers: "#/providers",
    provider: "#/providers/google",
    upstream: "#/revocations",
    webhooks: "#/webhooks",
    webhook: `#/webhooks/${hook.name}`,
    missing: "#/nowhere",
  });
}

/** The dialogs: where they are opened, and by which buttons. */
const dialogs: [name: string, place: string, presses: (string | RegExp)[]][] = [
  ["new-user", "users", ["New user"]],
  ["edit-user", "connections", ["Edit"]],
  ["connect", "connections", ["Connect an app"]],
  ["mint", "tokens", ["Create token"]],
  ["new-key", "keys", ["New API key"]],
  ["secret", "keys", ["New API key", "Create key"]],
  ["disable", "connection", ["Disable"]],
  ["issue", "connection", ["Issue tokens"]],
  ["revoke-all", "connections", ["Revoke everything"]],
  ["counted", "connections", ["Revoke everything", "Count first"]],
  ["new-app", "apps", ["New app"]],
  ["new-provider", "providers", ["New provider"]],
  ["retry", "upstream", [/^Retry/]],
  ["new-endpoint", "webhooks", ["New endpoint"]],
  ["endpoint-secret", "webhook", ["New secret"]],
];

for (const colorScheme of ["light", "dark"] as const) {
  for (const [width, viewport] of Object.entries({ narrow: NARROW, wide: WIDE })) {
    const looks = `${colorScheme}-${width}`;

    test(`every_view_is_accessible_and_fits (${colorScheme}, ${width})`, async () => {
      const visitor = await Visitor.at(browser, service, { colorScheme, viewport });
      const look = async (name: string): Promise<void> => {
        // What moves in has come to rest.
        await visitor.page.waitForTimeout(150);
        await shoot(visitor.page, `console-${name}-${looks}`);
        assert.deepEqual(await axeFindings(visitor.page), [], name);
        assert.equal(await visitor.overflow(), 0, `${name} is wider than the window`);
      };
      await look("front");
      await visitor.signIn("not-a-key");
      await visitor.reads("This key is not valid");
      await look("front-wrong");
      await visitor.signIn(service.secrets.rootKey);
      await visitor.sees("#main h1");
      for (const [name, place] of Object.entries(views)) {
        await visitor.goes(place);
        await visitor.page.waitForLoadState("networkidle");
        await visitor.page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
        await look(name);
      }
      await visitor.leaves();
    });

    test(`every_dialog_is_accessible_and_fits (${colorScheme}, ${width})`, async () => {
      const visitor = await Visitor.signedIn(browser, service, { colorScheme, viewport });
      for (const [name, place, presses] of dialogs) {
        await visitor.goes(views[place] ?? "");
        for (const button of presses) await visitor.presses(button);
        if (name === "counted") await visitor.sees("dialog .big");
        if (name === "secret")
          visitor.hides((await (await visitor.sees("[data-secret]")).textContent()) ?? "");
        await visitor.sees("dialog[open]");
        await visitor.page.screenshot({
          path: `build/screenshots/console-dialog-${name}-${looks}.png`,
        });
        assert.deepEqual(await axeFindings(visitor.page), [], name);
        const overflow = await visitor.page
          .locator("dialog[open]")
          .evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth);
        assert.equal(overflow, 0, `${name} is wider than its dialog`);
        await visitor.page.keyboard.press("Escape");
        if (name === "secret") await visitor.page.keyboard.press("Escape");
        await visitor.page.locator("dialog[open]").waitFor({ state: "detached" });
      }
      await visitor.leaves();
    });
  }
}

test("all_of_it_works_by_the_keyboard_alone", async () => {
  const visitor = await Visitor.at(browser, service);
  const { keyboard } = visitor.page;
  /** Presses Tab until what has this name has the focus. */
  const tabTo = async (name: string, key = "Tab"): Promise<void> => {
    for (let press = 0; press < 60; press += 1) {
      await keyboard.press(key);
      if ((await visitor.focused()) === name) return;
    }
    assert.fail(`Tab never comes to ${name}`);
  };
  visitor.hides(service.secrets.rootKey);
  for (let press = 0; press < 20; press += 1) {
    await keyboard.press("Tab");
    if (await visitor.page.evaluate(() => document.activeElement?.id === "key")) break;
  }
  await keyboard.type(service.secrets.rootKey);
  await keyboard.press("Enter");
  await visitor.reads("Users", "#main h1");
  assert.equal(await visitor.focused(), "Users");

  // Past the ways to go, to what is there.
  await tabTo("Skip to content", "Shift+Tab");
  await keyboard.press("Enter");
  assert.equal(await visitor.page.evaluate(() => document.activeElement?.id), "main");

  await tabTo("New user");
  await keyboard.press("Tab");
  await keyboard.type("ada");
  await keyboard.press("Enter");
  await visitor.reads("crm-4711", ".facts");
  assert.equal(await visitor.focused(), "ada");

  await tabTo("Tokens");
  await keyboard.press("Enter");
  await visitor.row("kiosk").waitFor();
  assert.equal(await visitor.focused(), "Tokens", "the focus stays on the tabs");

  await tabTo("Create token");
  await keyboard.press("Enter");
  await visitor.sees("dialog");
  await keyboard.press("Escape");
  await visitor.page.locator("dialog[open]").waitFor({ state: "detached" });
  assert.equal(await visitor.focused(), "Create token", "the focus is back where it was");
  await keyboard.press("Enter");
  await tabTo("Create token");
  await keyboard.press("Enter");
  const token = (await (await visitor.sees("dialog [data-secret]")).textContent()) ?? "";
  visitor.hides(token);
  await tabTo("Copy connection token");
  await keyboard.press("Enter");
  await visitor.reads("Copied connection token.", "dialog .toast");
  await tabTo("Done");
  await keyboard.press("Enter");
  await visitor.page.locator("dialog[open]").waitFor({ state: "detached" });
  const { token_id } = await check(service.root, token);

  await tabTo(`Revoke ${token_id}`);
  await keyboard.press("Enter");
  await tabTo("Revoke");
  await keyboard.press("Enter");
  await visitor.page.locator("dialog[open]").waitFor({ state: "detached" });
  assert.equal((await check(service.root, token)).status, "revoked");
  await visitor.leaves();
});

test("nothing_moves_for_whoever_wants_that", async () => {
  const visitor = await Visitor.signedIn(browser, service, { reducedMotion: "reduce" });
  await visitor.page.route("**/v1/providers", () => undefined);
  await visitor.goes("#/providers");
  const bone = await visitor.sees(".bone");
  assert.equal(await bone.evaluate((element) => getComputedStyle(element).animationName), "none");
  await visitor.leaves();
});

test("a_page_without_scripts_says_what_this_is", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(service.url);
  await page.getByText("This deployment issues, checks").waitFor();
  await page.getByRole("link", { name: "/openapi.json" }).waitFor();
  await context.close();
});

test("the_console_is_small", async () => {
  let total = 0;
  for (const file of ["console.js", "console.css"]) {
    const answer = await fetch(`${service.url}/${file}`);
    total += gzipSync(Buffer.from(await answer.arrayBuffer())).length;
  }
  assert.ok(total <= 60 * 1024, `${total} bytes gzipped`);
});

// The demo, as a newcomer goes through it: from a key to a connection that is revoked before their eyes.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import { connectionsOf, readConnection } from "../http/kit/connections.ts";
import { newKey, newUser, signInCode } from "../http/kit/actions.ts";
import { serve, type Service } from "../http/kit/service.ts";
import { axeFindings, launch, NARROW, shoot, Watch, WIDE } from "./kit/browser.ts";

const USER = "demo-user";

let service: Service;
let browser: Browser;

before(async () => {
  [service, browser] = await Promise.all([serve(), launch()]);
});
after(async () => {
  await browser?.close();
  await service?.stop();
});

const signedIn = async (): Promise<string> =>
  `${service.url}/demo#code=${await signInCode(service)}`;

interface Visit {
  page: Page;
  watch: Watch;
  close: () => Promise<void>;
}

async function visit(url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext(options);
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: service.url });
  const watch = new Watch(context, [service.url]);
  const page = await context.newPage();
  await page.goto(url);
  // Chromium writes of every answer that is not 2xx.
  const close = async (): Promise<void> => {
    watch.forgive(/status of 4(01|03|04)/);
    assert.deepEqual([watch.errors, watch.strangers], [[], []]);
    await context.close();
  };
  return { page, watch, close };
}

const step = (page: Page, name: string) => page.locator(`[data-step="${name}"]`);

async function take(page: Page, name: string): Promise<void> {
  await step(page, name).locator(".action").click();
  await page.locator(`[data-step="${name}"].done`).waitFor();
}

/** Goes on until the element is there. */
async function untilShown(page: Page): Promise<void> {
  for (const name of ["make", "link", "show"]) await take(page, name);
  await says(page, "Waiting for approval");
}

/** Waits until the element says so. */
async function says(page: Page, words: string): Promise<void> {
  await page.locator("hookswitch-status").getByText(words, { exact: true }).first().waitFor();
}

const theConnection = async (page: Page): Promise<string> =>
  /ca_[0-9a-f]{48}/.exec((await step(page, "link").textContent()) ?? "")?.[0] ?? "";

test("from_connect_to_revoked_the_element_changes_without_a_reload", async () => {
  const { page, close } = await visit(await signedIn());
  let loads = 0;
  page.on("load", () => (loads += 1));
  await untilShown(page);
  const id = await theConnection(page);
  assert.equal((await readConnection(service.root, id)).status, "initiated");
  await shoot(page, "demo-initiated");

  const [link] = await Promise.all([
    page.context().waitForEvent("page"),
    step(page, "open").locator(".action").click(),
  ]);
  assert.equal(await link.getByRole("heading", { level: 1 }).innerText(), "Connect Demo CRM?");
  await link.getByRole("button", { name: "Connect" }).click();
  await link.getByRole("heading", { name: "Demo CRM is connected" }).waitFor();
  await page.bringToFront();
  await says(page, "Connected");
  await page.locator('[data-step="open"].done').waitFor();
  assert.equal((await readConnection(service.root, id)).status, "active");
  await shoot(page, "demo-active");

  const asked = Date.now();
  await take(page, "revoke");
  await says(page, "Disconnected");
  assert.ok(Date.now() - asked < 5_000);
  assert.equal((await readConnection(service.root, id)).status, "revoked");
  await shoot(page, "demo-revoked");
  assert.equal(loads, 0, "nothing was loaded again");

  // And once more, with another link.
  await page.locator("#again").click();
  for (const name of ["link", "show"]) await take(page, name);
  const next = await theConnection(page);
  assert.notEqual(next, id);
  await close();
});

test("the_button_of_the_element_revokes_the_connection_too", async () => {
  const { page, close } = await visit(await signedIn());
  await untilShown(page);
  const id = await theConnection(page);
  const element = page.locator("hookswitch-status");
  await element.getByRole("button").first().click();
  await element
    .getByRole("button", { name: /disconnect|revoke|yes/i })
    .last()
    .click();
  await page.locator('[data-step="revoke"].done').waitFor();
  assert.equal((await readConnection(service.root, id)).status, "revoked");
  await close();
});

test("the_commands_do_in_a_shell_what_the_buttons_do", async () => {
  const { page, close } = await visit(await signedIn());
  const env: NodeJS.ProcessEnv = { ...process.env, KEY: service.secrets.rootKey };
  const run = async (name: string): Promise<string> => {
    let said = "";
    for (const text of await step(page, name).locator("pre").allInnerTexts()) {
      said = (await promisify(execFile)("sh", ["-c", text.replace(/^curl /, "curl -sf ")], { env }))
        .stdout;
    }
    return said;
  };
  await run("make");
  const minted = JSON.parse(await run("link")) as { connection_id: string; token: string };
  await untilShown(page);
  const id = await theConnection(page);
  assert.equal(minted.connection_id, id, "the same connection waits");
  assert.match(await run("show"), /hst_/);
  env["TOKEN"] = minted.token;
  assert.match(await run("open"), /Demo CRM is connected/);
  await says(page, "Connected");
  assert.equal((JSON.parse(await run("revoke")) as { status: string }).status, "revoked");
  await says(page, "Disconnected");
  await close();
});

test("the_key_is_in_no_address_storage_or_document", async () => {
  const { page, close } = await visit(await signedIn());
  await untilShown(page);
  assert.equal(page.url(), `${service.url}/demo`);
  const kept = await page.evaluate(() =>
    [
      document.documentElement.outerHTML,
      document.cookie,
      JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]),
      ...[...document.querySelectorAll("input")].map(({ value }) => value),
    ].join("\n"),
  );
  assert.ok(!kept.includes(service.secrets.rootKey));
  assert.ok(kept.includes("Bearer $KEY"));
  await step(page, "link").getByRole("button", { name: "Copy the command" }).click();
  await page.getByText("The command was copied.").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^curl -X POST '.*\/v1\/tokens' \\\n {2}-H "Authorization: Bearer \$KEY"/);
  // A reload forgets it.
  await page.reload();
  assert.ok(await step(page, "make").locator(".action").isDisabled());
  await close();
});

test("a_key_that_does_not_fit_is_explained_and_another_may_be_pasted", async () => {
  const { page, close } = await visit(`${service.url}/demo`);
  const member = await newKey(service.root, await newUser(service.root));
  for (const wrong of ["nonsense", member.api_key]) {
    await page.getByLabel("Root key").fill(wrong);
    await page.getByRole("button", { name: "Use this key" }).click();
    await page.locator("#key-answer.problem").waitFor();
    assert.ok(await step(page, "make").locator(".action").isDisabled());
  }
  await page.getByLabel("Root key").fill(service.secrets.rootKey);
  await page.keyboard.press("Enter");
  await page.getByText("The key is valid.").waitFor();
  await take(page, "make");
  assert.ok(Array.isArray(await connectionsOf(service.root, USER)));
  await close();
});

test("a_link_works_once_and_never_replaces_a_key_without_asking", async () => {
  const url = await signedIn();
  const { page, close } = await visit(url);
  await page.getByText("The key is valid.").waitFor();
  const asked: string[] = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.message());
    void dialog.dismiss();
  });
  await page.evaluate((code) => (location.hash = code), `code=${await signInCode(service)}`);
  await page.waitForFunction(() => location.hash === "");
  assert.match(asked.join(), /Replace it/);
  await page.goto(`${service.url}/?elsewhere`);
  await page.goto(url);
  await page.getByText("This sign-in link cannot be used.").waitFor();
  assert.ok(await step(page, "make").locator(".action").isDisabled());
  await close();
});

test("what_goes_wrong_is_said_where_it_does_and_can_be_tried_again", async () => {
  const { page } = await visit(await signedIn());
  await page.getByText("The key is valid.").waitFor();
  await page.route("**/v1/users/**", (route) => route.abort(), { times: 1 });
  await step(page, "make").locator(".action").click();
  await step(page, "make").getByText("The server cannot be reached.").waitFor();
  await take(page, "make");
  const context = page.context();
  assert.equal(context.pages().length, 1);
  await page.close();
  await context.close();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const [width, viewport] of Object.entries({ narrow: NARROW, wide: WIDE })) {
    test(`the_demo_is_accessible (${colorScheme}, ${width})`, async () => {
      const { page, close } = await visit(await signedIn(), { colorScheme, viewport });
      await page.getByText("The key is valid.").waitFor();
      assert.deepEqual(await axeFindings(page), []);
      await untilShown(page);
      await shoot(page, `demo-${colorScheme}-${width}`);
      assert.deepEqual(await axeFindings(page), []);
      await take(page, "revoke");
      await says(page, "Disconnected");
      assert.deepEqual(await axeFindings(page), []);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.ok(!wider, "it scrolls sideways");
      await close();
    });
  }
}

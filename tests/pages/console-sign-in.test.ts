// Coming into the console, and going: the key is in the memory of the tab, and nowhere else.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser } from "playwright-core";

import { asNew, forge, newKey, newUser, signInCode } from "../http/kit/actions.ts";
import { userPath } from "../http/kit/api.ts";
import { serve, type Service } from "../http/kit/service.ts";
import { launch } from "./kit/browser.ts";
import { Visitor } from "./kit/console.ts";

let service: Service;
let browser: Browser;

before(async () => {
  [service, browser] = await Promise.all([serve(), launch()]);
});
after(async () => {
  await browser?.close();
  await service?.stop();
});

test("the_front_page_says_what_this_is_and_where_to_go", async () => {
  const visitor = await Visitor.at(browser, service);
  await visitor.reads("This deployment issues, checks, consumes and revokes");
  const links = await visitor.page
    .locator("#front a")
    .evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  for (const href of ["/demo", "/openapi.json", "/healthz"]) assert.ok(links.includes(href), href);
  await visitor.leaves();
});

test("a_wrong_key_is_explained_and_opens_nothing", async () => {
  const visitor = await Visitor.at(browser, service);
  const { api_key } = await newKey(service.root, await newUser(service.root));
  for (const wrong of ["not-a-key", forge(api_key)]) {
    await visitor.signIn(wrong);
    await visitor.reads("This key is not valid");
    await visitor.reads(/request/, "[role=alert]");
    assert.equal(await visitor.page.locator("hs-shell").count(), 0);
    assert.equal(await visitor.page.locator("#key").getAttribute("aria-invalid"), "true");
  }
  await visitor.signIn(service.secrets.rootKey);
  await visitor.sees("#main h1");
  assert.equal(await visitor.page.locator("[role=alert]").count(), 0);
  await visitor.leaves();
});

test("the_key_is_kept_in_no_storage_address_or_document", async () => {
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.assertNoSecret();
  await visitor.goes("#/webhooks");
  await visitor.reads("No endpoints yet");
  await visitor.leaves();
});

test("a_reload_forgets_the_key_and_signing_in_again_lands_where_one_was", async () => {
  const user = await newUser(service.root);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}/events`);
  await visitor.reads("user.created", "table");
  await visitor.reloads();
  await visitor.reads("Sign in to the console");
  await visitor.signIn(service.secrets.rootKey);
  await visitor.reads("user.created", "table");
  assert.equal(await visitor.page.locator("#main h1").textContent(), user);
  await visitor.leaves();
});

test("signing_out_forgets_the_key_and_shows_nothing_of_before", async () => {
  const user = await newUser(service.root);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}`);
  await visitor.reads("No connections yet");
  await visitor.presses("Sign out");
  await visitor.reads("Sign in to the console");
  assert.ok(!(await visitor.page.content()).includes(user));
  assert.equal(await visitor.page.evaluate(() => document.activeElement?.id), "key");
  await visitor.leaves();
});

test("a_link_with_a_code_signs_in_once_and_the_code_is_taken_out_of_the_address", async () => {
  const visitor = await Visitor.at(browser, service);
  const sent: string[] = [];
  visitor.page.on("request", (request) => {
    sent.push([request.url(), request.headers()["authorization"] ?? ""].join(" "));
  });
  // Into a page that is open already, and into a fresh one.
  for (const place of ["/", "/?fresh"]) {
    const code = await signInCode(service);
    visitor.hides(code);
    await visitor.opens(`${place}#code=${code}`);
    await visitor.reads("Users", "#main h1");
    await visitor.reads("Root session", ".who");
    assert.equal(new URL(visitor.page.url()).hash, "");
    await visitor.assertNoSecret();
    await visitor.presses("Sign out");
    await visitor.opens(`/?again#code=${code}`);
    await visitor.reads("This sign-in link cannot be used");
    assert.equal(new URL(visitor.page.url()).hash, "");
  }
  for (const wrong of ["", "nonsense", "%E0%A4%A", service.secrets.rootKey]) {
    await visitor.opens(`/?wrong#code=${wrong}`);
    await visitor.reads("This sign-in link cannot be used");
    assert.equal(new URL(visitor.page.url()).hash, "");
  }
  // Nor does the way back lead to one.
  await visitor.page.goBack();
  await visitor.reads("Sign in to the console");
  assert.ok(
    !sent.some((text) => text.includes(service.secrets.rootKey)),
    "no request has the root key",
  );
  await visitor.leaves();
});

test("a_link_never_replaces_a_session_without_asking", async () => {
  const { api_key } = await newKey(service.root, await newUser(service.root));
  const visitor = await Visitor.signedIn(browser, service, { key: api_key });
  const code = await signInCode(service);
  visitor.hides(code);
  const openLink = (): Promise<void> => visitor.goes(`#code=${code}`);
  await openLink();
  await visitor.reads("Replace the current session?", "dialog");
  await visitor.presses("Cancel");
  await visitor.reads("API key", ".who");
  assert.deepEqual(await visitor.page.locator(".side nav a").allInnerTexts(), ["Users"]);
  // The code was not used.
  await openLink();
  await visitor.presses("Sign in with the link");
  await visitor.reads("Root session", ".who");
  await visitor.reads("Webhooks", ".side nav");
  // A link that is used up leaves the session as it is.
  await openLink();
  await visitor.presses("Sign in with the link");
  await visitor.reads("This sign-in link cannot be used", "dialog [role=alert]");
  await visitor.presses("Cancel");
  await visitor.reads("Root session", ".who");
  await visitor.leaves();
});

test("a_key_that_ends_meanwhile_leads_back_to_signing_in", async () => {
  const { api, userId } = await asNew(service.root, { role: "admin" });
  const key = await newKey(api, userId);
  const visitor = await Visitor.signedIn(browser, service, { key: key.api_key });
  await visitor.goes(`#/users/${userId}/keys`);
  await visitor.sees("table");
  await service.root.post(userPath(userId, "/revoke"), { kinds: ["api_key"] });
  // An isolate remembers a key for ten seconds; a fresh one knows nothing of it.
  await service.restart();
  await visitor.reads("Sign in to the console");
  await visitor.sees("hs-sign-in [role=alert]");
  visitor.watch.forgive(/net::ERR_/);
  await visitor.leaves();
});

test("who_is_no_operator_sees_its_own_and_no_operators_area", async () => {
  const { api, userId } = await asNew(service.root, { role: "member" });
  const { api_key } = await newKey(api, userId);
  const visitor = await Visitor.signedIn(browser, service, { key: api_key });
  assert.deepEqual(await visitor.page.locator(".side nav a").allInnerTexts(), ["Users"]);
  await visitor.goes(`#/users/${userId}`);
  await visitor.reads("No connections yet");
  await visitor.goes("#/users/somebody-else");
  await visitor.reads("forbidden", "[role=alert]");
  await visitor.leaves();
});

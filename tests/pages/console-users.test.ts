// Users at the console: found, made, changed; their tokens and keys; what happened to them.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import type { Browser } from "playwright-core";

import { check, consume, eventsOf, mint, newKey, newUser, tokensOf } from "../http/kit/actions.ts";
import { userPath } from "../http/kit/api.ts";
import { newConnection } from "../http/kit/connections.ts";
import { serve, type Service } from "../http/kit/service.ts";
import type { Profile } from "../http/kit/shapes.ts";
import { inParallel, times } from "../http/kit/wait.ts";
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

test("a_user_is_found_and_the_back_button_leads_back", async () => {
  const user = await newUser(service.root, { groups: ["paris"], external_id: "crm-1" });
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.fills("User id, connection id, token id, or a token", user);
  await visitor.presses("Find");
  await visitor.reads("paris", ".facts");
  await visitor.reads("crm-1", ".facts");
  assert.equal(await visitor.page.title(), `${user} · Hookswitch`);
  assert.equal(await visitor.focused(), user, "the new page's heading has the focus");
  await visitor.page.goBack();
  await visitor.reads("Users", "#main h1");
  await visitor.page.getByRole("link", { name: user }).click();
  await visitor.reads("paris", ".facts");
  await visitor.leaves();
});

test("an_id_with_anything_in_it_is_found_and_shown_as_it_is", async () => {
  const user = `<img src=x onerror=alert(1)> / % # ? é ${randomUUID()}`;
  await service.root.put(userPath(user), {}, 201);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.fills("User id, connection id, token id, or a token", user);
  await visitor.presses("Find");
  await visitor.reads("No connections yet");
  assert.equal(await visitor.page.locator("#main h1").textContent(), user);
  assert.equal(await visitor.page.locator("#main img").count(), 0);
  await visitor.leaves();
});

test("a_connection_and_a_token_are_found_by_their_ids_and_a_token_by_itself", async () => {
  const user = await newUser(service.root);
  const { id, app_id } = await newConnection(service.root, user);
  const { token, token_id } = await mint(service.root, user);
  const visitor = await Visitor.signedIn(browser, service);
  visitor.hides(token);
  const find = async (text: string): Promise<void> => {
    await visitor.goes("#/users");
    await visitor.fills("User id, connection id, token id, or a token", text);
    await visitor.presses("Find");
  };
  await find(id);
  await visitor.reads(app_id, "#main h1");
  await find(token_id);
  await visitor.reads("Connection token", "#main h1");
  await find(token);
  await visitor.reads("Connection token", "#main h1");
  await visitor.assertNoSecret();
  assert.ok(visitor.page.url().endsWith(token_id));
  await find(`hcs_${"0".repeat(48)}`);
  await visitor.reads("This secret cannot be looked up");
  await visitor.leaves();
});

test("a_user_is_made_and_changed_and_never_replaced_by_mistake", async () => {
  const user = `user-${randomUUID()}`;
  const visitor = await Visitor.signedIn(browser, service);
  const make = async (): Promise<void> => {
    await visitor.goes("#/users");
    await visitor.presses("New user");
    await visitor.fills("User id", user);
    await visitor.chooses("Role", "manager");
    await visitor.fills("Groups", "paris, sales");
    await visitor.presses("Create user");
  };
  await make();
  await visitor.reads("No connections yet");
  const read = async (): Promise<Profile> => (await service.root.get<Profile>(userPath(user))).body;
  const made = await read();
  assert.deepEqual(
    [made.role, made.groups, made.connectable],
    ["manager", ["paris", "sales"], true],
  );

  await visitor.presses("Edit");
  await visitor.fills("External id", "crm 1");
  await visitor.presses("Save");
  await visitor.reads("external_id", "dialog [role=alert]");
  await visitor.fills("External id", `crm-${user}`);
  await visitor.sends("Save");
  await visitor.reads(`crm-${user}`, ".facts");
  assert.deepEqual((await read()).groups, ["paris", "sales"]);

  await make();
  await visitor.reads("It exists already", "dialog [role=alert]");
  assert.equal((await read()).external_id, `crm-${user}`);
  await visitor.presses("Cancel");
  await visitor.leaves();
});

test("a_user_who_is_not_there_can_be_created_there", async () => {
  const user = `user-${randomUUID()}`;
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}`);
  await visitor.reads("This user does not exist");
  await visitor.presses("Create this user");
  await visitor.presses("Create user");
  await visitor.reads("No connections yet");
  await service.root.get(userPath(user));
  await visitor.leaves();
});

test("a_minted_token_is_shown_once_copied_and_gone", async () => {
  const user = await newUser(service.root);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}/tokens`);
  await visitor.presses("Create token");
  await visitor.fills("Validity (seconds)", "600");
  await visitor.fills("Label", "kiosk");
  await visitor.presses("Create token");
  await visitor.reads("Shown once.", "dialog");
  const [token = ""] = await visitor.takesSecrets();
  const verdict = await check(service.root, token);
  assert.deepEqual([verdict.status, verdict.user_id, verdict.label], ["valid", user, "kiosk"]);
  assert.equal(Date.parse(verdict.expires_at ?? "") - Date.parse(verdict.created_at), 600_000);
  await visitor.reads("kiosk", "table");
  await visitor.leaves();
});

test("a_secret_that_was_not_copied_is_not_lost_by_one_press", async () => {
  const user = await newUser(service.root);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}/keys`);
  await visitor.presses("New API key");
  await visitor.fills("Label", "production");
  await visitor.presses("Create key");
  const secret = await visitor.sees("dialog [data-secret]");
  visitor.hides((await secret.textContent()) ?? "");
  await visitor.page.keyboard.press("Escape");
  await visitor.reads("The secret was not copied.", "dialog");
  assert.ok(await secret.isVisible());
  await visitor.presses("Done");
  await visitor.reads("production", "table");
  await visitor.leaves();
});

test("an_api_key_is_made_copied_and_revoked", async () => {
  const user = await newUser(service.root);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}/keys`);
  await visitor.presses("New API key");
  await visitor.fills("Label", "backend");
  await visitor.chooses("Validity", "2592000");
  await visitor.presses("Create key");
  const [key = ""] = await visitor.takesSecrets();
  await service.root.as(key).get(userPath(user));
  await visitor.presses("Revoke the key backend");
  await visitor.fills("Reason", "rotated");
  await visitor.presses("Revoke");
  await visitor.row("backend").getByText("revoked").waitFor();
  const { status, reason } = await check(service.root, key);
  assert.deepEqual([status, reason], ["revoked", "rotated"]);
  await visitor.leaves();
});

test("a_token_is_revoked_with_a_reason_and_the_focus_is_not_lost", async () => {
  const user = await newUser(service.root);
  const { token, token_id } = await mint(service.root, user);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}/tokens`);
  await visitor.presses(`Revoke ${token_id}`);
  await visitor.fills("Reason", "lost phone");
  await visitor.presses("Revoke");
  await visitor.row(/tok_/).getByText("revoked").waitFor();
  assert.equal(await visitor.focused(), "Tokens", "what had it is gone: the list has it");
  const { status, reason } = await check(service.root, token);
  assert.deepEqual([status, reason], ["revoked", "lost phone"]);
  await visitor.page.locator("table").getByRole("link").first().click();
  await visitor.reads("lost phone", ".facts");
  await visitor.leaves();
});

test("lists_are_narrowed_and_turned_page_by_page", async () => {
  const user = await newUser(service.root);
  await inParallel(
    8,
    times(60, () => () => mint(service.root, user)),
  );
  const [used] = await tokensOf(service.root, user);
  const { token } = await mint(service.root, user);
  await consume(service.root, token);
  await newKey(service.root, user);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}/tokens`);
  const ids = async (): Promise<string[]> => {
    await visitor.sees("table");
    const titles = visitor.page.locator("td.title code");
    return titles.evaluateAll((all) => all.map((code) => code.getAttribute("title") ?? ""));
  };
  const expected = (await tokensOf(service.root, user))
    .filter(({ kind }) => kind !== "api_key")
    .map(({ token_id }) => token_id);
  const seen = await ids();
  for (const number of [2, 3]) {
    await visitor.presses("Older");
    await visitor.reads(`Page ${number}`);
    await visitor.sees("td.title");
    seen.push(...(await ids()));
  }
  assert.deepEqual(seen, expected);
  assert.ok(await visitor.page.getByRole("button", { name: "Older" }).isDisabled());
  await visitor.presses("Newer");
  await visitor.reads("Page 2");
  await visitor.chooses("Status", "consumed");
  await visitor.row("consumed").waitFor();
  assert.equal((await ids()).length, 1);
  assert.notEqual((await ids())[0], used?.token_id);
  await visitor.chooses("Status", "expired");
  await visitor.reads("No token is expired");
  await visitor.leaves();
});

test("what_happens_elsewhere_is_shown_by_itself", async () => {
  const user = await newUser(service.root);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}/events`);
  await visitor.reads("user.created", "table");
  const { token } = await mint(service.root, user, { label: "from elsewhere" });
  await visitor.reads("from elsewhere", "table");
  await consume(service.root, token);
  await visitor.reads("token.consumed", "table");
  await service.root.put(userPath(user), { groups: ["moved"] });
  await visitor.reads("moved", ".facts");
  assert.equal((await eventsOf(service.root, user)).length, 4);
  await visitor.leaves();
});

test("nothing_is_asked_while_nobody_looks", async () => {
  const user = await newUser(service.root);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}`);
  await visitor.reads("Live");
  const setHidden = (isHidden: boolean): Promise<void> =>
    visitor.page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }, isHidden);
  await setHidden(true);
  await visitor.reads("Paused");
  let asked = 0;
  visitor.page.on("request", () => (asked += 1));
  await visitor.page.waitForTimeout(4_000);
  assert.equal(asked, 0);
  await setHidden(false);
  await visitor.reads("Live");
  await visitor.leaves();
});

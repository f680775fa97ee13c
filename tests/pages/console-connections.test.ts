// Connections at the console: created, read, disabled and enabled, revoked; and all of a user's at once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser } from "playwright-core";

import { check, eventsOf, mint, newKey, newUser } from "../http/kit/actions.ts";
import {
  connect,
  connectionsOf,
  disable,
  issuePair,
  newApp,
  newConnection,
  readConnection,
} from "../http/kit/connections.ts";
import { Provider } from "../http/kit/provider.ts";
import { serve, type Service } from "../http/kit/service.ts";
import { appOf, hold, newProvider } from "../http/kit/upstream.ts";
import { inParallel, times, untilTrue } from "../http/kit/wait.ts";
import { launch, shoot } from "./kit/browser.ts";
import { Visitor } from "./kit/console.ts";

let service: Service;
let browser: Browser;
let provider: Provider;

before(async () => {
  [service, browser, provider] = await Promise.all([serve(), launch(), Provider.start()]);
});
after(async () => {
  await browser?.close();
  await service?.stop();
  provider?.stop();
});

test("an_app_is_connected_and_a_connection_looked_at", async () => {
  const user = await newUser(service.root);
  const { app_id } = await newApp(service.root, { scopes: ["read", "write"] });
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}`);
  await visitor.presses("Connect an app");
  await visitor.fills("App id", app_id);
  await visitor.fills("Scope", "read");
  await visitor.presses("Connect");
  await visitor.row(app_id).getByText("active").waitFor();
  const [made] = await connectionsOf(service.root, user);
  assert.equal(made?.scope, "read");
  await visitor.page.getByRole("link", { name: app_id }).click();
  await visitor.reads("No token was issued under this connection.");
  assert.equal(await visitor.page.locator("#main h1").textContent(), app_id);
  await visitor.leaves();
});

test("a_connection_is_disabled_enabled_and_revoked", async () => {
  const user = await newUser(service.root);
  const { id } = await newConnection(service.root, user);
  const [access] = await issuePair(service.root, id);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/connections/${id}`);
  await visitor.sees("table");
  const statuses = async (): Promise<string[]> => [
    (await readConnection(service.root, id)).status,
    (await check(service.root, access)).status,
  ];

  await visitor.presses("Disable");
  await visitor.fills("Reason", "on holiday");
  await visitor.presses("Disable");
  await visitor.reads("on holiday", ".facts");
  await visitor.row("Access token").getByText("inactive").waitFor();
  assert.deepEqual(await statuses(), ["inactive", "inactive"]);

  await visitor.presses("Enable");
  await visitor.presses("Enable");
  await visitor.row("Access token").getByText("valid").waitFor();
  assert.deepEqual(await statuses(), ["active", "valid"]);

  await visitor.presses("Revoke");
  await visitor.reads("This cannot be undone.", "dialog");
  await visitor.presses("Revoke");
  await visitor.reads("Revoked since", ".facts");
  await visitor.row("Access token").getByText("revoked").waitFor();
  assert.deepEqual(await statuses(), ["revoked", "revoked"]);
  assert.equal(await visitor.page.getByRole("button", { name: "Disable" }).count(), 0);
  await visitor.leaves();
});

test("tokens_are_issued_under_a_connection_and_shown_once", async () => {
  const { id } = await newConnection(service.root, await newUser(service.root));
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/connections/${id}`);
  await visitor.presses("Issue tokens");
  await visitor.presses("Issue");
  const secrets = await visitor.takesSecrets();
  assert.deepEqual(
    secrets.map((secret) => secret.slice(0, 4)),
    ["hat_", "hrt_"],
  );
  for (const secret of secrets) {
    assert.equal((await check(service.root, secret)).connection_id, id);
  }
  await visitor.row("Refresh token").waitFor();
  await visitor.leaves();
});

test("what_happens_to_a_connection_elsewhere_is_shown_at_once_by_the_status_element", async () => {
  const { id } = await newConnection(service.root, await newUser(service.root));
  const visitor = await Visitor.signedIn(browser, service);
  // The page itself never hears of anything.
  await visitor.page.route("**/events?limit=1", () => undefined);
  await visitor.goes(`#/connections/${id}`);
  const element = visitor.page.locator("hookswitch-status");
  await element.getByText("Connected", { exact: true }).waitFor();
  await shoot(visitor.page, "console-connection-live");
  await disable(service.root, id, "elsewhere");
  await element.getByText("Paused", { exact: true }).waitFor();
  await visitor.reads("elsewhere", ".facts");
  await visitor.leaves();
});

test("without_the_status_element_the_page_asks_by_itself", async () => {
  const { id } = await newConnection(service.root, await newUser(service.root));
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.page.route("**/v1/status-tickets", (route) => route.abort());
  await visitor.goes(`#/connections/${id}`);
  await visitor.sees("[data-status=active]");
  await disable(service.root, id, "elsewhere");
  await visitor.reads("elsewhere", ".facts");
  await visitor.sees("[data-status=inactive]");
  visitor.watch.forgive(/net::ERR_FAILED/);
  await visitor.leaves();
});

test("what_a_connection_holds_of_its_providers_and_what_is_left_there_is_shown", async () => {
  const url = `${provider.origin}/revoke`;
  const slug = await newProvider(service.root, {
    revocation: { method: "rfc7009", url, auth: "none" },
  });
  const app = await appOf(service.root, slug);
  const [refresh_token, access_token] = [provider.token(), provider.token(400, 200)];
  const held = await hold(service.root, app, { refresh_token, access_token });
  const visitor = await Visitor.signedIn(browser, service);
  visitor.hides(refresh_token);
  visitor.hides(access_token);
  await visitor.goes(`#/connections/${held.id}`);
  await visitor.row("refresh token").getByText("held").waitFor();
  await visitor.presses("Revoke");
  await visitor.presses("Revoke");
  await visitor.row("refresh token").getByText("revoked").waitFor();
  await visitor.row("access token").getByText("abandoned").waitFor();
  await visitor.reads("HTTP 400", "table");
  await shoot(visitor.page, "console-connection-remainder");
  await visitor.presses("Retry access token");
  await visitor.presses("Retry");
  await visitor.row("access token").getByText("revoked").waitFor();
  await visitor.reads("Revoked since", ".facts");
  assert.equal(provider.askedOf(access_token).length, 2);
  await visitor.leaves();
});

/** The numbers that are shown after everything of a user was revoked. */
async function counted(visitor: Visitor): Promise<string[]> {
  const lines = await visitor.page.locator("[data-revoked] li").allInnerTexts();
  return lines.map((line) => line.replace(/\s+/g, " ").trim());
}

/** The id of the event that is shown after everything of a user was revoked. */
function eventShown(visitor: Visitor): Promise<string | null> {
  return visitor.page.locator("[data-event] code[title]").getAttribute("title");
}

test("everything_of_a_user_is_counted_first_then_revoked_in_one_event", async () => {
  const user = await newUser(service.root);
  const { app_id } = await newApp(service.root);
  const { id } = await connect(service.root, user, app_id);
  await issuePair(service.root, id);
  await newKey(service.root, user);
  await inParallel(
    8,
    times(300, () => () => mint(service.root, user)),
  );
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}`);
  await visitor.row(app_id).waitFor();
  const sent: (string | undefined)[] = [];
  visitor.page.on("request", (request) => {
    if (request.method() === "POST") sent.push(request.headers()["idempotency-key"]);
  });

  await visitor.presses("Revoke everything");
  await visitor.fills("Reason", "left the company");
  await shoot(visitor.page, "console-revoke-all-asked");
  await visitor.presses("Count first");
  await visitor.reads("304", "dialog .big");
  await visitor.reads("300 connection tokens", "dialog");
  await visitor.reads("1 API key", "dialog");
  await shoot(visitor.page, "console-revoke-all-counted");
  assert.equal((await connectionsOf(service.root, user))[0]?.status, "active", "nothing is done");

  await visitor.presses("Revoke 304");
  await visitor.reads("304 revoked in one write", "hs-user-revoked");
  assert.equal((await connectionsOf(service.root, user))[0]?.status, "revoked", "at once");
  assert.equal(await visitor.page.evaluate(() => document.activeElement?.tagName), "H2");
  assert.deepEqual(await counted(visitor), [
    "1 connection",
    "300 connection tokens",
    "1 access token",
    "1 refresh token",
    "1 API key",
  ]);
  await visitor.reads("user.revoked", "[data-event]");
  await shoot(visitor.page, "console-revoke-all-revoked");
  const [event, ...others] = await eventsOf(service.root, user, "user.revoked");
  assert.deepEqual(others, [], "one event");
  assert.equal(await eventShown(visitor), event?.id);
  const expected = { connection: 1, connection_token: 300, access_token: 1, refresh_token: 1 };
  assert.deepEqual(event?.data["revoked"], { ...expected, api_key: 1 });
  assert.deepEqual(event?.data["connections"], [id]);
  for (const type of ["token.revoked", "connection.revoked"]) {
    assert.deepEqual(await eventsOf(service.root, user, type), [], `no ${type} of its own`);
  }
  await visitor.row(app_id).getByText("revoked").waitFor();
  await visitor.presses("Close");
  assert.equal(await visitor.page.locator("hs-user-revoked").count(), 0);
  await visitor.goes(`#/users/${user}/events`);
  await visitor.row("user.revoked").getByText("left the company").waitFor();

  assert.equal(sent.length, 2);
  assert.equal(sent[0], undefined, "a dry run changes nothing");
  assert.match(sent[1] ?? "", /^[0-9a-f]{32}$/);

  await visitor.presses("Revoke everything");
  await visitor.presses("Count first");
  await visitor.reads("There is nothing to revoke.", "dialog");
  await visitor.presses("Cancel");
  await visitor.leaves();
});

test("an_event_that_cannot_be_read_is_read_later_and_the_counts_are_shown_meanwhile", async () => {
  const user = await newUser(service.root);
  for (const _ of times(3, () => 0)) await mint(service.root, user);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}`);
  await visitor.reads("No connections yet");
  // The audit trail cannot be read for a while.
  await visitor.page.route("**/events?limit=100*", (route) =>
    route.continue({ headers: { ...route.request().headers(), "x-test-fault": "ledger" } }),
  );
  await visitor.presses("Revoke everything");
  await visitor.presses("Count first");
  await visitor.presses("Revoke 3");
  await visitor.reads("The event cannot be read at the moment.", "[data-event]");
  assert.deepEqual(await counted(visitor), ["3 connection tokens"]);
  await visitor.page.unroute("**/events?limit=100*");
  await visitor.reads("user.revoked", "[data-event]");
  const [event] = await eventsOf(service.root, user, "user.revoked");
  assert.equal(await eventShown(visitor), event?.id);
  await visitor.leaves();
});

test("the_event_of_a_revocation_is_its_own_and_not_that_of_an_earlier_one", async () => {
  const user = await newUser(service.root);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}`);
  await visitor.reads("No connections yet");
  const shown: (string | null)[] = [];
  for (const count of [2, 1]) {
    for (const _ of times(count, () => 0)) await mint(service.root, user);
    await visitor.presses("Revoke everything");
    await visitor.presses("Count first");
    await visitor.presses(`Revoke ${count}`);
    await visitor.reads("user.revoked", "[data-event]");
    assert.deepEqual(await counted(visitor), [`${count} connection token${count > 1 ? "s" : ""}`]);
    shown.push(await eventShown(visitor));
    await visitor.presses("Close");
  }
  const events = await eventsOf(service.root, user, "user.revoked");
  assert.deepEqual(shown.sort(), events.map(({ id }) => id).sort());
  await visitor.leaves();
});

test("kinds_and_an_app_narrow_what_is_revoked", async () => {
  const user = await newUser(service.root);
  const [one, other] = [await newApp(service.root), await newApp(service.root)];
  for (const { app_id } of [one, other]) await connect(service.root, user, app_id);
  const { api_key } = await newKey(service.root, user);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}`);
  await visitor.presses("Revoke everything");
  await visitor.page.getByLabel("API keys", { exact: true }).uncheck();
  await visitor.fills("Only for the app", one.app_id);
  await visitor.presses("Count first");
  await visitor.reads("1 connection", "dialog");
  await visitor.presses("Revoke 1");
  await visitor.reads("1 revoked in one write", "hs-user-revoked");
  assert.deepEqual(await counted(visitor), ["1 connection"]);
  await visitor.reads("user.revoked", "[data-event]");
  await untilTrue("one is revoked, the other not", async () => {
    const all = await connectionsOf(service.root, user);
    const statusOf = (id: string): string | undefined =>
      all.find(({ app_id }) => app_id === id)?.status;
    return statusOf(one.app_id) === "revoked" && statusOf(other.app_id) === "active";
  });
  assert.equal((await check(service.root, api_key)).status, "valid");
  await visitor.leaves();
});

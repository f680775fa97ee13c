// What the console says when something goes wrong, and how one goes on.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser, Route } from "playwright-core";

import { newUser, tokensOf } from "../http/kit/actions.ts";
import { userPath } from "../http/kit/api.ts";
import { serve, type Service } from "../http/kit/service.ts";
import { launch, shoot } from "./kit/browser.ts";
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

/** Has the service itself fail at a request. */
function breaking(fault: string): (route: Route) => Promise<void> {
  return (route) =>
    route.continue({ headers: { ...route.request().headers(), "x-test-fault": fault } });
}

test("a_503_is_explained_with_its_request_id_and_tried_again", async () => {
  const user = await newUser(service.root);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.page.route(`**${userPath(user)}*`, breaking("ledger"));
  await visitor.goes(`#/users/${user}`);
  await visitor.reads("unavailable", "[role=alert]");
  await visitor.reads(/Wait \d+ second/, "[role=alert]");
  assert.equal(await visitor.page.locator("[role=alert] .id code").count(), 1);
  await shoot(visitor.page, "console-failure");
  await visitor.page.unroute(`**${userPath(user)}*`);
  await visitor.presses("Try again");
  await visitor.reads("No connections yet");
  assert.equal(await visitor.page.locator("[role=alert]").count(), 0);
  await visitor.leaves();
});

test("what_is_loading_says_so", async () => {
  const user = await newUser(service.root);
  const visitor = await Visitor.signedIn(browser, service);
  let goOn: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  await visitor.page.route(`**${userPath(user)}*`, async (route) => {
    await held;
    await route.continue();
  });
  await visitor.goes(`#/users/${user}`);
  await visitor.sees("[aria-busy=true]");
  await shoot(visitor.page, "console-loading");
  assert.equal(await visitor.page.locator("#main h1").textContent(), user);
  goOn();
  await visitor.reads("No connections yet");
  assert.equal(await visitor.page.locator("[aria-busy=true]").count(), 0);
  await visitor.leaves();
});

test("what_was_shown_stays_and_says_that_it_may_be_out_of_date", async () => {
  const user = await newUser(service.root, { groups: ["paris"] });
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}`);
  await visitor.reads("paris", ".facts");
  await visitor.page.route(`**${userPath(user)}`, breaking("ledger"));
  await service.root.put(userPath(user), { groups: ["rome"] });
  await visitor.reads(/may be out of date/);
  await visitor.reads("paris", ".facts");
  await visitor.page.unroute(`**${userPath(user)}`);
  await visitor.presses("Try again");
  await visitor.reads("rome", ".facts");
  assert.equal(await visitor.page.getByText("may be out of date").count(), 0);
  await visitor.leaves();
});

test("a_mint_whose_answer_was_lost_is_sent_again_and_done_once", async () => {
  const user = await newUser(service.root);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}/tokens`);
  const keys: string[] = [];
  visitor.page.on("request", (request) => {
    if (request.method() === "POST") keys.push(request.headers()["idempotency-key"] ?? "");
  });
  await visitor.page.route("**/v1/tokens", breaking("ledger-lost"), { times: 1 });
  await visitor.presses("Create token");
  await visitor.presses("Create token");
  await visitor.reads("unavailable", "dialog [role=alert]");
  await visitor.presses("Create token");
  await visitor.takesSecrets();
  assert.equal((await tokensOf(service.root, user)).length, 1);
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
  assert.match(keys[0] ?? "", /^[0-9a-f]{32}$/);

  await visitor.presses("Create token");
  await visitor.fills("Validity (seconds)", "60");
  await visitor.presses("Create token");
  await visitor.takesSecrets();
  assert.notEqual(keys[2], keys[0], "another intent is another request");
  assert.equal((await tokensOf(service.root, user)).length, 2);
  await visitor.leaves();
});

test("what_the_service_says_against_a_field_stands_at_the_field", async () => {
  const user = await newUser(service.root);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}/tokens`);
  await visitor.presses("Create token");
  await visitor.fills("Scope", "é");
  await visitor.presses("Create token");
  await visitor.reads("invalid_request", "dialog [role=alert]");
  const field = visitor.page.locator("dialog").getByLabel("Scope");
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  await visitor.fills("Scope", "");
  await visitor.fills("App id", "no-such-app");
  await visitor.presses("Create token");
  await visitor.reads("app_not_found", "dialog [role=alert]");
  await visitor.presses("Cancel");
  await visitor.leaves();
});

test("too_many_requests_are_explained_with_how_long_to_wait", async () => {
  const limited = await serve({ rateLimit: 4 });
  try {
    const visitor = await Visitor.signedIn(browser, limited);
    const refused = visitor.page.locator("[role=alert]").getByText("rate_limited");
    const hurry = async (): Promise<void> => {
      for (const place of ["providers", "webhooks", "revocations"]) {
        await visitor.goes(`#/${place}`);
        await visitor.sees("table, .empty, [role=alert]");
        if ((await refused.count()) > 0) return;
      }
    };
    // However slow the browser is, some round has more requests within one period than it allows.
    for (let round = 0; round < 12 && (await refused.count()) === 0; round += 1) await hurry();
    await refused.first().waitFor();
    await visitor.reads(/Wait \d+ second/, "[role=alert]");
    await visitor.leaves();
  } finally {
    await limited.stop();
  }
});

test("a_deployment_that_cannot_be_reached_is_said_so_and_found_again", async () => {
  const user = await newUser(service.root);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes(`#/users/${user}`);
  await visitor.reads("Live");
  await visitor.watch.context.setOffline(true);
  await visitor.reads("Reconnecting");
  await visitor.goes("#/providers");
  await visitor.reads("The deployment cannot be reached", "[role=alert]");
  await visitor.watch.context.setOffline(false);
  await visitor.presses("Try again");
  await visitor.row("GitHub").waitFor();
  visitor.watch.forgive(/net::ERR_INTERNET_DISCONNECTED/);
  await visitor.leaves();
});

test("what_is_not_there_is_said_so", async () => {
  const visitor = await Visitor.signedIn(browser, service);
  for (const [place, words] of [
    ["#/nowhere", "This page does not exist"],
    ["#/users/%", "This page does not exist"],
    ["#/users/nobody", "This user does not exist"],
    ["#/apps/none", "This app does not exist"],
    ["#/webhooks/none", "This endpoint does not exist"],
    ["#/providers/none", "This provider does not exist"],
    [`#/connections/ca_${"0".repeat(48)}`, "connection_not_found"],
    [`#/tokens/tok_${"0".repeat(48)}`, "token_not_found"],
  ] as const) {
    await visitor.goes(place);
    await visitor.reads(words, "#main");
  }
  await visitor.leaves();
});

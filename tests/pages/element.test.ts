// `<hookswitch-status>` in a page of a real deployment.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import type { Browser, BrowserContext, Locator, Page } from "playwright-core";

import { consume, mint, newUser } from "../http/kit/actions.ts";
import { newApp, newConnection, revokeConnection } from "../http/kit/connections.ts";
import { Provider } from "../http/kit/provider.ts";
import { serve, type Service } from "../http/kit/service.ts";
import { ticketFor } from "../http/kit/status.ts";
import { abandoned, appOf, hold, newProvider } from "../http/kit/upstream.ts";
import { sleep, untilTrue } from "../http/kit/wait.ts";
import { axeFindings, launch, shoot, Watch } from "./kit/browser.ts";
import { listen, part, put, seen, words } from "./kit/element.ts";
import { blankPage } from "./kit/follow.ts";
import { Network } from "./kit/network.ts";
import { POLICY, StatusServer } from "./kit/status-server.ts";

let service: Service;
let network: Network;
let elsewhere: StatusServer;
let browser: Browser;
let context: BrowserContext;
let watch: Watch;
let page: Page;

before(async () => {
  elsewhere = await StatusServer.start();
  [service, browser] = await Promise.all([
    serve({ vars: { CORS_ORIGINS: elsewhere.url } }),
    launch(),
  ]);
  network = await Network.before(() => Number(new URL(service.url).port));
});
after(async () => {
  await browser?.close();
  await network?.stop();
  await elsewhere?.stop();
  await service?.stop();
});
beforeEach(async () => {
  context = await browser.newContext();
  watch = new Watch(context, [network.url]);
  page = await blankPage(context, network.url);
});
afterEach(async () => {
  await context.close();
  network.mend();
  watch.forgive(/WebSocket|Failed to load resource|net::ERR/);
  assert.deepEqual([watch.errors, watch.strangers], [[], []]);
});

async function active(): Promise<{ id: string; ticket: string }> {
  const { id } = await newConnection(service.root, await newUser(service.root));
  return { id, ticket: await ticketFor(service.root, { connection_id: id }) };
}

const untilWord = (element: Locator, word: string, deadline?: number): Promise<void> =>
  untilTrue(word, async () => (await words(element, "status")) === word, deadline);

test("the_element_changes_without_a_reload_when_the_connection_is_revoked", async () => {
  const { id, ticket } = await active();
  const element = await put(page, { ticket, label: "Acme CRM" });
  await listen(page);
  await untilWord(element, "Connected");
  assert.equal(await words(element, "label"), "Acme CRM");
  assert.equal(await words(element, "freshness"), "Live");
  await shoot(page, "element-connected");

  await revokeConnection(service.root, id);
  await untilWord(element, "Disconnected", 2_000);
  assert.equal(await part(element, "freshness").isVisible(), false, "nothing can change any more");
  assert.deepEqual(
    (await seen(page)).map(({ type, detail }) => [type, detail["previous"], detail["status"]]),
    [
      ["hookswitch-change", undefined, "active"],
      ["hookswitch-change", "active", "revoked"],
    ],
  );
  await shoot(page, "element-disconnected");
  assert.deepEqual(await axeFindings(page), []);
});

test("a_token_is_shown_until_it_is_used", async () => {
  const { token, token_id } = await mint(service.root, await newUser(service.root));
  const element = await put(page, { ticket: await ticketFor(service.root, { token_id }) });
  await untilWord(element, "Valid");
  assert.equal(await words(element, "label"), "Connection token");
  await consume(service.root, token);
  await untilWord(element, "Used");
});

test("the_time_left_is_counted_down_and_then_it_is_over", async () => {
  const app = await newApp(service.root);
  const user = await newUser(service.root);
  const { connection_id } = await mint(service.root, user, { app_id: app.app_id, ttl: 9 });
  assert.ok(connection_id);
  const element = await put(page, { ticket: await ticketFor(service.root, { connection_id }) });
  await untilWord(element, "Waiting for approval");
  await element.evaluate(({ shadowRoot }) => {
    const spans: string[] = [];
    Object.assign(globalThis, { spans });
    const left = shadowRoot?.querySelector("[role=timer]");
    const note = (): void => {
      if (left?.textContent) spans.push(left.textContent);
    };
    if (left) new MutationObserver(note).observe(left, { childList: true });
  });
  await untilWord(element, "Not approved in time");
  const spans = await page.evaluate(() => (globalThis as unknown as { spans: string[] }).spans);
  assert.ok(spans.length >= 3, spans.join());
  const seconds = spans.map((span) => Number(/^(\d) sec$/.exec(span)?.[1]));
  assert.deepEqual(
    seconds,
    [...seconds].sort((one, other) => other - one),
  );
  assert.ok(!(await part(element, "time-left").isVisible()));
});

test("ticks_touch_nothing_that_is_announced", async () => {
  const { token_id } = await mint(service.root, await newUser(service.root), { ttl: 600 });
  const element = await put(page, { ticket: await ticketFor(service.root, { token_id }) });
  await untilWord(element, "Valid");
  await untilTrue("live", async () => (await words(element, "freshness")) === "Live");
  const [said, ticked] = await element.evaluate(async ({ shadowRoot }) => {
    const count = [0, 0];
    for (const [at, selector] of ["[role=status]", "[role=timer]"].entries()) {
      const watched = shadowRoot?.querySelector(selector);
      if (!watched) throw new Error(selector);
      new MutationObserver(() => (count[at] = (count[at] ?? 0) + 1)).observe(watched, {
        subtree: true,
        childList: true,
        characterData: true,
        attributes: true,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 3_300));
    return count;
  });
  assert.equal(said, 0);
  assert.ok(ticked !== undefined && ticked >= 3 && ticked <= 5, String(ticked));
});

test("a_page_that_nobody_sees_does_not_tick", async () => {
  const { token_id } = await mint(service.root, await newUser(service.root), { ttl: 600 });
  const element = await put(page, { ticket: await ticketFor(service.root, { token_id }) });
  await untilWord(element, "Valid");
  const ticks = await element.evaluate(async ({ shadowRoot }) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
    let count = 0;
    const timer = shadowRoot?.querySelector("[role=timer]");
    if (timer) new MutationObserver(() => (count += 1)).observe(timer, { childList: true });
    await new Promise((resolve) => setTimeout(resolve, 2_300));
    return count;
  });
  assert.equal(ticks, 0);
});

test("a_lost_network_is_said_in_words_and_what_was_missed_is_shown_after", async () => {
  const { id, ticket } = await active();
  const element = await put(page, { ticket });
  await untilTrue("live", async () => (await words(element, "freshness")) === "Live");
  await context.setOffline(true);
  network.cut();
  await untilTrue("offline", async () =>
    /^Offline, as of \d+:\d\d:\d\d/.test(await words(element, "freshness")),
  );
  assert.equal(await words(element, "status"), "Connected");
  assert.ok(await element.evaluate((host) => host.matches(":state(stale):state(good)")));
  await shoot(page, "element-offline");
  assert.deepEqual(await axeFindings(page), []);

  await revokeConnection(service.root, id);
  network.mend();
  await context.setOffline(false);
  await untilWord(element, "Disconnected", 5_000);
  assert.ok(await element.evaluate((host) => !host.matches(":state(stale)")));
});

test("a_connection_that_is_back_at_once_is_not_spoken_of", async () => {
  const { ticket } = await active();
  const element = await put(page, { ticket });
  await untilTrue("live", async () => (await words(element, "freshness")) === "Live");
  const said = element.evaluate(async ({ shadowRoot }) => {
    const texts: string[] = [];
    const region = shadowRoot?.querySelector("[role=status]");
    if (region) {
      new MutationObserver(() => texts.push(region.textContent)).observe(region, {
        subtree: true,
        childList: true,
        characterData: true,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 1_400));
    return texts;
  });
  network.cut();
  network.mend();
  assert.deepEqual(await said, []);
});

test("a_page_of_another_origin_that_the_deployment_names_may_show_it", async () => {
  const { id, ticket } = await active();
  const { origin } = new URL(service.url);
  const policy = POLICY.replace(
    "connect-src 'self'",
    `connect-src 'self' ${origin} ${origin.replace("http", "ws")}`,
  );
  const other = new Watch(context, [elsewhere.url, origin]);
  const stranger = await blankPage(context, elsewhere.url, "", policy);
  const element = await put(stranger, { ticket, server: service.url });
  await untilTrue("live", async () => (await words(element, "freshness")) === "Live");
  await revokeConnection(service.root, id);
  await untilWord(element, "Disconnected");
  assert.deepEqual([other.errors, other.strangers], [[], []]);
  watch.strangers.length = 0;
});

/** A page of an origin that the deployment does not name, and of which the policy lets it ask the deployment. */
async function stranger(): Promise<{ page: Page; close: () => Promise<void> }> {
  const site = await StatusServer.start();
  const { origin } = new URL(service.url);
  const sources = `'self' ${origin} ${origin.replace("http", "ws")} ${network.url} ${network.url.replace("http", "ws")}`;
  const policy = POLICY.replace("connect-src 'self'", `connect-src ${sources}`);
  const opened = await blankPage(context, site.url, "", policy);
  return { page: opened, close: () => site.stop() };
}

test("a_page_of_an_origin_that_the_deployment_does_not_name_is_told_so", async () => {
  const { ticket } = await active();
  const { page: other, close } = await stranger();
  const sent: string[] = [];
  other.on("request", (request) => {
    const { ticket: inQuery } = Object.fromEntries(new URL(request.url()).searchParams);
    if (inQuery === undefined)
      sent.push(request.headers()["authorization"] ?? "without the ticket");
  });
  await listen(other);
  const element = await put(other, { ticket, server: service.url });
  await untilTrue("told", async () => (await seen(other)).length > 0);
  const { type, detail } = (await seen(other))[0] ?? {};
  assert.deepEqual(
    [type, detail?.["code"], detail?.["final"]],
    ["hookswitch-error", "origin_refused", false],
  );
  assert.match(String(detail?.["message"]), /CORS_ORIGINS/);
  await untilTrue("said", async () =>
    (await words(element, "sentence")).includes("This status cannot be shown."),
  );
  await sleep(3_000);
  assert.equal((await seen(other)).length, 1, "it is told once");
  assert.ok(sent.includes("without the ticket"), "the server is asked without the ticket");
  await close();
  watch.errors.length = watch.strangers.length = 0;
});

test("a_server_that_is_down_is_not_taken_for_one_that_refuses_the_origin", async () => {
  const { ticket } = await active();
  const { page: other, close } = await stranger();
  await listen(other);
  network.cut();
  const element = await put(other, { ticket, server: network.url });
  await untilTrue("said", async () =>
    (await words(element, "sentence")).includes("The server cannot be reached."),
  );
  await sleep(2_000);
  assert.deepEqual(await seen(other), []);
  await close();
  watch.errors.length = watch.strangers.length = 0;
});

test("what_a_provider_did_not_confirm_is_not_called_disconnecting", async () => {
  const provider = await Provider.start();
  const revocation = { method: "rfc7009", url: `${provider.origin}/revoke`, auth: "none" } as const;
  const app = await appOf(service.root, await newProvider(service.root, { revocation }));
  const held = await hold(service.root, app, { access_token: provider.token(400, 200) });
  const ticket = await ticketFor(service.root, { connection_id: held.id });
  const element = await put(page, { ticket });
  await untilWord(element, "Connected");
  await revokeConnection(service.root, held.id);
  await untilWord(element, "Disconnected here");
  assert.match(await words(element, "sentence"), /has not confirmed that it ended there/);
  const [left] = await abandoned(service.root);
  await service.root.post(`/v1/revocations/${left?.id}/retry`, {});
  await untilWord(element, "Disconnected");
  provider.stop();
});

test("an_element_that_is_taken_out_follows_nothing_and_goes_on_when_put_back", async () => {
  const { id, ticket } = await active();
  const element = await put(page, { ticket });
  await untilTrue("live", async () => (await words(element, "freshness")) === "Live");
  await element.evaluate((host) => {
    Object.assign(globalThis, { host });
    host.remove();
  });
  await revokeConnection(service.root, id);
  await sleep(1_200);
  const held = await page.evaluate(() => {
    const { host } = globalThis as unknown as { host: HTMLElementTagNameMap["hookswitch-status"] };
    const before = host.shadowRoot?.querySelector("[part=status]")?.textContent;
    document.querySelector("main")?.append(host);
    return before;
  });
  assert.equal(held, "Connected");
  await untilWord(element, "Disconnected");
});

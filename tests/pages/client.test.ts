// Following a ticket from a page, with a real deployment behind a network that can be cut.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import type { Browser, BrowserContext, Page } from "playwright-core";

import { forge, newUser, consume, mint } from "../http/kit/actions.ts";
import { disable, enable, newConnection, revokeConnection } from "../http/kit/connections.ts";
import { serve, type Service } from "../http/kit/service.ts";
import { ticketFor } from "../http/kit/status.ts";
import { sleep, untilTrue } from "../http/kit/wait.ts";
import { launch, Watch } from "./kit/browser.ts";
import { blankPage, follow, known, setHidden, told, untilKnown } from "./kit/follow.ts";
import { Network } from "./kit/network.ts";

let service: Service;
let network: Network;
let browser: Browser;
let context: BrowserContext;
let watch: Watch;
let page: Page;

before(async () => {
  [service, browser] = await Promise.all([serve(), launch()]);
  network = await Network.before(() => Number(new URL(service.url).port));
});
after(async () => {
  await browser?.close();
  await network?.stop();
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
  // That a connection failed is what the browser writes to its console by itself.
  watch.forgive(/WebSocket|Failed to load resource|net::ERR/);
  assert.deepEqual([watch.errors, watch.strangers], [[], []]);
});

/** A connection that is active, and a ticket to it. */
async function active(): Promise<{ id: string; ticket: string }> {
  const { id } = await newConnection(service.root, await newUser(service.root));
  return { id, ticket: await ticketFor(service.root, { connection_id: id }) };
}

test("each_change_arrives_live_until_nothing_can_change_any_more", async () => {
  const { id, ticket } = await active();
  await follow(page, { ticket });
  await untilKnown(page, "active", "live");
  await disable(service.root, id);
  await untilKnown(page, "inactive", "live", 1_500);
  await enable(service.root, id);
  await untilKnown(page, "active", "live", 1_500);
  await revokeConnection(service.root, id);
  await untilKnown(page, "revoked", "ended", 1_500);
  assert.deepEqual(await told(page), [
    "status: active",
    "live",
    "status: inactive",
    "status: active",
    "status: revoked",
    "ended",
  ]);
});

test("a_token_is_followed_until_it_is_consumed", async () => {
  const { token, token_id } = await mint(service.root, await newUser(service.root));
  await follow(page, { ticket: await ticketFor(service.root, { token_id }) });
  await untilKnown(page, "valid", "live");
  await consume(service.root, token);
  await untilKnown(page, "consumed", "ended");
  assert.equal((await known(page))[2], false);
});

test("what_was_over_before_is_read_once_and_not_followed", async () => {
  const { id, ticket } = await active();
  await revokeConnection(service.root, id);
  await follow(page, { ticket });
  await untilKnown(page, "revoked", "ended");
  assert.deepEqual(await told(page), ["status: revoked", "ended"]);
});

test("without_websockets_the_status_is_polled_and_not_sent_again_where_it_is_the_same", async () => {
  const { id, ticket } = await active();
  const answers: number[] = [];
  page.on("response", (response) => {
    if (response.url().includes("/v1/status")) answers.push(response.status());
  });
  await follow(page, { ticket, polls: true, speed: 20 });
  await untilKnown(page, "active", "polling");
  await untilTrue("asked again", () => Promise.resolve(answers.length >= 3));
  assert.deepEqual(answers.slice(0, 3), [200, 304, 304]);
  await revokeConnection(service.root, id);
  await untilKnown(page, "revoked", "ended");
  assert.deepEqual(await told(page), ["status: active", "polling", "status: revoked", "ended"]);
});

test("a_ticket_is_in_no_url_of_a_poll", async () => {
  const { ticket } = await active();
  const urls: string[] = [];
  page.on("request", (request) => urls.push(request.url()));
  await follow(page, { ticket, polls: true });
  await untilKnown(page, "active", "polling");
  assert.ok(urls.some((url) => url.endsWith("/v1/status")));
  assert.ok(urls.every((url) => !url.includes(ticket)));
});

test("a_follower_whose_network_drops_recovers_with_the_right_status", async () => {
  const { id, ticket } = await active();
  await follow(page, { ticket });
  await untilKnown(page, "active", "live");
  await context.setOffline(true);
  network.cut();
  await untilKnown(page, "active", "offline");
  assert.equal((await known(page))[2], true, "what is shown may be out of date");

  await disable(service.root, id);
  network.mend();
  await context.setOffline(false);
  await untilKnown(page, "inactive", "live", 5_000);
  assert.equal((await known(page))[2], false);
  await revokeConnection(service.root, id);
  await untilKnown(page, "revoked", "ended");
});

test("a_network_that_is_dead_and_does_not_say_so_is_noticed", async () => {
  const { id, ticket } = await active();
  await follow(page, { ticket, speed: 10 });
  await untilKnown(page, "active", "live");
  // Longer than the silence, so that pings have been answered.
  await sleep(5_000);
  assert.deepEqual(await told(page), ["status: active", "live"]);

  network.die();
  await untilKnown(page, "active", "offline", 10_000);
  await revokeConnection(service.root, id);
  network.cut();
  network.mend();
  await untilKnown(page, "revoked", "ended", 10_000);
});

test("a_follower_comes_back_to_a_deployment_that_restarted", async () => {
  const { id, ticket } = await active();
  await follow(page, { ticket });
  await untilKnown(page, "active", "live");
  await service.restart();
  await untilTrue("lost", async () => (await told(page)).length > 2);
  await untilKnown(page, "active", "live");
  await revokeConnection(service.root, id);
  await untilKnown(page, "revoked", "ended");
});

test("a_hidden_page_is_not_followed_and_is_fresh_at_once_when_seen_again", async () => {
  const { id, ticket } = await active();
  let sockets = 0;
  page.on("websocket", (socket) => {
    sockets += 1;
    socket.on("close", () => (sockets -= 1));
  });
  await follow(page, { ticket, speed: 20 });
  await untilKnown(page, "active", "live");
  assert.equal(sockets, 1);
  await setHidden(page, true);
  // A glance at another tab costs nothing.
  assert.deepEqual(await known(page), ["active", "live", false]);
  await untilKnown(page, "active", "connecting");
  await untilTrue("the socket is closed", () => Promise.resolve(sockets === 0));

  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await disable(service.root, id);
  await sleep(1_500);
  assert.deepEqual([requests, await known(page)], [[], ["active", "connecting", true]]);

  await setHidden(page, false);
  await untilKnown(page, "inactive", "live", 2_000);
  assert.equal((await known(page))[2], false);
});

test("a_page_that_polls_rests_while_it_is_hidden", async () => {
  const { id, ticket } = await active();
  await follow(page, { ticket, polls: true, speed: 20 });
  await untilKnown(page, "active", "polling");
  await setHidden(page, true);
  await untilKnown(page, "active", "connecting");
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await disable(service.root, id);
  await sleep(1_500);
  assert.deepEqual(requests, []);
  await setHidden(page, false);
  await untilKnown(page, "inactive", "polling", 2_000);
});

test("a_forged_ticket_is_given_up_at_once", async () => {
  const { ticket } = await active();
  await follow(page, { ticket: forge(ticket) });
  await untilKnown(page, undefined, "ended");
  assert.deepEqual(await told(page), ["ended, stale", "error: ticket_invalid"]);
});

test("a_closed_follower_says_and_asks_nothing_any_more", async () => {
  const { id, ticket } = await active();
  await follow(page, { ticket });
  await untilKnown(page, "active", "live");
  await page.evaluate(() =>
    (
      globalThis as unknown as { followed: { follower: { close(): void } } }
    ).followed.follower.close(),
  );
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await revokeConnection(service.root, id);
  await sleep(1_500);
  assert.deepEqual(await told(page), ["status: active", "live", "closed, stale"]);
  assert.deepEqual(requests, []);
});

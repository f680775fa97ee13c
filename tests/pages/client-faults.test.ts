// Following a ticket in Node, from a server that does what a real one cannot be made to do.

import assert from "node:assert/strict";
import path from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { pathToFileURL } from "node:url";

import { backoff, retryAfter } from "../../www/client/timing.ts";
import type { Environment } from "../../www/client/environment.ts";
import type { Follower, FollowOptions } from "../../www/client/index.ts";
import type * as Package from "../../www/package/index.ts";
import { sleep, untilTrue } from "../http/kit/wait.ts";
import { connection } from "./kit/statuses.ts";
import { problem, StatusServer } from "./kit/status-server.ts";

const TICKET = "hst_a";
const SPEED = 50;

let pack: typeof Package;
let server: StatusServer;
let followed: Follower | undefined;
/** What was told, as in the browser's tests. */
let told: string[];
/** Each wait that was asked for, in milliseconds, as if the clock were not faster. */
let waits: number[];
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

before(async () => {
  const entry = pathToFileURL(path.resolve("build", "package", "node.js")).href;
  pack = (await import(entry)) as typeof Package;
  process.on("unhandledRejection", onUnhandled);
});
after(() => process.off("unhandledRejection", onUnhandled));
beforeEach(async () => {
  server = await StatusServer.start();
  server.say(TICKET, connection("active"));
  [told, waits] = [[], []];
});
afterEach(async () => {
  followed?.close();
  await server.stop();
  assert.deepEqual(unhandled, []);
});

function follow(more: Partial<FollowOptions> = {}, world: Partial<Environment> = {}): Follower {
  const follower = pack.follow(
    { ticket: TICKET, server: server.url, ...more },
    {
      after: (milliseconds, task) => {
        waits.push(milliseconds);
        const timer = setTimeout(task, milliseconds / SPEED);
        return () => clearTimeout(timer);
      },
      random: () => 0.5,
      ...world,
    },
  );
  follower.addEventListener("status", ({ status }) => told.push(`status: ${status.status}`));
  follower.addEventListener("state", ({ state, stale }) =>
    told.push(stale ? `${state}, stale` : state),
  );
  follower.addEventListener("error", ({ code }) => told.push(`error: ${code}`));
  followed = follower;
  return follower;
}

const untilTold = (what: string, deadline = 5_000): Promise<void> =>
  untilTrue(`${what} among: ${told.join("; ")}`, async () => told.includes(what), deadline).catch(
    () => assert.fail(`not told ${what}, but: ${told.join("; ")}`),
  );

/** A clock that is as fast as the waits are short. */
function fastClock(): () => number {
  const start = Date.now();
  return () => start + (Date.now() - start) * SPEED;
}

/** WebSockets are refused. */
function pollsOnly(): void {
  server.live = "refused";
}

test("a_wait_doubles_up_to_half_a_minute_and_its_jitter_is_full", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6, 60].map((failures) => backoff(failures, 0.999_999_9)).map(Math.round),
    [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000],
  );
  assert.equal(backoff(60, 0), 0);
  assert.equal(backoff(0, 0.5, 7_000), 7_500);
});

test("a_retry_after_is_seconds_or_a_date", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  assert.equal(retryAfter("120", now), 120_000);
  assert.equal(retryAfter("Sat, 21 Nov 2026 12:00:07 GMT", now), 7_000);
  for (const nothing of [null, "", "soon", "-5", "Sat, 21 Nov 2026 11:00:00 GMT"]) {
    assert.equal(retryAfter(nothing, now), 0, String(nothing));
  }
  assert.equal(retryAfter("999999999999", now), 3_600_000);
});

test("where_websockets_are_refused_the_status_is_polled", async () => {
  pollsOnly();
  follow();
  await untilTold("polling");
  server.say(TICKET, connection("inactive"));
  await untilTold("status: inactive");
  assert.equal(server.polls[0]?.headers.authorization, `Bearer ${TICKET}`);
});

test("where_a_websocket_never_opens_the_status_is_polled", async () => {
  server.live = "hanging";
  follow();
  await untilTold("polling");
  assert.ok(waits.includes(6_000));
});

test("a_websocket_is_tried_again_and_taken_when_it_can_be_had", async () => {
  pollsOnly();
  follow({}, { now: fastClock() });
  await untilTold("polling");
  server.live = "served";
  await untilTold("live");
  server.say(TICKET, connection("revoked"));
  await untilTold("ended");
});

test("a_websocket_that_a_server_refuses_once_after_it_was_live_is_tried_again_soon", async () => {
  let clock = 0;
  follow({}, { now: () => Date.now() + clock });
  await untilTold("live");
  // As a server that restarts: it refuses the next WebSocket, and then answers.
  server.refusals = 1;
  server.cut();
  await untilTold("polling");
  await untilTrue("live again", async () => told.lastIndexOf("live") > told.indexOf("polling"));
  // Where WebSockets stay refused, they are put off as ever.
  server.live = "refused";
  server.cut();
  const polls = server.polls.length;
  await untilTrue("polled", async () => server.polls.length >= polls + 4);
  const sockets = server.seen.length;
  await untilTrue("polled on", async () => server.polls.length >= polls + 8);
  assert.equal(server.seen.length - sockets, 4, "no WebSocket among the polls");
  clock = 30_000;
  await untilTrue("tried again", async () =>
    server.seen.some(({ path }, at) => at >= sockets + 4 && path.endsWith("/live")),
  );
});

test("a_websocket_is_not_tried_with_each_poll", async () => {
  pollsOnly();
  follow({}, { now: fastClock() });
  await untilTrue("polled", async () => server.polls.length >= 6);
  const sockets = server.seen.length - server.polls.length;
  assert.ok(sockets < server.polls.length / 2, `${sockets} in ${server.polls.length} polls`);
});

test("a_retry_after_is_honoured", async () => {
  pollsOnly();
  server.poll = problem(503, "unavailable", { "retry-after": "40" });
  follow();
  await untilTold("offline, stale");
  // And, beyond it, half of the first second.
  assert.ok(waits.includes(40_500), waits.join());
  server.poll = undefined;
  await untilTold("polling");
});

test("too_many_requests_are_waited_for_and_not_given_up", async () => {
  pollsOnly();
  server.poll = problem(429, "rate_limited", { "retry-after": "10" });
  follow();
  await untilTold("offline, stale");
  assert.ok(waits.includes(10_500));
  assert.equal(followed?.state, "offline");
});

test("failures_are_waited_for_longer_and_longer", async () => {
  pollsOnly();
  server.poll = problem(503, "unavailable");
  follow();
  const grown = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000];
  await untilTrue("grown", async () => waits.filter((wait) => wait === 15_000).length >= 2);
  assert.deepEqual(
    waits.filter((wait) => wait !== 6_000 && wait !== 10_000),
    grown,
  );
});

test("what_somebody_between_says_is_no_refusal", async () => {
  pollsOnly();
  server.poll = { status: 403, headers: { "content-type": "text/html" }, body: "<p>Sign in</p>" };
  follow();
  await untilTold("offline, stale");
  server.poll = { status: 302, headers: { location: "https://hotel.example/" } };
  await sleep(100);
  server.poll = undefined;
  await untilTold("polling");
});

test("an_answer_that_never_comes_is_given_up", async () => {
  pollsOnly();
  server.poll = "hanging";
  follow();
  await untilTold("offline, stale");
  assert.ok(waits.includes(10_000));
  server.poll = undefined;
  await untilTold("polling");
});

test("a_server_that_answers_no_ping_is_left_and_tried_anew", async () => {
  server.pongs = false;
  follow();
  await untilTold("connecting, stale");
  server.pongs = true;
  await untilTrue("live again", async () => followed?.state === "live" && !followed.stale);
});

test("pings_are_sent_only_into_silence_and_change_nothing", async () => {
  follow();
  await untilTold("live");
  const before = followed?.asOf;
  await sleep((3 * 20_000) / SPEED);
  assert.deepEqual(told, ["status: active", "live"]);
  assert.ok(before && followed?.asOf && followed.asOf > before, "a pong says that it still holds");
});

test("what_is_no_status_is_told_and_is_no_reason_to_hurry", async () => {
  follow();
  await untilTold("live");
  server.say(TICKET, { ...connection("active"), status: "sideways" } as never);
  await untilTold("error: unreadable");
  await sleep(500);
  assert.ok(server.seen.length < 12, `${server.seen.length} attempts`);
  server.say(TICKET, connection("inactive"));
  await untilTold("status: inactive");
});

test("no_text_of_a_server_stops_a_follower", async () => {
  for (const text of [
    "",
    "{",
    "null",
    "[]",
    "17",
    '"pong"',
    '{"status":"active"}',
    "x".repeat(900),
  ]) {
    follow();
    await untilTold("live");
    server.blurt(text);
    await untilTold("error: unreadable");
    await untilTrue("live again", async () => followed?.state === "live");
    followed?.close();
    told = [];
  }
});

test("a_socket_that_is_closed_because_the_ticket_ended_ends_the_follower", async () => {
  follow();
  await untilTold("live");
  server.close(4001);
  await untilTold("error: ticket_expired");
  assert.deepEqual(told, ["status: active", "live", "ended, stale", "error: ticket_expired"]);
});

test("an_ended_ticket_is_renewed_without_a_word", async () => {
  server.say("hst_b", connection("inactive"));
  let renewals = 0;
  follow({
    renew: async () => {
      renewals += 1;
      return "hst_b";
    },
  });
  await untilTold("live");
  server.close(4001);
  await untilTold("status: inactive");
  await untilTrue("live", async () => followed?.state === "live");
  assert.equal(renewals, 1);
  assert.deepEqual(told.slice(2), ["connecting, stale", "status: inactive", "live"]);
});

test("a_poll_that_says_that_the_ticket_ended_is_renewed_too", async () => {
  pollsOnly();
  server.poll = problem(401, "ticket_expired");
  server.say("hst_b", connection("inactive"));
  follow({
    renew: async () => {
      server.poll = undefined;
      return "hst_b";
    },
  });
  await untilTold("polling");
  assert.deepEqual(told, ["status: inactive", "polling"]);
});

test("a_renewal_that_fails_is_tried_again_and_given_up_after_five", async () => {
  pollsOnly();
  server.poll = problem(401, "ticket_expired");
  let renewals = 0;
  follow({
    renew: () => {
      renewals += 1;
      if (renewals % 2) throw new Error("hst_secret");
      return Promise.reject(new Error("hst_secret"));
    },
  });
  await untilTold("error: ticket_expired", 10_000);
  assert.equal(renewals, 5);
  assert.equal(told.filter((what) => what === "error: renewal_failed").length, 5);
  assert.equal(followed?.state, "ended");
});

test("tickets_that_end_at_once_are_not_renewed_for_ever", async () => {
  pollsOnly();
  server.poll = problem(401, "ticket_expired");
  let renewals = 0;
  follow({ renew: async () => `hst_${(renewals += 1)}` });
  await untilTold("error: ticket_expired", 10_000);
  assert.equal(renewals, 5);
});

test("a_renewal_that_never_comes_is_given_up", async () => {
  follow({ renew: () => new Promise<string>(() => {}) });
  await untilTold("live");
  server.close(4001);
  await untilTold("error: renewal_failed");
  assert.ok(waits.includes(30_000));
});

test("a_secret_in_place_of_a_new_ticket_is_not_sent", async () => {
  const secret = `hct_${"0".repeat(48)}`;
  follow({ renew: async () => secret });
  await untilTold("live");
  server.close(4001);
  await untilTold("error: ticket_malformed");
  assert.ok(!JSON.stringify(server.seen).includes(secret));
});

test("what_cannot_be_a_ticket_is_refused_before_anything_is_sent", async () => {
  const hex = "0".repeat(48);
  const secrets = ["hct_", "hat_", "hrt_", "hak_", "hcs_", "\\x"].map((prefix) => prefix + hex);
  for (const ticket of [...secrets, "", "hst_", "hst_a b", " hst_a", null, undefined, {}, 7]) {
    assert.throws(
      () => follow({ ticket: ticket as string }),
      (error) => error instanceof TypeError && !error.message.includes(hex),
      String(ticket),
    );
  }
  await sleep(50);
  assert.deepEqual(server.seen, []);
});

test("what_cannot_be_a_server_is_refused_before_anything_is_sent", () => {
  const wrong = [
    "",
    "nonsense",
    "http://",
    "javascript:alert(1)",
    "ftp://a",
    "https://u:p@a.example",
  ];
  for (const url of wrong) assert.throws(() => follow({ server: url }), TypeError, url);
  // In a page it would be the page's own.
  assert.throws(() => pack.follow({ ticket: TICKET }), TypeError);
});

test("the_time_is_that_of_the_server", async () => {
  const hour = 3_600_000;
  const follower = follow({}, { now: () => Date.now() - hour });
  await untilTold("live");
  assert.ok(Math.abs(follower.now() - Date.now()) < 2_500);
});

test("a_copy_says_nothing_about_the_time", async () => {
  const as_of = "2026-01-01T00:00:00.000000Z";
  server.say(TICKET, connection("revoked", { source: "replica", as_of }));
  const follower = follow();
  await untilTold("ended");
  assert.ok(Math.abs(follower.now() - Date.now()) < 100);
});

test("a_closed_follower_leaves_nothing_behind", async () => {
  const busy = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = busy();
  for (const prepare of [() => {}, pollsOnly, () => (server.poll = "hanging")]) {
    prepare();
    const follower = follow();
    await sleep(60);
    follower.close();
    follower.close();
    assert.equal(follower.state, "closed");
  }
  await untilTrue("no socket", async () => server.followers === 0);
  assert.equal(busy(), before);
  const asked = server.seen.length;
  await sleep(300);
  assert.equal(server.seen.length, asked);
});

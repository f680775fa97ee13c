// Following a ticket: each change, within a second, to everyone who follows.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { consume, forge, mint, newUser } from "./kit/actions.ts";
import { userPath, type Api } from "./kit/api.ts";
import {
  connect,
  disable,
  enable,
  newApp,
  newConnection,
  revokeConnection,
} from "./kit/connections.ts";
import { Receiver } from "./kit/receiver.ts";
import { serve, type Service } from "./kit/service.ts";
import { Follower, newTicket, statusPath, ticketFor } from "./kit/status.ts";
import { sleep, times, untilTrue } from "./kit/wait.ts";
import { newHook } from "./kit/webhooks.ts";

let service: Service;
let root: Api;

before(async () => {
  service = await serve({ vars: { CORS_ORIGINS: "https://app.example" } });
  ({ root } = service);
});
after(() => service?.stop());

/** A connection, and who follows it. */
async function followed(): Promise<{ id: string; user: string; follower: Follower }> {
  const user = await newUser(root);
  const { id } = await newConnection(root, user);
  return {
    id,
    user,
    follower: await Follower.of(root, await ticketFor(root, { connection_id: id })),
  };
}

const untilTold = (follower: Follower, ...statuses: string[]): Promise<void> =>
  untilTrue(`told ${statuses.join(", ")}`, () =>
    Promise.resolve(follower.statuses.join() === statuses.join()),
  );

test("a_follower_is_told_what_there_is_and_then_each_change", async () => {
  const { id, follower } = await followed();
  await untilTold(follower, "active");
  await disable(root, id);
  await untilTold(follower, "active", "inactive");
  await enable(root, id);
  await untilTold(follower, "active", "inactive", "active");
  await revokeConnection(root, id);
  await untilTold(follower, "active", "inactive", "active", "revoked");
  const last = follower.told.at(-1);
  assert.deepEqual([last?.subject, last?.id, last?.source], ["connection", id, "ledger"]);
  follower.close();
});

test("a_follower_is_not_told_what_is_not_its_own", async () => {
  const { user, follower } = await followed();
  const app = await newApp(root);
  const other = await connect(root, user, app.app_id);
  await mint(root, user);
  await revokeConnection(root, other.id);
  await sleep(1_500);
  assert.deepEqual(follower.statuses, ["active"]);
  follower.close();
});

test("a_token_is_followed_until_it_is_consumed", async () => {
  const user = await newUser(root);
  const { token, token_id } = await mint(root, user);
  const follower = await Follower.of(root, await ticketFor(root, { token_id }));
  await untilTold(follower, "valid");
  await consume(root, token);
  await untilTold(follower, "valid", "consumed");
  follower.close();
});

test("what_runs_out_by_itself_is_told_too", async () => {
  const user = await newUser(root);
  const { token_id } = await mint(root, user, { ttl: 3 });
  const follower = await Follower.of(root, await ticketFor(root, { token_id }));
  await untilTold(follower, "valid", "expired");
  follower.close();
});

test("the_end_of_a_user_is_told_to_whoever_follows_what_it_had", async () => {
  const user = await newUser(root);
  const { id: connection_id } = await newConnection(root, user);
  const { token_id } = await mint(root, user);
  const followers = await Promise.all(
    [{ connection_id }, { token_id }].map(async (read) =>
      Follower.of(root, await ticketFor(root, read)),
    ),
  );
  await root.post(userPath(user, "/revoke"), {});
  for (const follower of followers) {
    await untilTrue("told", () => Promise.resolve(follower.statuses.at(-1) === "revoked"));
    follower.close();
  }
});

test("a_connection_that_is_deleted_is_told_to_be_revoked", async () => {
  const { id, follower } = await followed();
  const { status } = await root.send("DELETE", `/api/v3.1/connected_accounts/${id}`, {
    headers: { "x-api-key": service.secrets.rootKey },
  });
  assert.equal(status, 200);
  await untilTold(follower, "active", "revoked");
  follower.close();
});

test("a_ping_is_answered", async () => {
  const { follower } = await followed();
  follower.socket.send("ping");
  await untilTrue("pong", () => Promise.resolve(follower.texts.join() === "pong"));
  follower.close();
});

test("a_follower_that_hangs_up_is_let_go", async () => {
  const { follower } = await followed();
  await untilTold(follower, "active");
  const before = Date.now();
  follower.close();
  await untilTrue("closed", () => Promise.resolve(follower.closed !== undefined));
  assert.equal(follower.closed?.code, 1000);
  // Whoever waits for an answer in vain gives up after ten seconds.
  assert.ok(Date.now() - before < 5_000);
});

test("nothing_else_is_listened_to", async () => {
  const { follower } = await followed();
  follower.socket.send("hello");
  await untilTrue("closed", () => Promise.resolve(follower.closed?.code === 1008));
});

test("a_follower_hears_nothing_more_once_its_ticket_has_ended", async () => {
  const user = await newUser(root);
  const { id } = await newConnection(root, user);
  const follower = await Follower.of(root, await ticketFor(root, { connection_id: id }, 60));
  await untilTold(follower, "active");
  await sleep(58_000);
  await untilTrue("closed", () => Promise.resolve(follower.closed !== undefined));
  assert.deepEqual(follower.closed, { code: 4001, reason: "ticket_expired" });
});

test("no_follower_outlives_its_ticket_while_the_ledger_waits_for_a_slow_webhook", async () => {
  const receiver = await Receiver.start();
  const hook = await newHook(root, receiver, { events: ["token.created"] });
  hook.answer((_, response) => {
    setTimeout(() => response.writeHead(204).end(), 8_000);
    return undefined;
  });
  const user = await newUser(root);
  const { id } = await newConnection(root, user);
  const { ticket, expires_at } = await newTicket(root, { connection_id: id }, 60);
  const follower = await Follower.of(root, ticket);
  const left = (): number => Date.parse(expires_at) - Date.now();
  await sleep(left() - 3_000);
  await mint(root, user);
  await sleep(left() + 1_000);
  await disable(root, id);
  // The platform takes its time to end the connection itself.
  await untilTrue("hung up on", () =>
    Promise.resolve(follower.socket.readyState !== WebSocket.OPEN),
  );
  assert.deepEqual(follower.statuses, ["active"]);
  await receiver.close();
});

test("what_is_no_follower_is_told_so_in_plain_http", async () => {
  const user = await newUser(root);
  const { token_id } = await mint(root, user);
  const ticket = await ticketFor(root, { token_id });
  const nobody = root.as(undefined);
  const { body } = await nobody.get<{ code: string }>(statusPath(ticket, "/live"), 426);
  assert.equal(body.code, "upgrade_required");
  await nobody.get(statusPath(forge(ticket), "/live"), 401);
  await assert.rejects(Follower.of(root, forge(ticket)));
});

test("pages_follow_from_our_origin_and_from_those_that_are_named", async () => {
  const user = await newUser(root);
  const { token_id } = await mint(root, user);
  const url = `${service.url.replace(/^http/, "ws")}${statusPath(await ticketFor(root, { token_id }), "/live")}`;
  const opens = (origin: string): Promise<boolean> =>
    new Promise((done) => {
      // undici takes headers; a browser would set the origin itself.
      const socket = new WebSocket(url, { headers: { origin } } as unknown as string[]);
      socket.addEventListener("open", () => {
        socket.close();
        done(true);
      });
      socket.addEventListener("error", () => done(false));
    });
  assert.deepEqual(
    await Promise.all([service.url, "https://app.example", "https://evil.example"].map(opens)),
    [true, true, false],
  );
});

test("a_thousand_followers_of_one_connection_all_learn_of_its_revocation", async () => {
  const user = await newUser(root);
  const { id } = await newConnection(root, user);
  const followers: Follower[] = [];
  // A ticket has at most 20 WebSockets. Two tickets that end at the same time are one.
  for (const ttl of times(50, (index) => 600 + 10 * index)) {
    const ticket = await ticketFor(root, { connection_id: id }, ttl);
    followers.push(...(await Promise.all(times(20, () => Follower.of(root, ticket)))));
  }
  assert.equal(followers.length, 1_000);
  await untilTrue("all know", () =>
    Promise.resolve(followers.every(({ statuses }) => statuses.join() === "active")),
  );
  await revokeConnection(root, id);
  await untilTrue("all are told", () =>
    Promise.resolve(followers.every(({ statuses }) => statuses.join() === "active,revoked")),
  );
  for (const follower of followers) follower.close();
});

test("who_follows_again_after_a_crash_is_told_what_there_is", async () => {
  const { id, follower } = await followed();
  const ticket = await ticketFor(root, { connection_id: id });
  await untilTold(follower, "active");
  await service.kill();
  await untilTrue("closed", () => Promise.resolve(follower.closed !== undefined));
  await service.restart();
  await revokeConnection(root, id);
  const again = await Follower.of(root, ticket);
  await untilTold(again, "revoked");
  again.close();
});

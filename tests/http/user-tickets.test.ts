// Tickets for a user: the list of the user's connections, live, and their revocation by the user.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { eventsOf, newUser } from "./kit/actions.ts";
import { connect, disable, newApp, newConnection, revokeConnection } from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import { ticketFor } from "./kit/status.ts";
import { untilTrue } from "./kit/wait.ts";

const PAGE = "https://app.example";
const PATH = "/v1/status/connections";

const service = await serve({ vars: { CORS_ORIGINS: PAGE } });
after(() => service.stop());
const { root } = service;

interface Listed {
  connections: { id: string; app_id: string; status: string }[];
  has_more: boolean;
  can: string[];
  apps?: Record<string, { name: string; logo_url: string | null }>;
}

/** A user with a connection, and a ticket for the user. */
async function ticketed(): Promise<{ user: string; id: string; appId: string; ticket: string }> {
  const user = await newUser(root);
  const { id, app_id: appId } = await newConnection(root, user);
  return { user, id, appId, ticket: await ticketFor(root, { user_id: user, can: ["revoke"] }) };
}

/** The messages of a WebSocket with a ticket. */
async function follow(ticket: string): Promise<{ told: Listed[]; socket: WebSocket }> {
  const told: Listed[] = [];
  const url = `${service.url.replace(/^http/, "ws")}${PATH}/live?ticket=${ticket}`;
  const socket = new WebSocket(url);
  socket.addEventListener("message", ({ data }) => told.push(JSON.parse(String(data)) as Listed));
  await new Promise((open, fail) => {
    socket.addEventListener("open", open, { once: true });
    socket.addEventListener("error", () => fail(new Error("no WebSocket")), { once: true });
  });
  return { told, socket };
}

test("follower_gets_the_list_and_each_change_of_it", async () => {
  const { user, id, ticket } = await ticketed();
  const { told, socket } = await follow(ticket);
  const lists = (): string =>
    told.map(({ connections }) => connections.map(({ status }) => status).join("+")).join(" ");
  const until = (expected: string): Promise<void> =>
    untilTrue(expected, () => Promise.resolve(lists() === expected));
  await until("active");
  await disable(root, id);
  await until("active inactive");
  const other = await connect(root, user, (await newApp(root)).app_id);
  await until("active inactive active+inactive");
  await revokeConnection(root, other.id);
  await until("active inactive active+inactive inactive");
  await root.post(`/v1/users/${user}/revoke`, {});
  await until("active inactive active+inactive inactive ");
  assert.deepEqual([told[0]?.can, told[0]?.apps], [["read", "revoke"], undefined]);
  socket.close();
});

test("holder_lists_and_revokes_and_the_event_names_the_user", async () => {
  const { user, id, appId, ticket } = await ticketed();
  const holder = root.as(ticket);
  const { body } = await holder.get<Listed>(PATH);
  assert.deepEqual(
    body.connections.map(({ id, app_id }) => [id, app_id]),
    [[id, appId]],
  );
  assert.equal(typeof body.apps?.[appId]?.name, "string");
  const revoked = await holder.post<{ changed: boolean; status: string }>(
    `${PATH}/${id}/revoke`,
    {},
  );
  assert.deepEqual([revoked.body.changed, revoked.body.status], [true, "revoked"]);
  assert.deepEqual((await holder.get<Listed>(PATH)).body.connections, []);
  const [event] = await eventsOf(root, user);
  assert.deepEqual([event?.type, event?.actor], ["connection.revoked", user]);
});

test("pages_of_allowed_origins_may_list_and_revoke", async () => {
  const { id, ticket } = await ticketed();
  const target = `${service.url}${PATH}/${id}/revoke`;
  const from = (origin: string, method: string) =>
    fetch(target, {
      method,
      headers: {
        origin,
        ...(method === "OPTIONS" && {
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization,content-type",
        }),
        authorization: `Bearer ${ticket}`,
      },
    });
  const preflight = await from(PAGE, "OPTIONS");
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers.get("access-control-allow-methods") ?? "", /POST/);
  assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /authorization/);
  const answer = await from(PAGE, "POST");
  assert.deepEqual([answer.status, answer.headers.get("access-control-allow-origin")], [200, PAGE]);
  const stranger = await from("https://other.example", "POST");
  assert.equal(stranger.headers.get("access-control-allow-origin"), null);
});

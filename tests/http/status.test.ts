// Status tickets: read one connection or token, and nothing else.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { asNew, check, consume, forge, mint, newKey, newUser } from "./kit/actions.ts";
import type { Api } from "./kit/api.ts";
import { connect, disable, newApp, newConnection, revokeConnection } from "./kit/connections.ts";
import { newSecret, PREVIOUS, SECRET, serve, type Service } from "./kit/service.ts";
import { newTicket, show, statusPath, ticketFor, type Shown } from "./kit/status.ts";
import { sleep } from "./kit/wait.ts";

const PAGE = "https://app.example";

let service: Service;
let root: Api;
let nobody: Api;

before(async () => {
  service = await serve({ vars: { CORS_ORIGINS: `https://other.example, ${PAGE}/` } });
  ({ root } = service);
  nobody = root.as(undefined);
});
after(() => service?.stop());

test("a_ticket_shows_a_connection_as_it_is", async () => {
  const user = await newUser(root);
  const app = await newApp(root, { scopes: ["read", "write"] });
  const { id } = await connect(root, user, app.app_id, { scope: "read" });
  const minted = await newTicket(root, { connection_id: id });
  assert.deepEqual([minted.subject, minted.id], ["connection", id]);
  assert.match(minted.ticket, /^hst_[0-9a-f]{90}$/);

  const shown = await show(root, minted.ticket);
  assert.deepEqual(
    [shown.subject, shown.id, shown.kind, shown.app_id, shown.scope, shown.status],
    ["connection", id, null, app.app_id, "read", "active"],
  );
  assert.deepEqual([shown.ticket_expires_at, shown.expires_at], [minted.expires_at, null]);
  assert.ok(shown.activated_at !== null);

  await disable(root, id);
  assert.equal((await show(root, minted.ticket)).status, "inactive");
  await revokeConnection(root, id, "a reason that is nobody's business");
  const { status, revoked_at } = await show(root, minted.ticket);
  assert.equal(status, "revoked");
  assert.ok(revoked_at !== null);
});

test("a_ticket_shows_a_token_as_it_is", async () => {
  const user = await newUser(root);
  const { token, token_id, expires_at } = await mint(root, user, { ttl: 600 });
  const ticket = await ticketFor(root, { token_id });
  const shown = await show(root, ticket);
  assert.deepEqual(
    [shown.subject, shown.id, shown.kind, shown.status, shown.expires_at],
    ["token", token_id, "connection_token", "valid", expires_at],
  );
  await consume(root, token);
  const consumed = await show(root, ticket);
  assert.equal(consumed.status, "consumed");
  assert.equal(consumed.consumed_at, (await check(root, token)).consumed_at);
});

test("a_ticket_tells_neither_the_user_nor_a_reason_nor_a_secret", async () => {
  const user = await newUser(root);
  const { id } = await newConnection(root, user);
  await revokeConnection(root, id, "nobody's business");
  const { text } = await nobody.get(statusPath(await ticketFor(root, { connection_id: id })));
  for (const secret of [user, "nobody", "root", "reason", "metadata"]) {
    assert.ok(!text.includes(secret), secret);
  }
});

test("a_ticket_shows_what_waits_and_until_when", async () => {
  const user = await newUser(root);
  const app = await newApp(root);
  const { connection_id, expires_at } = await mint(root, user, { app_id: app.app_id, ttl: 600 });
  assert.ok(connection_id);
  const shown = await show(root, await ticketFor(root, { connection_id }));
  assert.deepEqual([shown.status, shown.expires_at], ["initiated", expires_at]);
});

test("a_ticket_opens_nothing_else", async () => {
  const user = await newUser(root);
  const { token_id } = await mint(root, user);
  const ticket = await ticketFor(root, { token_id });
  const other = await mint(root, user);
  const bearer = root.as(ticket);
  for (const [method, path, json] of [
    ["GET", `/v1/users/${user}`, undefined],
    ["POST", "/v1/tokens/check", { user_id: user, token_id }],
    ["POST", "/v1/tokens/revoke", { user_id: user, token_id }],
    ["POST", "/v1/status-tickets", { token_id: other.token_id }],
  ] as const) {
    const { status } = await bearer.send(method, path, json === undefined ? {} : { json });
    assert.equal(status, 401, path);
  }
  assert.equal((await check(root, other.token)).status, "valid");
});

test("a_ticket_comes_in_the_query_or_as_a_bearer", async () => {
  const user = await newUser(root);
  const { token_id } = await mint(root, user);
  const ticket = await ticketFor(root, { token_id });
  assert.equal((await root.as(ticket).get<Shown>("/v1/status")).body.id, token_id);
  await nobody.get(`${statusPath(ticket)}&more=1`, 400);
});

test("a_forged_ticket_costs_nothing", async () => {
  const user = await newUser(root);
  const { token_id } = await mint(root, user);
  const ticket = await ticketFor(root, { token_id });
  // Each part of it: what it is, the id, the end, the mac.
  for (const at of [5, 10, 40, 56, 60, 70, -1]) {
    const refused = await nobody.get<{ code: string }>(statusPath(forge(ticket, at)), 401);
    assert.deepEqual(
      [refused.body.code, refused.cost.kvReads, refused.cost.ledgerCalls],
      ["ticket_invalid", 0, 0],
    );
  }
  for (const text of ["", "hst_", token_id, `${ticket}00`, ticket.replace("hst_", "hct_")]) {
    const { body } = await nobody.get<{ code: string }>(statusPath(text), 401);
    assert.equal(body.code, "ticket_invalid");
  }
  const { body } = await nobody.get<{ code: string }>("/v1/status", 401);
  assert.equal(body.code, "ticket_missing");
});

test("a_ticket_costs_one_call_to_the_ledger", async () => {
  const user = await newUser(root);
  const { token_id } = await mint(root, user);
  const minted = await root.post<{ ticket: string }>("/v1/status-tickets", { token_id }, 201);
  assert.deepEqual([minted.cost.kvReads, minted.cost.ledgerCalls], [0, 1]);
  const shown = await nobody.get(statusPath(minted.body.ticket));
  assert.deepEqual([shown.cost.kvReads, shown.cost.ledgerCalls], [0, 1]);
});

test("what_has_not_changed_is_not_sent_again", async () => {
  const user = await newUser(root);
  const { id } = await newConnection(root, user);
  const path = statusPath(await ticketFor(root, { connection_id: id }));
  const first = await nobody.get(path);
  const tag = first.headers.get("etag") ?? "";
  for (const known of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
    const again = await nobody.send("GET", path, { headers: { "if-none-match": known } });
    assert.deepEqual([again.status, again.text], [304, ""], known);
    assert.equal(again.headers.get("etag"), tag);
  }
  // The end of the ticket is no part of it.
  const another = await nobody.get(statusPath(await ticketFor(root, { connection_id: id }, 7_200)));
  assert.equal(another.headers.get("etag"), tag);

  await disable(root, id);
  const changed = await nobody.send("GET", path, { headers: { "if-none-match": tag } });
  assert.equal(changed.status, 200);
  assert.notEqual(changed.headers.get("etag"), tag);
});

test("who_may_read_it_gets_a_ticket", async () => {
  const { api: member, userId } = await asNew(root, { role: "member", groups: ["paris"] });
  const { api: manager } = await asNew(root, { role: "manager", groups: ["paris"] });
  const { api: stranger } = await asNew(root, { role: "manager", groups: ["rome"] });
  const { api: none } = await asNew(root, { role: "none" });
  const { id: connection_id } = await newConnection(root, userId);
  const { token_id } = await mint(root, userId);
  for (const read of [{ connection_id }, { token_id }]) {
    for (const api of [root, member, manager]) assert.ok(await ticketFor(api, read));
    for (const api of [stranger, none]) await api.post("/v1/status-tickets", read, 403);
    await nobody.post("/v1/status-tickets", read, 401);
  }
  for (const read of [{ connection_id: forge(connection_id) }, { token_id: forge(token_id) }]) {
    await root.post("/v1/status-tickets", read, 404);
    await member.post("/v1/status-tickets", read, 403);
  }
});

for (const [what, json] of Object.entries({
  "neither of the two": {},
  "both of the two": { connection_id: "ca_1", token_id: "tok_1" },
  "a number": { token_id: 1 },
  "too short a life": { token_id: "tok_1", ttl: 59 },
  "too long a life": { token_id: "tok_1", ttl: 86_401 },
  "something else": { token_id: "tok_1", more: 1 },
})) {
  test(`what_is_no_ticket_to_mint_is_refused (${what})`, async () => {
    await root.post("/v1/status-tickets", json, 400);
  });
}

test("a_secret_is_nothing_to_mint_a_ticket_for", async () => {
  const user = await newUser(root);
  const { token } = await mint(root, user);
  const { api_key } = await newKey(root, user);
  for (const secret of [token, api_key]) {
    const { text } = await root.post("/v1/status-tickets", { token_id: secret }, 404);
    assert.ok(!text.includes(secret));
  }
});

test("a_ticket_outlives_the_secret_that_signed_it_by_a_rotation_and_not_by_a_drop", async () => {
  const { secret } = service.secrets;
  const user = await newUser(root);
  const { token_id } = await mint(root, user);
  const ticket = await ticketFor(root, { token_id });
  const fresh = newSecret();
  await service.restart({ [SECRET]: fresh, [PREVIOUS]: secret });
  assert.equal((await show(root, ticket)).status, "valid");
  await service.restart({ [SECRET]: fresh, [PREVIOUS]: undefined });
  await nobody.get(statusPath(ticket), 401);
});

test("pages_of_the_origins_that_are_named_may_read_it", async () => {
  const user = await newUser(root);
  const { token_id } = await mint(root, user);
  const ticket = await ticketFor(root, { token_id });
  const from = (origin: string, path: string, method = "GET"): Promise<Response> => {
    const asks = method === "OPTIONS" ? { "access-control-request-method": "GET" } : {};
    return fetch(`${service.url}${path}`, { method, headers: { origin, ...asks } });
  };
  for (const [path, method] of [
    [statusPath(ticket), "GET"],
    [statusPath(forge(ticket)), "GET"],
    ["/oauth/token", "POST"],
  ] as const) {
    const allowed = await from(PAGE, path, method);
    assert.equal(allowed.headers.get("access-control-allow-origin"), PAGE, path);
    assert.equal(allowed.headers.get("vary"), "Origin");
    const refused = await from("https://evil.example", path, method);
    assert.equal(refused.headers.get("access-control-allow-origin"), null);
    assert.equal(refused.headers.get("vary"), "Origin");
  }
  const preflight = await from(PAGE, "/v1/status", "OPTIONS");
  assert.deepEqual(
    [preflight.status, preflight.headers.get("access-control-allow-methods")],
    [204, "GET, HEAD"],
  );
  const headers = preflight.headers.get("access-control-allow-headers") ?? "";
  assert.match(headers, /if-none-match/);
  assert.match(headers, /mcp-protocol-version/);
  // No page has to do with anything that takes an API key.
  const other = await from(PAGE, "/v1/tokens/check", "OPTIONS");
  assert.deepEqual([other.status, other.headers.get("access-control-allow-origin")], [405, null]);
});

test("a_ticket_ends", async () => {
  const user = await newUser(root);
  const { token_id } = await mint(root, user);
  const ticket = await ticketFor(root, { token_id }, 60);
  assert.equal((await show(root, ticket)).status, "valid");
  await sleep(61_000);
  const { body } = await nobody.get<{ code: string }>(statusPath(ticket), 401);
  assert.equal(body.code, "ticket_expired");
});

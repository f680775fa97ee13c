// The list of all connected accounts, as Composio's own client pages through it: of everybody, where no user is named.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import { Composio } from "@composio/core";

import { newUser } from "../http/kit/actions.ts";
import { userPath } from "../http/kit/api.ts";
import { connect, disable, newApp, revokeConnection } from "../http/kit/connections.ts";
import { serve } from "../http/kit/service.ts";
import type { App, Connection } from "../http/kit/shapes.ts";
import { sleep, times, untilTrue } from "../http/kit/wait.ts";

type Query = NonNullable<Parameters<Composio["connectedAccounts"]["list"]>[0]>;
type Account = Awaited<ReturnType<Composio["connectedAccounts"]["list"]>>["items"][number];

const service = await serve();
after(() => service.stop());
const { root } = service;
const composio = new Composio({
  apiKey: service.secrets.rootKey,
  baseURL: service.url,
  allowTracking: false,
  disableVersionCheck: true,
});

const USERS = 12;
const ACCOUNTS = 60;

let acme: App;
let other: App;
let rare: App;
/** All accounts, the newest first. */
const made: Connection[] = [];

before(async () => {
  const revocation = { method: "rfc7009", url: "http://127.0.0.1:9/", auth: "none" };
  await root.put("/v1/providers/acme", { revocation }, 201);
  acme = await newApp(root, { provider: "acme" });
  other = await newApp(root);
  rare = await newApp(root);
  const users = await Promise.all(times(USERS, () => newUser(root)));
  for (const index of times(ACCOUNTS, (index) => index)) {
    const app = index === 3 ? rare : index % 2 === 0 ? acme : other;
    made.unshift(await connect(root, users[(index * 5) % USERS] ?? "", app.app_id));
    await sleep(2);
  }
  await untilTrue(
    "all are in the list",
    async () => (await everyAccount()).length === ACCOUNTS,
    75_000,
  );
});

/** All accounts that are asked for, page by page. */
async function everyAccount(query: Query = {}): Promise<Account[]> {
  const accounts: Account[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await composio.connectedAccounts.list({ limit: 100, ...query, cursor });
    assert.ok(page.items.length <= (query.limit ?? 100));
    accounts.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return accounts;
}

async function ids(query: Query = {}): Promise<string[]> {
  return (await everyAccount(query)).map(({ id }) => id);
}

function madeFor(app: App): string[] {
  return made.filter(({ app_id }) => app_id === app.app_id).map(({ id }) => id);
}

function newest(app: App): Connection {
  const found = made.find(({ app_id }) => app_id === app.app_id);
  assert.ok(found);
  return found;
}

test("everybodys_accounts_are_listed_page_by_page_the_newest_first", async () => {
  const expected = made.map(({ id }) => id);
  for (const limit of [7, 20, ACCOUNTS, 100]) assert.deepEqual(await ids({ limit }), expected);
  const [first] = await everyAccount();
  assert.deepEqual([first?.status, first?.authConfig.id], ["ACTIVE", newest(other).app_id]);
});

test("accounts_are_found_by_app_and_by_toolkit_among_everybodys", async () => {
  for (const limit of [9, 100]) {
    assert.deepEqual(await ids({ authConfigIds: [acme.app_id], limit }), madeFor(acme));
    assert.deepEqual(await ids({ toolkitSlugs: ["acme"], limit }), madeFor(acme));
    assert.deepEqual(await ids({ toolkitSlugs: ["ACME"], limit }), madeFor(acme));
    assert.deepEqual(await ids({ toolkitSlugs: [other.app_id], limit }), madeFor(other));
    assert.deepEqual(await ids({ toolkitSlugs: ["none-such"], limit }), []);
  }
});

test("what_is_rare_is_found_however_small_the_page", async () => {
  for (const limit of [1, 2, 100]) {
    assert.deepEqual(await ids({ authConfigIds: [rare.app_id], limit }), madeFor(rare));
  }
});

test("an_account_is_shown_as_it_is_now_whatever_the_list_knows", async () => {
  const { id } = newest(other);
  await revokeConnection(root, id);
  const [account] = await everyAccount();
  assert.deepEqual([account?.id, account?.status], [id, "REVOKED"]);
  assert.deepEqual(await ids({ statuses: ["REVOKED"] }), [id]);
  assert.ok(!(await ids({ statuses: ["ACTIVE"] })).includes(id));
  // And still, once the list knows.
  await sleep(2_500);
  assert.deepEqual(await ids({ statuses: ["REVOKED"] }), [id]);
  assert.equal((await everyAccount())[0]?.status, "REVOKED");
});

test("accounts_that_died_with_their_user_are_shown_so", async () => {
  const { user_id } = newest(acme);
  await root.post(userPath(user_id, "/revoke"), {});
  const of = made.filter((connection) => connection.user_id === user_id).map(({ id }) => id);
  const dead = await ids({ statuses: ["REVOKED"] });
  for (const id of of) assert.ok(dead.includes(id), id);
  const live = await ids({ statuses: ["ACTIVE"] });
  assert.deepEqual(
    live,
    made.map(({ id }) => id).filter((id) => !dead.includes(id)),
  );
});

test("accounts_that_are_switched_off_are_found_by_their_status", async () => {
  const [id = ""] = madeFor(rare);
  await disable(root, id, "under review");
  assert.deepEqual(await ids({ statuses: ["INACTIVE"] }), [id]);
  assert.deepEqual(await ids({ statuses: ["INACTIVE", "FAILED"], limit: 3 }), [id]);
  assert.deepEqual(await ids({ statuses: ["INITIATED", "EXPIRED", "FAILED"] }), []);
});

test("an_account_that_is_deleted_is_gone_from_the_list", async () => {
  const { id } = newest(rare);
  await composio.connectedAccounts.delete(id);
  const isListed = async (): Promise<boolean> => (await ids()).includes(id);
  assert.equal(await isListed(), false, "at once");
  await sleep(2_500);
  assert.equal(await isListed(), false, "and for good");
  assert.deepEqual(await ids({ authConfigIds: [rare.app_id] }), []);
});

test("accounts_of_named_users_and_named_accounts_are_listed_without_delay", async () => {
  const user = await newUser(root);
  const connections = [];
  for (const app of [acme, other, rare]) connections.unshift(await connect(root, user, app.app_id));
  const expected = connections.map(({ id }) => id);
  assert.deepEqual(await ids({ userIds: [user], limit: 2 }), expected);
  // The client has no word for this filter.
  const path = "/api/v3.1/connected_accounts?connected_account_ids=";
  const headers = { "x-api-key": service.secrets.rootKey };
  const named = await root.send<{ items: Account[] }>("GET", path + expected.join(), { headers });
  assert.deepEqual(
    named.body.items.map(({ id }) => id),
    expected,
  );
});

test("what_is_asked_for_by_status_is_shown_with_that_status", async () => {
  // The provider answers that one token is dead, and nothing of the other.
  const port = await provider((token) => (token.startsWith("dead") ? 200 : 503));
  const revocation = { method: "rfc7009", url: `http://127.0.0.1:${port}/`, auth: "none" };
  await root.put("/v1/providers/partly", { revocation }, 201);
  const { app_id } = await newApp(root, { provider: "partly" });
  const user = await newUser(root);
  const held: [string, string][] = [
    ["dead", "alive"],
    ["alive", "alive"],
    ["dead", "dead"],
  ];
  for (const [access, refresh] of held) {
    const upstream = {
      access_token: `${access}-${randomUUID()}`,
      refresh_token: `${refresh}-${randomUUID()}`,
    };
    const json = { user_id: user, app_id, upstream };
    const { body } = await root.post<Connection>("/v1/connections", json, 201);
    await revokeConnection(root, body.id);
  }
  const all = await everyAccount({ userIds: [user] });
  assert.deepEqual(
    all.map(({ status }) => status),
    ["REVOKED", "INACTIVE", "REVOKED"],
  );
  for (const status of ["REVOKED", "INACTIVE"] as const) {
    const expected = all.filter((account) => account.status === status).map(({ id }) => id);
    assert.deepEqual(await ids({ userIds: [user], statuses: [status] }), expected, status);
  }
});

/** A provider that answers by the token that it is to revoke; the port that it listens on. */
async function provider(answer: (token: string) => number): Promise<number> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      response.writeHead(answer(new URLSearchParams(body).get("token") ?? "")).end();
    });
  });
  server.listen(0, "127.0.0.1");
  after(() => server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

// Composio's own client for Node, unmodified, with nothing but its base URL changed.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, mock, test } from "node:test";

import {
  Composio,
  ComposioConnectedAccountNotRevokableError,
  ComposioConnectedAccountRevocationNotSupportedError,
} from "@composio/core";

import { asNew, forge, mint, newKey, newUser } from "../http/kit/actions.ts";
import { newApp } from "../http/kit/connections.ts";
import { serve } from "../http/kit/service.ts";
import type { App, Connection } from "../http/kit/shapes.ts";
import { until, untilTrue } from "../http/kit/wait.ts";

type Account = Awaited<ReturnType<Composio["connectedAccounts"]["get"]>>;

const service = await serve();
after(() => service.stop());
const { root } = service;

/** The provider: what it was asked to revoke, and the tokens that it has trouble with. */
const asked: string[] = [];
const troubled = new Set<string>();
const provider = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += String(chunk)));
  request.on("end", () => {
    const token = new URLSearchParams(body).get("token") ?? "";
    asked.push(token);
    response.writeHead(troubled.has(token) ? 503 : 200).end();
  });
});

let composio: Composio;
let app: App;
let appOfSilent: App;

before(async () => {
  provider.listen(0, "127.0.0.1");
  await once(provider, "listening");
  const { port } = provider.address() as AddressInfo;
  const revocation = {
    method: "rfc7009",
    url: `http://127.0.0.1:${port}/revoke`,
    auth: "none",
    tokens: ["refresh_token", "access_token"],
  };
  await root.put("/v1/providers/acme", { name: "Acme", revocation }, 201);
  await root.put("/v1/providers/silent", { name: "Silent", revocation: null }, 201);
  app = await newApp(root, { provider: "acme", scopes: ["read", "write"] });
  appOfSilent = await newApp(root, { provider: "silent" });
  const admin = await asNew(root, { role: "admin" });
  composio = clientWith((await newKey(root, admin.userId)).api_key);
});

after(() => provider.close());
afterEach(() => mock.restoreAll());

function clientWith(apiKey: string): Composio {
  const baseURL = service.url;
  return new Composio({ apiKey, baseURL, allowTracking: false, disableVersionCheck: true });
}

interface Made {
  id: string;
  userId: string;
  accessToken: string;
  refreshToken: string;
}

/** An account that is active and stores an access token and a refresh token. */
async function newAccount(of: App = app, user?: string): Promise<Made> {
  const userId = user ?? (await newUser(root));
  const [accessToken, refreshToken] = [`at-${randomUUID()}`, `rt-${randomUUID()}`];
  const upstream = { access_token: accessToken, refresh_token: refreshToken };
  const json = { user_id: userId, app_id: of.app_id, scope: of === app ? "read" : undefined };
  const { body } = await root.post<Connection>("/v1/connections", { ...json, upstream }, 201);
  return { id: body.id, userId, accessToken, refreshToken };
}

/** The result of a call, and how many requests the client made of it. */
async function counted<T>(call: () => Promise<T>): Promise<{ result: unknown; requests: number }> {
  const fetch = mock.method(globalThis, "fetch");
  const result: unknown = await call().catch((error: unknown) => error);
  const requests = fetch.mock.callCount();
  fetch.mock.restore();
  return { result, requests };
}

/** That it failed with this status and slug, and that the client asked once. */
async function failsOnce(call: () => Promise<unknown>, status: number, slug: string) {
  const { result, requests } = await counted(call);
  assert.ok(result instanceof Error, `it succeeded: ${JSON.stringify(result)}`);
  const error = result as Error & { status: number; error: { error: Record<string, unknown> } };
  assert.equal(error.status, status, String(result));
  assert.deepEqual([error.error.error["slug"], error.error.error["status"]], [slug, status]);
  assert.equal(requests, 1);
  return error;
}

const gone = (call: () => Promise<unknown>) =>
  failsOnce(call, 404, "ConnectedAccount_ResourceNotFound");

async function ids(query: Parameters<Composio["connectedAccounts"]["list"]>[0]): Promise<string[]> {
  const { items } = await composio.connectedAccounts.list(query);
  return items.map(({ id }) => id);
}

test("an_account_is_read_with_its_state", async () => {
  const { id } = await newAccount();
  const account: Account = await composio.connectedAccounts.get(id);
  assert.deepEqual(
    [account.id, account.status, account.statusReason, account.isDisabled, account.toolkit.slug],
    [id, "ACTIVE", null, false, "acme"],
  );
  assert.deepEqual(account.authConfig, {
    id: app.app_id,
    authScheme: "OAUTH2",
    isComposioManaged: false,
    isDisabled: false,
  });
  // The client leaves out a state that it does not understand.
  assert.deepEqual(account.state, {
    authScheme: "OAUTH2",
    val: { status: "ACTIVE", access_token: "REDACTED", refresh_token: "REDACTED" },
  });
});

test("an_account_that_nobody_has_authorized_yet_is_initiated", async () => {
  const userId = await newUser(root);
  const { connection_id: id } = await mint(root, userId, { app_id: app.app_id });
  const { status, state } = await composio.connectedAccounts.get(id ?? "");
  assert.deepEqual([status, state?.val.status], ["INITIATED", "INITIATED"]);
});

test("a_user_connects_an_account_by_a_link_that_is_good_for_ten_minutes", async () => {
  const userId = await newUser(root);
  const callbackUrl = "https://app.example/back";
  const linked = await newApp(root, { redirect_uris: [callbackUrl] });
  const before = Date.now();
  const request = await composio.connectedAccounts.link(userId, linked.app_id, { callbackUrl });
  const link = new URL(request.redirectUrl ?? "");
  assert.deepEqual([link.origin, link.pathname], [new URL(service.url).origin, "/connect"]);
  assert.equal((await composio.connectedAccounts.get(request.id)).status, "INITIATED");
  const { body } = await root.get<Connection>(`/v1/connections/${request.id}`);
  const left = Date.parse(body.expires_at ?? "") - before;
  assert.ok(left >= 600_000 && left < 660_000, `${left} ms are left`);

  const connected = request.waitForConnection(20_000);
  await root.post("/v1/tokens/consume", { token: link.searchParams.get("token") });
  assert.equal((await connected).status, "ACTIVE");
});

test("a_link_begins_an_account_of_its_own_also_for_a_user_who_has_one", async () => {
  const { id, userId } = await newAccount();
  const options = { allowMultiple: true };
  const [first, second] = [
    await composio.connectedAccounts.link(userId, app.app_id, options),
    await composio.connectedAccounts.link(userId, app.app_id, options),
  ];
  assert.equal(new Set([id, first.id, second.id]).size, 3);
  await assert.rejects(first.waitForConnection(1_500), "nobody has connected anything yet");
  const token = new URL(second.redirectUrl ?? "").searchParams.get("token");
  await root.post("/v1/tokens/consume", { token });
  assert.equal((await second.waitForConnection(10_000)).id, second.id);
  const statuses = [first.id, second.id].map(
    async (one) => (await composio.connectedAccounts.get(one)).status,
  );
  assert.deepEqual(await Promise.all(statuses), ["INITIATED", "ACTIVE"]);
});

test("a_link_is_for_a_user_and_an_app_that_are_there_and_leads_back_only_where_the_app_says", async () => {
  const userId = await newUser(root);
  const refused = async (user: string, of: string, callbackUrl?: string): Promise<number> => {
    const options = callbackUrl === undefined ? {} : { callbackUrl };
    const { result } = await counted(() => composio.connectedAccounts.link(user, of, options));
    return (result as { cause?: { status?: number } }).cause?.status ?? 0;
  };
  assert.equal(await refused(`nobody-${randomUUID()}`, app.app_id), 404);
  assert.equal(await refused(userId, `nothing-${randomUUID()}`), 404);
  assert.equal(await refused(userId, app.app_id, "https://evil.example/"), 400);
  assert.equal(await refused(await newUser(root, { connectable: false }), app.app_id), 403);
});

test("accounts_are_listed_by_user_status_toolkit_and_app", async () => {
  const userId = await newUser(root);
  const [first, second] = [await newAccount(app, userId), await newAccount(appOfSilent, userId)];
  const userIds = [userId];
  assert.deepEqual(await ids({ userIds }), [second.id, first.id], "the newest first");
  assert.deepEqual(await ids({ userIds: [userId, await newUser(root)] }), [second.id, first.id]);
  assert.deepEqual(await ids({ userIds: [`nobody-${randomUUID()}`] }), []);
  assert.deepEqual(await ids({ userIds, toolkitSlugs: ["acme"] }), [first.id]);
  assert.deepEqual(await ids({ userIds, authConfigIds: [appOfSilent.app_id] }), [second.id]);
  await composio.connectedAccounts.revoke(first.id);
  assert.deepEqual(await ids({ userIds, statuses: ["REVOKED"] }), [first.id]);
  assert.deepEqual(await ids({ userIds, statuses: ["ACTIVE", "INACTIVE"] }), [second.id]);
  assert.deepEqual(await ids({ userIds, accountType: "SHARED" }), []);
});

test("a_long_list_is_read_page_by_page", async () => {
  const userId = await newUser(root);
  const made: string[] = [];
  for (let index = 0; index < 5; index++) made.unshift((await newAccount(app, userId)).id);
  const seen: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await composio.connectedAccounts.list({ userIds: [userId], limit: 2, cursor });
    assert.ok(page.items.length <= 2);
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor);
  assert.deepEqual(seen, made);
});

test("a_new_account_is_listed_without_filters_within_a_minute", async () => {
  const { id } = await newAccount();
  const find = async (): Promise<true | undefined> =>
    (await ids({ limit: 100 })).includes(id) ? true : undefined;
  await until("the account is listed", find, 75_000);
});

test("an_account_is_revoked_at_its_provider_and_then_it_is_revoked", async () => {
  const { id, accessToken, refreshToken } = await newAccount();
  const revoked = await composio.connectedAccounts.revoke(id);
  assert.deepEqual(revoked, {
    revokedTokens: ["access_token", "refresh_token"],
    connectedAccount: { id, status: "REVOKED" },
  });
  const told = (): string[] => asked.filter((t) => t === accessToken || t === refreshToken);
  assert.deepEqual(told(), [refreshToken, accessToken]);
  const { status, state } = await composio.connectedAccounts.get(id);
  assert.deepEqual([status, state?.val.status], ["REVOKED", "REVOKED"]);

  const again = await composio.connectedAccounts.revoke(id);
  assert.deepEqual(again, { revokedTokens: [], connectedAccount: { id, status: "REVOKED" } });
  assert.equal(told().length, 2, "the provider gets no further request");
});

test("an_account_of_a_provider_that_offers_no_revocation_is_left_alone", async () => {
  const { id } = await newAccount(appOfSilent);
  const { result, requests } = await counted(() => composio.connectedAccounts.revoke(id));
  assert.ok(result instanceof ComposioConnectedAccountRevocationNotSupportedError, String(result));
  assert.equal(requests, 1);
  assert.equal((await composio.connectedAccounts.get(id)).status, "ACTIVE");
});

test("an_account_that_is_not_active_is_not_revokable_and_the_client_asks_once", async () => {
  const { id, refreshToken } = await newAccount();
  await composio.connectedAccounts.disable(id);
  const { result, requests } = await counted(() => composio.connectedAccounts.revoke(id));
  assert.ok(result instanceof ComposioConnectedAccountNotRevokableError, String(result));
  assert.match(result.message, /INACTIVE/);
  assert.equal(requests, 1);
  assert.ok(!asked.includes(refreshToken));
});

test("one_token_that_is_revoked_is_enough", async () => {
  const { id, refreshToken } = await newAccount();
  troubled.add(refreshToken);
  const { revokedTokens, connectedAccount } = await composio.connectedAccounts.revoke(id);
  assert.deepEqual([revokedTokens, connectedAccount.status], [["access_token"], "REVOKED"]);
  assert.equal((await composio.connectedAccounts.get(id)).status, "REVOKED");
  assert.deepEqual((await composio.connectedAccounts.revoke(id)).revokedTokens, []);
});

test("where_no_token_can_be_revoked_the_account_is_inactive_and_the_client_asks_once", async () => {
  const { id, userId, accessToken, refreshToken } = await newAccount();
  troubled.add(accessToken).add(refreshToken);
  await failsOnce(
    () => composio.connectedAccounts.revoke(id),
    500,
    "ConnectedAccount_InternalServerError",
  );
  const { status, state } = await composio.connectedAccounts.get(id);
  assert.deepEqual([status, state?.val.status], ["INACTIVE", "INACTIVE"]);
  assert.deepEqual(await ids({ userIds: [userId], statuses: ["INACTIVE"] }), [id]);
  const { result } = await counted(() => composio.connectedAccounts.revoke(id));
  assert.ok(result instanceof ComposioConnectedAccountNotRevokableError, String(result));
  await failsOnce(() => composio.connectedAccounts.enable(id), 409, "ConnectedAccount_Conflict");
});

test("an_account_is_switched_off_and_on", async () => {
  const { id } = await newAccount();
  assert.deepEqual(await composio.connectedAccounts.disable(id), { success: true });
  const off = await composio.connectedAccounts.get(id);
  assert.deepEqual(
    [off.status, off.isDisabled, off.statusReason, off.state?.val.status],
    ["INACTIVE", true, "Connection status updated by user", "INACTIVE"],
  );
  assert.deepEqual(await composio.connectedAccounts.enable(id), { success: true });
  assert.equal((await composio.connectedAccounts.get(id)).status, "ACTIVE");
  await composio.connectedAccounts.revoke(id);
  await failsOnce(() => composio.connectedAccounts.enable(id), 409, "ConnectedAccount_Conflict");
});

test("an_account_that_is_deleted_is_gone_and_its_provider_is_not_told", async () => {
  const { id, userId, refreshToken } = await newAccount();
  assert.deepEqual(await composio.connectedAccounts.delete(id), { success: true });
  const { connectedAccounts } = composio;
  for (const call of ["get", "delete", "enable", "disable", "revoke"] as const) {
    assert.equal((await gone(() => connectedAccounts[call](id))).constructor.name, "NotFoundError");
  }
  assert.deepEqual(await ids({ userIds: [userId] }), []);
  assert.ok(!asked.includes(refreshToken));
});

test("deleting_revokes_at_the_provider_where_it_is_asked_to", async () => {
  const { id, refreshToken } = await newAccount();
  const { body } = await root.send<{ success: boolean; revoke_job_id: string }>(
    "DELETE",
    `/api/v3.1/connected_accounts/${id}?revoke_on_delete=true`,
    { headers: { "x-api-key": service.secrets.rootKey } },
  );
  assert.equal(body.success, true);
  await root.get(`/v1/revocations/${body.revoke_job_id}`);
  const find = (): Promise<true | undefined> =>
    Promise.resolve(asked.includes(refreshToken) || undefined);
  await until("the provider gets the request", find);
  await gone(() => composio.connectedAccounts.get(id));
});

test("what_is_not_there_is_not_found", async () => {
  const { id } = await newAccount();
  for (const unknown of [forge(id), "ca_1a2b3c4d5e6f", "nothing"]) {
    await gone(() => composio.connectedAccounts.get(unknown));
    await gone(() => composio.connectedAccounts.revoke(unknown));
  }
});

test("every_account_is_revoked_and_deleted_as_callers_do_it", async () => {
  const userId = await newUser(root);
  await newAccount(app, userId);
  await newAccount(appOfSilent, userId);
  await composio.connectedAccounts.disable((await newAccount(app, userId)).id);
  const { items } = await composio.connectedAccounts.list({ userIds: [userId] });
  const outcomes: string[] = [];
  for (const { id } of items) {
    const { result } = await counted(() => composio.connectedAccounts.revoke(id));
    outcomes.push(result instanceof Error ? result.name : "revoked");
    await composio.connectedAccounts.delete(id);
  }
  assert.deepEqual(outcomes, [
    "ComposioConnectedAccountNotRevokableError",
    "ComposioConnectedAccountRevocationNotSupportedError",
    "revoked",
  ]);
  assert.deepEqual(await ids({ userIds: [userId] }), []);
});

test("a_key_that_is_wrong_or_no_admins_is_unauthorized", async () => {
  const { id, userId } = await newAccount();
  const { api_key } = await newKey(root, userId);
  for (const stranger of [clientWith("nonsense"), clientWith(api_key)]) {
    const { connectedAccounts } = stranger;
    for (const call of [
      () => connectedAccounts.get(id),
      () => connectedAccounts.list(),
      () => connectedAccounts.revoke(id),
    ]) {
      const error = await failsOnce(call, 401, "HTTP_Unauthorized");
      assert.equal(error.constructor.name, "AuthenticationError");
    }
  }
  assert.equal((await composio.connectedAccounts.get(id)).status, "ACTIVE");
});

test("toolkits_authorize_finds_the_app_of_a_provider_and_connects_an_account", async () => {
  const slug = `kit-${randomUUID()}`;
  await root.put(`/v1/providers/${slug}`, { name: "Kit", revocation: null }, 201);
  const of = await newApp(root, { provider: slug, name: "Kit app", scopes: ["read"] });
  const userId = await newUser(root);
  // The list of apps lags behind by about a second.
  const list = () => composio.authConfigs.list({ toolkit: slug });
  await untilTrue("the app is listed", async () => (await list()).items.length === 1);
  const config = await composio.authConfigs.get(of.app_id);
  assert.deepEqual(
    [config.id, config.name, config.status, config.toolkit.slug, config.isComposioManaged],
    [of.app_id, "Kit app", "ENABLED", slug, false],
  );
  const request = await composio.toolkits.authorize(userId, slug);
  assert.equal(request.status, "INITIATED");
  const token = new URL(request.redirectUrl ?? "").searchParams.get("token") ?? "";
  const waiting = request.waitForConnection(30_000);
  await fetch(`${service.url}/connect`, {
    method: "POST",
    body: new URLSearchParams({ token, consent: "approve" }),
  });
  const account = await waiting;
  assert.deepEqual([account.id, account.status], [request.id, "ACTIVE"]);
  await assert.rejects(composio.toolkits.authorize(userId, `none-${randomUUID()}`), /not found/i);
});

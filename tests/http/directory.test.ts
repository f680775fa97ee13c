// The directory in D1, as a deployment has it: fed by ledgers, searched by operators, and down.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startWorker, type RunningWorker } from "../support/worker.ts";

const USERS = 10_000;
const CONNECTIONS = 50_000;
/** The longest time for a page of a list, in milliseconds; the machine of the tests may be busy. */
const PAGE_MS = 2_000;

interface Page {
  items: Record<string, unknown>[];
  next_cursor: string | null;
}

let worker: RunningWorker;
before(async () => {
  worker = await startWorker();
});
after(() => worker.stop());

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(worker.url + path, {
    method,
    headers: { authorization: `Bearer ${worker.rootKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function page(path: string): Promise<Page> {
  const started = performance.now();
  const response = await call("GET", path);
  assert.equal(response.status, 200, path);
  const read = (await response.json()) as Page;
  const took = performance.now() - started;
  assert.ok(took < PAGE_MS, `${path} took ${Math.round(took)} ms`);
  return read;
}

/** The values of a member of the items, on all pages. */
async function all(path: string, member: string): Promise<unknown[]> {
  const values: unknown[] = [];
  const separator = path.includes("?") ? "&" : "?";
  for (let cursor = ""; ;) {
    const { items, next_cursor } = await page(`${path}${separator}limit=100${cursor}`);
    values.push(...items.map((item) => item[member]));
    if (next_cursor === null) return values;
    cursor = `&cursor=${next_cursor}`;
  }
}

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail(`${what}: not within 30 seconds`);
}

async function connect(user: string): Promise<string> {
  assert.equal((await call("PUT", `/v1/users/${user}`, {})).status, 201);
  const response = await call("POST", "/v1/connections", { user_id: user, app_id: "crm" });
  return ((await response.json()) as { id: string }).id;
}

test("changes_are_listed_after_about_a_second", async () => {
  assert.deepEqual(await page("/v1/users"), { items: [], next_cursor: null });
  await call("PUT", "/v1/apps/crm", { name: "Customers" });
  const id = await connect("anna");
  await until(
    "the connection is listed",
    async () => (await page("/v1/connections")).items.length === 1,
  );
  await call("POST", `/v1/connections/${id}/revoke`, {});
  await until("its end is listed", async () =>
    (await page("/v1/connections?status=revoked")).items.some((item) => item["id"] === id),
  );
  await until(
    "the app is listed",
    async () => (await page("/v1/apps?prefix=customer")).items.length === 1,
  );
  const types = await all("/v1/events?user_id=anna", "type");
  assert.deepEqual(types, ["connection.revoked", "connection.created", "user.created"]);
});

test("a_change_that_the_runtime_was_killed_after_is_listed_when_it_is_back", async () => {
  const id = await connect("bert");
  await worker.kill();
  await worker.restart();
  await until("the connection is listed", async () =>
    (await page("/v1/connections?user_id=bert")).items.some((item) => item["id"] === id),
  );
  assert.deepEqual(await all("/v1/events?user_id=bert", "type"), [
    "connection.created",
    "user.created",
  ]);
});

test("without_the_directory_lists_are_503_and_everything_else_works_and_it_catches_up", async () => {
  await worker.setDirectoryOutage(true);
  for (const path of ["/v1/users", "/v1/apps", "/v1/connections", "/v1/events"]) {
    const response = await call("GET", path);
    assert.equal(response.status, 503, path);
    assert.equal(response.headers.get("retry-after"), "1");
  }
  const id = await connect("carl");
  assert.equal((await call("GET", `/v1/connections/${id}`)).status, 200);
  // Its first batch fails meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await worker.setDirectoryOutage(false);
  await until("the connection is listed", async () =>
    (await page("/v1/connections?user_id=carl")).items.some((item) => item["id"] === id),
  );
});

test("ten_thousand_users_and_fifty_thousand_connections_are_listed_and_searched", async () => {
  await worker.fillDirectory(USERS, CONNECTIONS);
  const users = await all("/v1/users?prefix=filled-", "user_id");
  assert.equal(users.length, USERS);
  assert.equal(new Set(users).size, USERS);
  const start = performance.now();
  for (const [path, expected] of [
    ["/v1/users?prefix=filled-00123", 10],
    ["/v1/users?prefix=crm-0042", 10],
    ["/v1/users?group=group-7&limit=100", 100],
    ["/v1/users?role=admin&prefix=filled-", 0],
    ["/v1/connections?user_id=filled-001234", 5],
    ["/v1/connections?prefix=filled-001234", 5],
    ["/v1/connections?app_id=app-3&limit=100", 100],
    ["/v1/connections?status=revoked&app_id=app-3&limit=100", 100],
    ["/v1/connections?group=group-7&limit=100", 100],
    ["/v1/connections?health=needs_reconnect", 0],
    ["/v1/connections?app_id=nothing", 0],
  ] as const) {
    assert.equal((await page(path)).items.length, expected, path);
  }
  assert.ok(performance.now() - start < 15_000);
});

test("ten_thousand_events_are_exported_as_lines_in_one_answer", async () => {
  const response = await fetch(`${worker.url}/v1/events?type=user.`, {
    headers: { authorization: `Bearer ${worker.rootKey}`, accept: "application/x-ndjson" },
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/x-ndjson");
  const lines = (await response.text()).trimEnd().split("\n");
  const ids = new Set(lines.map((line) => (JSON.parse(line) as { id: string }).id));
  assert.equal(ids.size, lines.length);
  assert.ok(lines.length > USERS, `${lines.length} lines`);
});

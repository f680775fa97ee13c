// The server client of the packed package, against the Worker and against answers that go wrong.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import { pathToFileURL } from "node:url";

import { Webhook } from "standardwebhooks";

import { startWorker, type RunningWorker } from "../support/worker.ts";
import { Consumer, inProject } from "./kit/installed.ts";

type Server = typeof import("../../www/server/index.ts");
type Client = InstanceType<Server["Hookswitch"]>;

/** The size of the entry, in bytes gzipped. */
const BUDGET = 10 * 1024;
const KEY = "hak_secret";

let consumer: Consumer;
let worker: RunningWorker;
let server: Server;
let root: Client;

before(async () => {
  consumer = await Consumer.create();
  worker = await startWorker({ assets: false });
  server = (await import(pathToFileURL(`${consumer.installed}/server.js`).href)) as Server;
  root = new server.Hookswitch({ url: worker.url, key: worker.rootKey });
});
after(async () => {
  await worker?.stop();
  consumer?.remove();
});

/** The result of an attempt: a response, or no answer. */
type Turn = Response | "lost";

/** A client whose requests get these answers. */
function answered(turns: Turn[], options: object = {}): { client: Client; sent: Request[] } {
  const sent: Request[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    sent.push(new Request(url, init));
    const turn = turns[Math.min(sent.length, turns.length) - 1];
    if (turn instanceof Response) return turn.clone();
    throw new TypeError("fetch failed");
  };
  const given = { url: "https://example.com/hooks", key: KEY, fetch, ...options };
  return { client: new server.Hookswitch(given), sent };
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  Response.json(body, { status, headers });

function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  const body = { type: "", title: code, status, detail: "Wait.", code, request_id: "req_1" };
  const type = { "content-type": "application/problem+json" };
  return json(body, status, { ...type, ...headers });
}

/** The error of a promise that must reject with the client's error. */
async function failure(
  promise: PromiseLike<unknown>,
): Promise<InstanceType<Server["HookswitchError"]>> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof server.HookswitchError, inspect(error));
    return error;
  }
  assert.fail("the call succeeded");
}

test("server_entry_is_within_its_budget_and_loads_no_other_file", (context) => {
  const content = readFileSync(`${consumer.installed}/server.js`);
  const size = gzipSync(content).length;
  context.diagnostic(`${size} bytes gzipped, of ${BUDGET}`);
  assert.ok(size <= BUDGET, `${size} bytes gzipped are over the budget of ${BUDGET}`);
  assert.doesNotMatch(content.toString(), /\bimport\b|\bfrom"/);
});

test("client_has_a_method_for_each_call_that_takes_a_key", () => {
  const { paths } = JSON.parse(readFileSync(inProject("www", "openapi.json"), "utf8")) as {
    paths: Record<string, Record<string, { operationId: string; security?: object[] }>>;
  };
  const operations = Object.entries(paths)
    .filter(([path]) => path.startsWith("/v1/"))
    .flatMap(([, methods]) => Object.values(methods))
    .filter(({ security = [] }) => security.some((scheme) => "bearer" in scheme));
  assert.ok(operations.length > 40);
  for (const { operationId } of operations) {
    assert.equal(typeof root[operationId as keyof Client], "function", operationId);
  }
});

test("client_mints_checks_consumes_and_revokes_at_the_worker", async () => {
  await root.putUser({ user_id: "ada", groups: ["staff"] });
  assert.deepEqual((await root.getUser({ user_id: "ada" })).groups, ["staff"]);
  const { token, token_id } = await root.mintToken({ user_id: "ada", ttl: 600 });
  assert.equal((await root.checkTokens({ token })).status, "valid");
  assert.equal((await root.consumeToken({ token })).user_id, "ada");
  const dead = await failure(root.consumeToken({ token }));
  assert.deepEqual([dead.code, dead.status], ["token_consumed", 409]);
  assert.deepEqual([dead.verdict?.status, dead.verdict?.token_id], ["consumed", token_id]);
  assert.match(dead.requestId ?? "", /./);
  const { items } = await root.checkTokens({ tokens: [token, "hct_nonsense"] });
  assert.deepEqual(
    items.map(({ status }) => status),
    ["consumed", "unknown"],
  );
  const counted = await root.revokeUser({ user_id: "ada", dry_run: true });
  assert.deepEqual([counted.dry_run, counted.total], [true, 0]);
});

test("ids_are_encoded_in_the_path", async () => {
  const user_id = "a/../b?c#d %2e é";
  await root.putUser({ user_id });
  assert.equal((await root.getUser({ user_id })).user_id, user_id);
  for (const wrong of ["", ".", ".."]) {
    assert.throws(() => void root.getUser({ user_id: wrong }), TypeError);
  }
});

test("list_is_a_page_with_await_and_all_items_with_for_await", async () => {
  await root.putUser({ user_id: "grace" });
  for (let number = 0; number < 5; number += 1) await root.mintToken({ user_id: "grace" });
  const list = { user_id: "grace", limit: 2 };
  const page = await root.listUserTokens(list);
  assert.deepEqual([page.items.length, typeof page.next_cursor], [2, "string"]);
  const ids = new Set<string>();
  for await (const verdict of root.listUserTokens(list)) ids.add(verdict.token_id);
  assert.equal(ids.size, 5);
  const sizes: number[] = [];
  for await (const { items } of root.listUserTokens(list).pages()) sizes.push(items.length);
  assert.deepEqual(sizes, [2, 2, 1]);
  const none: unknown[] = [];
  for await (const event of root.listUserConnections({ user_id: "grace" })) none.push(event);
  assert.deepEqual(none, []);
  const error = await failure(root.listUserTokens({ user_id: "nobody" }));
  assert.equal(error.code, "user_not_found");
});

test("error_has_the_problem_and_never_the_key", async () => {
  const error = await failure(root.mintToken({ user_id: "ada", ttl: -1 }));
  assert.deepEqual(
    [error.code, error.status, error.name],
    ["invalid_request", 400, "HookswitchError"],
  );
  assert.deepEqual(Object.keys(error.errors), ["ttl"]);
  assert.equal(error.problem?.code, "invalid_request");
  const { client } = answered(["lost"], { retries: 0 });
  const lost = await failure(client.getUser({ user_id: "ada" }));
  assert.deepEqual([lost.code, lost.status, lost.problem], ["unreachable", 0, undefined]);
  for (const shown of [inspect(client), inspect(lost), JSON.stringify(client)]) {
    assert.doesNotMatch(shown, /hak_secret/);
  }
});

test("post_is_repeated_with_one_idempotency_key_until_it_succeeds", async () => {
  const turns = [problem(503, "unavailable", { "retry-after": "0" }), "lost" as const, json({})];
  const { client, sent } = answered(turns);
  await client.mintToken({ user_id: "ada" });
  const keys = sent.map(({ headers }) => headers.get("idempotency-key"));
  assert.equal(keys.length, 3);
  assert.match(keys[0] ?? "", /^[\w-]{36}$/);
  assert.equal(new Set(keys).size, 1);
  assert.equal(sent[0]?.url, "https://example.com/hooks/v1/tokens");
  assert.equal(sent[0]?.headers.get("authorization"), `Bearer ${KEY}`);
  const own = answered([json({})]);
  await own.client.mintToken({ user_id: "ada" }, { idempotencyKey: "order-7" });
  assert.equal(own.sent[0]?.headers.get("idempotency-key"), "order-7");
});

test("lost_answer_of_a_repeated_mint_is_the_same_token", async () => {
  await root.putUser({ user_id: "lost" });
  let attempts = 0;
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const response = await globalThis.fetch(url, init);
    attempts += 1;
    if (attempts === 1) throw new TypeError("the answer got lost");
    return response;
  };
  const client = new server.Hookswitch({ url: worker.url, key: worker.rootKey, fetch });
  const { token_id } = await client.mintToken({ user_id: "lost" });
  const { items } = await root.listUserTokens({ user_id: "lost" });
  assert.deepEqual(
    items.map((verdict) => verdict.token_id),
    [token_id],
  );
});

for (const [name, turn, call, attempts] of [
  ["a check", "lost", (c: Client) => c.checkTokens({ token: "hct_" }), 2],
  ["a read", problem(503, "unavailable"), (c: Client) => c.getUser({ user_id: "a" }), 2],
  ["a deletion", json({}, 502), (c: Client) => c.deleteProvider({ slug: "a" }), 2],
  [
    "a test of an endpoint, which was not begun",
    problem(429, "rate_limited"),
    (c: Client) => c.testWebhook({ name: "a" }),
    2,
  ],
  [
    "a test of an endpoint, whose answer got lost",
    "lost",
    (c: Client) => c.testWebhook({ name: "a" }),
    1,
  ],
  [
    "a test of an endpoint that failed",
    problem(503, "unavailable"),
    (c: Client) => c.testWebhook({ name: "a" }),
    1,
  ],
  ["a refusal", problem(403, "forbidden"), (c: Client) => c.getUser({ user_id: "a" }), 1],
  ["a defect", problem(500, "internal"), (c: Client) => c.mintToken({ user_id: "a" }), 1],
  [
    "a wait that is too long",
    problem(503, "unavailable", { "retry-after": "3600" }),
    (c: Client) => c.getUser({ user_id: "a" }),
    1,
  ],
] as const) {
  test(`call_has_as_many_attempts_as_are_safe (${name})`, async () => {
    const { client, sent } = answered([turn], { retries: 1 });
    const error = await failure(call(client));
    assert.equal(sent.length, attempts);
    if (turn instanceof Response && turn.headers.has("retry-after"))
      assert.equal(error.retryAfter, 3600);
  });
}

test("answer_that_is_not_the_deployments_is_an_error", async () => {
  const redirected = new Response(null, { status: 302, headers: { location: "https://other/" } });
  for (const turn of [
    redirected,
    new Response("<html>"),
    new Response("<html>", { status: 404 }),
  ]) {
    const { client } = answered([turn]);
    assert.equal((await failure(client.getUser({ user_id: "a" }))).code, "unexpected_answer");
  }
});

test("silent_server_is_a_timeout_and_a_signal_ends_a_call", async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const client = new server.Hookswitch({ url, key: KEY, timeout: 100, retries: 0 });
    assert.equal((await failure(client.getUser({ user_id: "a" }))).code, "timeout");
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await assert.rejects(client.getUser({ user_id: "a" }, { signal }), reason);
    const late = answered(["lost"]);
    const during = AbortSignal.timeout(50);
    const waiting = late.client.getUser({ user_id: "a" }, { signal: during });
    await assert.rejects(waiting, { name: "TimeoutError" });
  } finally {
    silent.close();
    silent.closeAllConnections();
  }
});

test("wrong_settings_are_type_errors", () => {
  for (const options of [
    { url: "nowhere", key: KEY },
    { url: "ftp://example.com", key: KEY },
    { url: worker.url, key: "" },
    { url: worker.url, key: "two words" },
  ]) {
    assert.throws(() => new server.Hookswitch(options), TypeError);
  }
});

const SECRET = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;
const OTHER = `whsec_${Buffer.from("another secret of an endpoint...").toString("base64")}`;
const BODY = JSON.stringify({ type: "token.created", data: { event_id: "evt_1", name: "ä" } });

/** Headers as the deployment signs them, at a time. */
function signed(at: Date, secret = SECRET): Record<string, string> {
  return {
    "webhook-id": "evt_1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(secret).sign("evt_1", at, BODY),
  };
}

test("webhook_message_is_verified_by_any_secret_and_signature", async () => {
  const headers = signed(new Date());
  const expected = JSON.parse(BODY) as unknown;
  const rotated = { ...headers };
  rotated["webhook-signature"] = `v1a,AAAA v1,AAAA ${headers["webhook-signature"]}`;
  const upper = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]),
  );
  for (const message of [
    { body: BODY, headers, secret: SECRET },
    {
      body: new TextEncoder().encode(BODY),
      headers: new Headers(headers),
      secret: [OTHER, SECRET],
    },
    { body: BODY, headers: rotated, secret: SECRET },
    { body: BODY, headers: upper, secret: SECRET.replace("whsec_", "") },
  ]) {
    assert.deepEqual(await server.verifyWebhook(message), expected);
  }
});

test("webhook_message_that_is_forged_or_old_is_rejected", async () => {
  const now = Date.now();
  const headers = signed(new Date(now));
  const without = (name: string) => ({ ...headers, [name]: "" });
  for (const [code, message] of [
    ["headers_missing", { headers: {} }],
    ["headers_missing", { headers: without("webhook-signature") }],
    ["headers_missing", { headers: { ...headers, "webhook-timestamp": "soon" } }],
    ["signature_invalid", { body: `${BODY} ` }],
    ["signature_invalid", { secret: OTHER }],
    ["signature_invalid", { headers: { ...headers, "webhook-id": "evt_2" } }],
    ["signature_invalid", { headers: { ...headers, "webhook-signature": "v1,?" } }],
    ["too_old", { now: now + 302_000 }],
    ["too_new", { now: now - 302_000 }],
    ["too_old", { now: now + 12_000, tolerance: 10 }],
  ] as const) {
    const given = { body: BODY, headers, secret: SECRET, now, ...message };
    assert.equal((await failure(server.verifyWebhook(given))).code, `webhook_${code}`);
  }
  for (const secret of ["whsec_?", ""]) {
    await assert.rejects(server.verifyWebhook({ body: BODY, headers, secret }), TypeError);
  }
});

test("message_of_the_worker_is_verified", async () => {
  const received: { body: string; headers: Record<string, string | string[] | undefined> }[] = [];
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ body: Buffer.concat(chunks).toString(), headers: request.headers });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    const { secret } = await root.putWebhook({ name: "crm", url });
    assert.equal((await root.testWebhook({ name: "crm" })).delivered, true);
    const [message] = received;
    assert.ok(message !== undefined && typeof secret === "string");
    const verified = await server.verifyWebhook({ ...message, secret });
    assert.equal(verified.type, "webhook.test");
    if (verified.type === "webhook.test") assert.equal(verified.data.endpoint, "crm");
    await root.deleteWebhook({ name: "crm" });
  } finally {
    receiver.close();
    receiver.closeAllConnections();
  }
});

// After a run of every call, no secret is in the logs or in storage, and the logs say what they have to.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { findSecrets } from "../support/secrets.ts";
import {
  check,
  consume,
  eventsOf,
  forge,
  mint,
  newKey,
  newUser,
  partooSpelling,
  revoke,
} from "./kit/actions.ts";
import { userPath, type Answer, type Api } from "./kit/api.ts";
import { appPath, connectionPath } from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import type { App, Connection, Issued, Minted } from "./kit/shapes.ts";
import { sleep, untilTrue } from "./kit/wait.ts";

const service = await serve({ vars: { LOG: "all" } });
after(() => service.stop());
const { root } = service;

const secrets: Record<string, string> = {};
let count = 0;

/** Remembers a secret, to look for it in the end. */
function keep(name: string, secret: string): string {
  count += 1;
  secrets[`${name} ${count}`] = secret;
  return secret;
}

const answers: Answer<unknown>[] = [];
/** An answer that the log has to have a line for. */
function seen<T>(answer: Answer<T>): Answer<T> {
  answers.push(answer);
  return answer;
}

before(async () => {
  const user = await newUser(root, { role: "admin" });
  const key = keep("API key", (await newKey(root, user, { label: "a key" })).api_key);
  const self = root.as(key);
  const idempotency = { "idempotency-key": `key-${randomUUID()}` };

  const kept = async (ttl?: number): Promise<string> =>
    keep(
      "token",
      (await mint(self, user, { label: "a label", ...(ttl === undefined ? {} : { ttl }) })).token,
    );
  const [live, used, taken, late] = [await kept(), await kept(), await kept(), await kept(1)];
  const replayed = await self.post<Minted>("/v1/tokens", { user_id: user }, 201, idempotency);
  keep("token", replayed.body.token);
  seen(await self.post("/v1/tokens", { user_id: user }, 201, idempotency));
  await self.post("/v1/tokens", { user_id: user, ttl: 7 }, 409, idempotency);

  seen(await consume(self, used));
  seen(await consume(self, used));
  await revoke(self, taken, "a reason");
  await check(self, partooSpelling(live));
  seen(await self.post("/v1/tokens/check", { tokens: [live, used, taken, late, forge(live)] }));
  await self.post("/v1/tokens/check", { token: forge(live) }, 404);
  for (const rest of ["", "/tokens", "/events"]) seen(await self.get(userPath(user, rest)));
  seen(await self.put(userPath(user), { role: "admin", groups: ["paris"] }));

  const partoo = self.partoo();
  const made = await partoo.post<{ token: string }>("/v2/connection/generate_token", {
    user_id: user,
  });
  const theirs = keep("token", made.body.token);
  const query = `user_id=${user}&token=${encodeURIComponent(theirs)}`;
  seen(await partoo.get(`/v2/connection/check_token?${query}`));
  seen(await partoo.get(`/connection/check_token?user_id=${user}&token=${theirs}`));
  await partoo.post("/connection/revoke_token", { user_id: user, token: theirs });
  await partoo.post("/connection/revoke_token", { user_id: user, token: theirs }, 400);

  const connected = await connectAnApp(self, user);

  // Secrets where they do not belong.
  for (const misplaced of [live, key, ...connected]) {
    seen(await self.send("GET", userPath(user, `/${misplaced}`)));
    seen(await self.send("GET", `/v1/${misplaced}`));
    seen(await self.send("GET", `${userPath(user, "/tokens")}?cursor=${misplaced}`));
    seen(await self.send("POST", "/v1/tokens", { body: `{"user_id":"${misplaced}` }));
    seen(await self.send("POST", "/v1/tokens", { json: { [misplaced]: misplaced } }));
    seen(await self.send("DELETE", `/v1/tokens?token=${misplaced}`));
    seen(await root.as(misplaced).send("GET", userPath(user)));
    seen(
      await self.send("GET", "/healthz", {
        headers: { "user-agent": misplaced, referer: misplaced },
      }),
    );
  }
  for (const fault of ["kv", "ledger", "ledger-lost"]) {
    seen(
      await self.send("POST", "/v1/tokens/check", {
        json: { token: live },
        headers: { "x-test-fault": fault },
      }),
    );
  }
  const another = keep("API key", (await newKey(self, user, { ttl: 60 })).api_key);
  await root.as(another).get(userPath(user));
  await untilTrue(
    "a token has expired",
    async () => (await check(root, late)).status === "expired",
  );
  seen(await root.post(userPath(user, "/revoke"), { reason: "the end" }));
  await root.as(key).send("GET", userPath(user));

  await untilTrue("every death is told", async () => {
    const types = (await eventsOf(root, user)).map(({ type }) => type);
    return types.includes("token.expired") && types.includes("user.revoked");
  });
  // The records are written meanwhile; then the files are those of a service at rest.
  await sleep(2_000);
  seen(await root.get("/healthz"));
});

/** Has an app registered, connected, given tokens and taken back. Answers with its secrets. */
async function connectAnApp(self: Api, user: string): Promise<string[]> {
  const app = appPath(`app-${randomUUID()}`);
  const made = await self.put<App>(app, { name: "An app", scopes: ["a"] }, 201);
  const first = keep("client secret", made.body.client_secret ?? "");
  const idempotency = { "idempotency-key": `key-${randomUUID()}` };
  const rotated = seen(
    await self.post<App>(`${app}/client-secret`, { previous_ttl: 60 }, 201, idempotency),
  );
  keep("client secret", rotated.body.client_secret ?? "");
  await self.post(`${app}/client-secret`, { previous_ttl: 60 }, 201, idempotency);
  seen(await self.get(app));

  const { app_id } = made.body;
  const minted = await mint(self, user, { app_id });
  seen(await consume(self, keep("token", minted.token)));
  const connection = await self.post<Connection>("/v1/connections", { user_id: user, app_id }, 201);
  const path = connectionPath(seen(connection).body.id);
  const pairs: string[] = [];
  for (const _ of [1, 2]) {
    const issued = await self.post<Issued>(`${path}/tokens`, { ttl: 60 }, 201, idempotency);
    const { access_token, refresh_token = "" } = seen(issued).body;
    pairs.push(keep("access token", access_token), keep("refresh token", refresh_token));
  }
  const other = await self.post<Issued>(`${path}/tokens`, {}, 201);
  const access = keep("access token", other.body.access_token);
  const refresh = keep("refresh token", other.body.refresh_token ?? "");
  for (const token of [access, refresh]) await check(self, token);
  seen(await self.post("/v1/tokens/check", { tokens: [access, refresh, first, forge(access)] }));
  for (const rest of ["/disable", "/enable"]) seen(await self.post(`${path}${rest}`, {}));
  await revoke(self, refresh, "a reason");
  seen(await self.get(userPath(user, "/connections")));
  for (const misplaced of [access, refresh, first]) {
    seen(await self.send("GET", connectionPath(misplaced)));
    seen(await self.send("GET", appPath(misplaced)));
    seen(await self.send("POST", `${path}/tokens`, { json: { scope: misplaced } }));
    seen(await self.send("POST", `${path}/revoke`, { json: { [misplaced]: misplaced } }));
  }
  seen(await self.post(`${path}/revoke`, { reason: "a reason" }));
  seen(await self.post(`${path}/tokens`, {}, 409));
  return [access, refresh, first];
}

test("no_minted_secret_is_in_the_logs_or_in_storage", () => {
  assert.ok(count >= 16);
  const places = { persistPath: service.persistPath, logs: service.logs() };
  assert.deepEqual(findSecrets(places, secrets), []);
});

test("no_secret_of_the_deployment_is_in_the_logs_or_in_storage", () => {
  const { secret, rootKey } = service.secrets;
  const places = { persistPath: service.persistPath, logs: service.logs() };
  assert.deepEqual(findSecrets(places, { secret, rootKey }), []);
});

test("the_search_finds_what_is_there", () => {
  const { token } = { token: Object.values(secrets)[0] ?? "" };
  assert.notEqual(findSecrets({ logs: [`a line with ${token} in it`] }, { token }).length, 0);
  const hex = token.slice(4);
  assert.notEqual(
    findSecrets({ logs: [Buffer.from(hex, "hex").toString("base64")] }, { token }).length,
    0,
  );
});

test("every_request_is_one_line_of_json_in_the_log", () => {
  const lines = requestLines();
  for (const { method, path, status, headers } of answers) {
    const id = headers.get("x-request-id") ?? "";
    const found = lines.filter((line) => line["request_id"] === id);
    assert.equal(found.length, 1, `${method} ${path.split("?")[0]}`);
    assert.equal(found[0]?.["method"], method);
    assert.equal(found[0]?.["status"], status);
  }
});

test("a_line_of_the_log_names_the_route_and_never_the_path", () => {
  const routes = new Map(requestLines().map((line) => [line["request_id"], line["route"]]));
  const expected: [RegExp, string][] = [
    [/^\/v1\/users\/[^/]+$/, "/v1/users/{user_id}"],
    [/^\/v1\/users\/[^/]+\/revoke$/, "/v1/users/{user_id}/revoke"],
    [/^\/v1\/tokens\/consume$/, "/v1/tokens/consume"],
    [/^\/v2\/connection\/check_token/, "/v2/connection/check_token"],
    [/^\/v1\/apps\/[^/]+$/, "/v1/apps/{app_id}"],
    [/^\/v1\/connections\/[^/]+$/, "/v1/connections/{connection_id}"],
    [/^\/v1\/connections\/[^/]+\/revoke$/, "/v1/connections/{connection_id}/revoke"],
  ];
  for (const [pattern, route] of expected) {
    const matching = answers.filter(({ path }) => pattern.test(path.split("?")[0] ?? ""));
    assert.ok(matching.length > 0, route);
    for (const { headers } of matching)
      assert.equal(routes.get(headers.get("x-request-id") ?? ""), route);
  }
  for (const line of service.logs()) {
    assert.ok(!line.includes("?"), "no query is logged");
    assert.ok(!/cursor=|token=/.test(line), "no query is logged");
  }
});

test("a_cf_ray_is_logged", async () => {
  const ray = `${randomUUID().slice(0, 8)}deadbeef-CDG`;
  const { headers } = await root.send("GET", "/healthz", { headers: { "cf-ray": ray } });
  const id = headers.get("x-request-id") ?? "";
  await untilTrue("the line is there", async () =>
    service.logs().some((line) => line.includes(id) && line.includes(ray)),
  );
});

/** The lines of the log that are about a request. */
function requestLines(): Record<string, unknown>[] {
  return service.logs().flatMap((line) => {
    if (!line.includes("request_id")) return [];
    assert.ok(!line.includes("\n"));
    return [JSON.parse(line) as Record<string, unknown>];
  });
}

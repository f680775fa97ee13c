// Revoking a connection at its provider: whichever call it comes by, the provider is told of each credential, once.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { eventsOf, mint, newUser } from "./kit/actions.ts";
import { userPath } from "./kit/api.ts";
import { connect, connectionPath, issuePair, newApp, revokeConnection } from "./kit/connections.ts";
import { Provider } from "./kit/provider.ts";
import { serve } from "./kit/service.ts";
import type { App, ChangedConnection, Problem } from "./kit/shapes.ts";
import { Stytch } from "./kit/stytch.ts";
import {
  appOf,
  hold,
  newProvider,
  readHolder,
  settled,
  statesOf,
  type Holder,
  type Upstream,
} from "./kit/upstream.ts";
import { sleep, untilTrue } from "./kit/wait.ts";

const service = await serve({ vars: { UPSTREAM_TIMEOUT_MS: "2000" } });
after(() => service.stop());
const { root } = service;
const provider = await Provider.start();
after(() => provider.stop());

let slug: string;
let app: App;

before(async () => {
  const url = `${provider.origin}/revoke`;
  slug = await newProvider(root, { revocation: { method: "rfc7009", url, auth: "none" } });
  app = await appOf(root, slug);
});

/** A connection with both of a provider's tokens. */
async function holding(): Promise<{ held: Holder; tokens: string[] }> {
  const tokens = [provider.token(), provider.token()];
  const [refresh_token = "", access_token = ""] = tokens;
  return { held: await hold(root, app, { refresh_token, access_token }), tokens };
}

function timesAsked(tokens: string[]): number[] {
  return tokens.map((token) => provider.askedOf(token).length);
}

const BOTH_REVOKED = ["refresh_token revoked 1", "access_token revoked 1"];

/** A call of Composio's. */
async function composio(method: string, rest: string): Promise<void> {
  const headers = { "x-api-key": service.secrets.rootKey };
  const target = `/api/v3.1/connected_accounts/${rest}`;
  const json = method === "POST" ? { json: {} } : {};
  const { status, text } = await root.as(undefined).send(method, target, { ...json, headers });
  assert.equal(status, 200, text);
}

interface How {
  /** Whether the connection is deleted. */
  isDeleted?: true;
  /** Whether the connection ends with others: their end is one event, which lists them. */
  isCascade?: true;
}

/** Every way to end a connection. */
const WAYS: [name: string, end: (held: Holder) => Promise<unknown>, how?: How][] = [
  ["our own call", ({ id }) => revokeConnection(root, id, "a reason")],
  [
    "Flinks' call",
    async ({ id }) => {
      const [access] = await issuePair(root, id);
      const { status, text } = await root.as(access).send("DELETE", "/api/v1/revoke");
      assert.equal(status, 204, text);
    },
  ],
  [
    "Stytch's call",
    async ({ user_id, app_id }) => {
      const stytch = new Stytch(root, service.projectId, service.secrets.rootKey);
      const { status, text } = await stytch.revoke(user_id, app_id);
      assert.equal(status, 200, text);
    },
    { isCascade: true },
  ],
  [
    "the user's end",
    ({ user_id }) => root.post(userPath(user_id, "/revoke"), {}),
    { isCascade: true },
  ],
  [
    "the end of the user's connections to the app",
    ({ user_id, app_id }) => root.post(userPath(user_id, "/revoke"), { app_id }),
    { isCascade: true },
  ],
  ["Composio's revoke", ({ id }) => composio("POST", `${id}/revoke`)],
  [
    "Composio's delete",
    ({ id }) => composio("DELETE", `${id}?revoke_on_delete=true`),
    { isDeleted: true },
  ],
];

for (const [name, end, { isDeleted, isCascade } = {}] of WAYS) {
  test(`the_provider_is_told_once_of_each_credential (${name})`, async () => {
    const { held, tokens } = await holding();
    assert.deepEqual(statesOf(held), ["refresh_token held 0", "access_token held 0"]);
    await end(held);
    if (isDeleted !== true) {
      const ended = await settled(root, held.id);
      assert.deepEqual([ended.status, statesOf(ended)], ["revoked", BOTH_REVOKED]);
    }
    const told = async (): Promise<boolean> => timesAsked(tokens).every((count) => count > 0);
    await untilTrue("the provider is told", told);
    // The ledger takes over what the edge has not done, and has nothing left to take over.
    await sleep(300);
    assert.deepEqual(timesAsked(tokens), [1, 1]);
    const events = await eventsOf(root, held.user_id);
    const first = isCascade ? "user.revoked" : "connection.revoking";
    for (const type of [first, "connection.revoked"]) {
      assert.equal(events.filter((event) => event.type === type).length, 1, type);
    }
    if (isCascade) {
      const cascade = events.find(({ type }) => type === first);
      assert.deepEqual(cascade?.data["connections"], [held.id]);
    }
  });
}

test("a_connection_that_is_deleted_without_a_revocation_is_forgotten_here_alone", async () => {
  const { held, tokens } = await holding();
  await composio("DELETE", held.id);
  await root.get(connectionPath(held.id), 404);
  await sleep(1_500);
  assert.deepEqual(timesAsked(tokens), [0, 0]);
  const [event] = await eventsOf(root, held.user_id);
  assert.equal(event?.type, "connection.revoked");
  assert.deepEqual(
    (event.data["upstream"] as { state: string }[]).map(({ state }) => state),
    ["dismissed", "dismissed"],
  );
});

test("what_a_connection_holds_is_shown_without_the_secrets", async () => {
  const [access_token, refresh_token] = [provider.token(), provider.token()];
  const expires_at = "2099-12-31T23:59:59Z";
  const held = await hold(root, app, { access_token, refresh_token, expires_at });
  const { changed_at } = held;
  const rest = { state: "held", attempts: 0, next_attempt_at: null, error: null, changed_at };
  assert.deepEqual(held.upstream, {
    provider: slug,
    credentials: [
      { token_type: "refresh_token", expires_at: null, revocation_id: null, ...rest },
      {
        token_type: "access_token",
        expires_at: "2099-12-31T23:59:59.000000Z",
        revocation_id: null,
        ...rest,
      },
    ],
  });
  assert.deepEqual((await readHolder(root, held.id)).upstream, held.upstream);

  const soon = await hold(root, app, { access_token: provider.token(), expires_in: 60 });
  const [only] = soon.upstream?.credentials ?? [];
  const lifetime = Date.parse(only?.expires_at ?? "") - Date.parse(soon.created_at);
  assert.ok(Math.abs(lifetime - 60_000) < 1_000, `${lifetime}`);

  const bare = await connect(root, held.user_id, app.app_id);
  assert.equal((await readHolder(root, bare.id)).upstream, null);
});

test("an_answer_to_a_revoke_says_what_the_provider_did", async () => {
  const { held } = await holding();
  const path = connectionPath(held.id, "/revoke");
  const { body } = await root.post<Holder & ChangedConnection>(path, {});
  assert.deepEqual(
    [body.changed, body.previous, body.status, statesOf(body)],
    [true, "active", "revoked", BOTH_REVOKED],
  );
  const again = (await root.post<ChangedConnection>(path, {})).body;
  assert.deepEqual([again.changed, again.previous], [false, "revoked"]);
});

test("a_credential_takes_the_place_of_the_one_before", async () => {
  const { held, tokens } = await holding();
  const path = connectionPath(held.id, "/upstream");
  const fresh = [provider.token(), provider.token()];
  const replaced = await root.put<Holder>(path, { access_token: fresh[0], expires_in: 3_600 });
  assert.deepEqual(statesOf(replaced.body), ["refresh_token held 0", "access_token held 0"]);
  assert.equal(replaced.body.upstream?.credentials[0]?.expires_at, null);
  await revokeConnection(root, held.id);
  assert.deepEqual(timesAsked([...tokens, fresh[0] ?? ""]), [1, 0, 1]);

  const { body } = await root.put<Problem>(path, { access_token: fresh[1] }, 409);
  assert.equal(body.connection?.status, "revoked", "a dead connection takes nothing in");
});

test("a_connection_that_held_nothing_can_hold_something_later", async () => {
  const user = await newUser(root);
  const made = await connect(root, user, app.app_id);
  const token = provider.token();
  const path = connectionPath(made.id, "/upstream");
  const { body } = await root.put<Holder>(path, { refresh_token: token });
  assert.deepEqual([body.upstream?.provider, statesOf(body)], [slug, ["refresh_token held 0"]]);
  await revokeConnection(root, made.id);
  assert.equal(provider.askedOf(token).length, 1);
});

test("a_provider_that_is_named_goes_before_the_apps", async () => {
  const other = await newProvider(root, { revocation: { method: "none" } });
  const token = provider.token();
  const held = await hold(root, app, { refresh_token: token, provider: other });
  assert.equal(held.upstream?.provider, other);
  await revokeConnection(root, held.id);
  assert.equal(provider.askedOf(token).length, 0);
});

test("a_connection_holds_the_credentials_of_one_provider", async () => {
  const revocation = { method: "rfc7009", url: `${provider.origin}/`, auth: "none" } as const;
  const [one, other] = [
    await newProvider(root, { revocation }),
    await newProvider(root, { revocation }),
  ];
  const held = await hold(root, app, {
    access_token: "a",
    refresh_token: "r",
    provider: one,
  });
  const path = connectionPath(held.id, "/upstream");
  const mixed = { provider: other, access_token: "b" };
  assert.equal((await root.put<Problem>(path, mixed, 409)).body.code, "provider_differs");
  const both = await root.put<Holder>(path, { ...mixed, refresh_token: "s" });
  assert.deepEqual([both.body.upstream?.provider, statesOf(both.body).length], [other, 2]);
});

test("credentials_of_nobody_in_particular_are_refused", async () => {
  const user_id = await newUser(root);
  const { app_id } = await newApp(root);
  const json = { user_id, app_id, upstream: { access_token: "x" } };
  const { body } = await root.post<Problem>("/v1/connections", json, 400);
  assert.equal(body.code, "provider_missing");
  const { id } = await connect(root, user_id, app_id);
  const path = connectionPath(id, "/upstream");
  assert.equal(
    (await root.put<Problem>(path, { access_token: "x" }, 400)).body.code,
    "provider_missing",
  );
});

const REFUSED: [what: string, upstream: Upstream | object, member: string][] = [
  ["no token", {}, "access_token"],
  ["an empty token", { access_token: "" }, "access_token"],
  ["a token with a space", { access_token: "a b" }, "access_token"],
  ["a token that is too long", { refresh_token: "a".repeat(4_097) }, "refresh_token"],
  ["an expiry of nothing", { refresh_token: "a", expires_in: 60 }, "access_token"],
  ["no time", { access_token: "a", expires_at: "tomorrow" }, "expires_at"],
  [
    "two expiries",
    { access_token: "a", expires_at: "2099-01-01T00:00:00Z", expires_in: 1 },
    "expires_in",
  ],
  ["no slug", { access_token: "a", provider: "No Slug" }, "provider"],
  ["something else", { access_token: "a", id_token: "b" }, "id_token"],
];

for (const [what, upstream, member] of REFUSED) {
  test(`what_is_no_credential_is_refused (${what})`, async () => {
    const user_id = await newUser(root);
    const json = { user_id, app_id: app.app_id, upstream };
    const { body } = await root.post<Problem>("/v1/connections", json, 400);
    assert.match(Object.keys(body.errors ?? {}).join(), new RegExp(member), body.detail);
  });
}

test("credentials_that_no_provider_revokes_are_erased", async () => {
  const spotify = await appOf(root, "spotify");
  const justAccess = await newProvider(root, {
    revocation: {
      method: "rfc7009",
      url: `${provider.origin}/`,
      auth: "none",
      tokens: ["access_token"],
    },
  });
  const unsupported = ["refresh_token unsupported 0", "access_token unsupported 0"];
  for (const [of, states] of [
    [spotify, unsupported],
    [await appOf(root, justAccess), ["refresh_token unsupported 0", "access_token revoked 1"]],
  ] as const) {
    const [refresh_token, access_token] = [provider.token(), provider.token()];
    const held = await hold(root, of, { refresh_token, access_token });
    const { status } = await revokeConnection(root, held.id);
    assert.deepEqual([status, statesOf(await readHolder(root, held.id))], ["revoked", states]);
    assert.equal(provider.askedOf(refresh_token).length, 0);
  }
});

test("what_nobody_can_be_asked_about_waits_for_the_operator", async () => {
  const clientless = await newProvider(root, {
    revocation: { method: "rfc7009", url: `${provider.origin}/`, auth: "post" },
  });
  const deleted = await newProvider(root, {
    revocation: { method: "rfc7009", url: `${provider.origin}/`, auth: "none" },
  });
  for (const [of, error] of [
    [deleted, "the provider does not exist"],
    ["github", "the provider has no client_id"],
    [clientless, "the provider has no client_id"],
  ] as const) {
    const access_token = provider.token();
    const held = await hold(root, await appOf(root, of), { access_token });
    if (of === deleted) {
      assert.equal((await root.send("DELETE", `/v1/providers/${of}`)).status, 204);
    }
    const { status } = await revokeConnection(root, held.id);
    const { upstream } = await readHolder(root, held.id);
    const credential = upstream?.credentials[0];
    assert.deepEqual(
      [status, credential?.state, credential?.error],
      ["revoking", "abandoned", error],
    );
    assert.equal(provider.askedOf(access_token).length, 0);
  }
});

test("credentials_of_a_provider_that_does_not_exist_are_refused", async () => {
  const json = { user_id: await newUser(root), app_id: app.app_id };
  const upstream = { provider: `p-${randomUUID()}`, access_token: "x" };
  const { body } = await root.post<Problem>("/v1/connections", { ...json, upstream }, 400);
  assert.equal(body.code, "provider_not_found");
});

test("a_token_that_is_a_step_of_a_path_is_refused", async () => {
  const user_id = await newUser(root);
  for (const access_token of [".", ".."]) {
    const json = { user_id, app_id: app.app_id, upstream: { access_token } };
    assert.equal(
      (await root.post<Problem>("/v1/connections", json, 400)).body.code,
      "invalid_request",
    );
  }
});

test("a_connection_that_holds_nothing_is_revoked_at_once", async () => {
  const user = await newUser(root);
  const { id } = await connect(root, user, app.app_id);
  assert.equal((await revokeConnection(root, id)).status, "revoked");
  const types = (await eventsOf(root, user)).map(({ type }) => type);
  assert.ok(types.includes("connection.revoked") && !types.includes("connection.revoking"));
});

test("a_revoke_that_is_sent_again_tells_nobody_again", async () => {
  const { held, tokens } = await holding();
  const headers = { "idempotency-key": `key-${randomUUID()}` };
  const path = connectionPath(held.id, "/revoke");
  const first = await root.post<Holder & ChangedConnection>(path, {}, 200, headers);
  const again = await root.post<Holder & ChangedConnection>(path, {}, 200, headers);
  for (const { body } of [first, again]) {
    assert.deepEqual([body.changed, body.status, statesOf(body)], [true, "revoked", BOTH_REVOKED]);
  }
  assert.deepEqual(timesAsked(tokens), [1, 1]);
});

test("a_connection_that_is_made_again_by_the_same_key_is_one", async () => {
  const [user_id, refresh_token] = [await newUser(root), provider.token()];
  const headers = { "idempotency-key": `key-${randomUUID()}` };
  const json = { user_id, app_id: app.app_id, upstream: { refresh_token } };
  const first = await root.post<Holder>("/v1/connections", json, 201, headers);
  const again = await root.post<Holder>("/v1/connections", json, 201, headers);
  assert.deepEqual(again.body, first.body);
  await root.post(userPath(user_id, "/revoke"), {});
  await settled(root, first.body.id);
  assert.deepEqual(timesAsked([refresh_token]), [1]);
});

test("many_revokes_at_once_tell_the_provider_once", async () => {
  const { held, tokens } = await holding();
  const path = connectionPath(held.id, "/revoke");
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => root.post<ChangedConnection>(path, {})),
  );
  assert.equal(answers.filter(({ body }) => body.previous === "active").length, 1);
  assert.equal((await settled(root, held.id)).status, "revoked");
  assert.deepEqual(timesAsked(tokens), [1, 1]);
});

test("whatever_is_under_a_connection_is_dead_before_the_provider_answers", async () => {
  const token = provider.token("hangs");
  const held = await hold(root, app, { refresh_token: token });
  const [access] = await issuePair(root, held.id);
  const revoke = revokeConnection(root, held.id);
  await untilTrue("the provider is asked", async () => provider.askedOf(token).length > 0);
  const { body } = await root.post<{ status: string }>("/v1/tokens/check", { token: access });
  assert.equal(body.status, "revoked");
  assert.equal((await readHolder(root, held.id)).status, "revoking");
  await root.post(connectionPath(held.id, "/tokens"), {}, 409);
  const { connection_id } = await mint(root, held.user_id, { app_id: app.app_id });
  assert.notEqual(connection_id, held.id, "there is no way back into it");
  await revoke;
});

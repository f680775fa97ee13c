// How a user comes to be connected: a connection token that names an app, and its consumption.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, test } from "node:test";

import { check, consume, mint, newUser, partooSpelling, revoke } from "./kit/actions.ts";
import {
  connect,
  connectionsOf,
  disable,
  enable,
  newApp,
  readConnection,
  revokeConnection,
} from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import type { Order, Problem } from "./kit/shapes.ts";
import { sleep, times } from "./kit/wait.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

const SCOPES = ["a", "b", "c"];

test("a_token_that_names_an_app_begins_a_connection", async () => {
  const { user, app_id } = await newPair();
  const minted = await mint(root, user, { app_id, ttl: 600 });
  const { connection_id } = minted;
  assert.equal(minted.scope, "a b c", "all that the app has, where none is named");
  const verdict = await check(root, minted.token);
  assert.deepEqual([verdict.app_id, verdict.connection_id], [app_id, connection_id]);

  const begun = await readConnection(root, connection_id ?? "");
  assert.deepEqual(
    [begun.status, begun.user_id, begun.app_id, begun.created_by],
    ["initiated", user, app_id, "root"],
  );
  assert.deepEqual(
    [begun.created_at, begun.expires_at, begun.activated_at],
    [minted.created_at, minted.expires_at, null],
  );
});

test("a_token_without_an_app_has_no_connection", async () => {
  const user = await newUser(root);
  const minted = await mint(root, user, { scope: "x" });
  assert.equal(minted.connection_id, null);
  const { body } = await consume(root, minted.token);
  assert.deepEqual([body.connection_id, body.connection], [null, null]);
  assert.deepEqual(await connectionsOf(root, user), []);
});

test("consuming_the_token_makes_its_connection_active", async () => {
  const { user, app_id } = await newPair();
  const { token, connection_id } = await mint(root, user, { app_id, scope: "a" });
  const { status, body } = await consume(root, partooSpelling(token));
  assert.equal(status, 200);
  const { connection } = body;
  assert.deepEqual(
    [connection?.id, connection?.status, connection?.scope, connection?.expires_at],
    [connection_id, "active", "a", null],
  );
  assert.deepEqual(
    [connection?.activated_at, connection?.changed_at, connection?.changed_by],
    [body.consumed_at, body.consumed_at, "root"],
  );
  const read = await readConnection(root, connection_id ?? "");
  assert.deepEqual(read, { ...connection, as_of: read.as_of });
});

test("a_token_is_attached_to_the_newest_connection_that_lives", async () => {
  const { user, app_id } = await newPair();
  const attachedTo = async (): Promise<string> =>
    (await mint(root, user, { app_id })).connection_id ?? "";
  const first = await mint(root, user, { app_id });
  const one = first.connection_id ?? "";
  assert.equal(await attachedTo(), one, "while it is initiated");
  await consume(root, first.token);
  assert.equal(await attachedTo(), one, "while it is active");

  const two = (await connect(root, user, app_id)).id;
  assert.equal(await attachedTo(), two, "the newest");
  await revokeConnection(root, two);
  assert.equal(await attachedTo(), one, "the newest that is not dead");
  await disable(root, one);
  const three = await attachedTo();
  assert.ok(![one, two].includes(three), "an inactive one takes none");
  await enable(root, one);
  assert.equal(await attachedTo(), three);

  const other = await newPair();
  assert.notEqual((await mint(root, user, { app_id: other.app_id })).connection_id, three);
  assert.notEqual((await mint(root, other.user, { app_id })).connection_id, three);
});

test("an_initiated_connection_lives_as_long_as_the_longest_of_its_tokens", async () => {
  const { user, app_id } = await newPair();
  const short = await mint(root, user, { app_id, ttl: 60 });
  const long = await mint(root, user, { app_id, ttl: 600 });
  await mint(root, user, { app_id, ttl: 1 });
  const id = short.connection_id ?? "";
  assert.equal((await readConnection(root, id)).expires_at, long.expires_at);
  await sleep(1_200);
  assert.equal((await readConnection(root, id)).status, "initiated");
  assert.equal((await consume(root, short.token)).status, 200);
});

test("a_token_that_dies_alone_leaves_its_connection", async () => {
  const { user, app_id } = await newPair();
  const [one, two] = [await mint(root, user, { app_id }), await mint(root, user, { app_id })];
  await revoke(root, one.token);
  assert.equal((await readConnection(root, one.connection_id ?? "")).status, "initiated");
  assert.equal((await consume(root, two.token)).status, 200);
});

test("a_second_authorization_adds_to_the_scope", async () => {
  const { user, app_id } = await newPair();
  const first = await mint(root, user, { app_id, scope: "b" });
  const begun = (await consume(root, first.token)).body.connection;
  const second = await mint(root, user, { app_id, scope: "a b" });
  assert.equal(second.connection_id, first.connection_id);
  const { connection } = (await consume(root, second.token)).body;
  assert.deepEqual(new Set(connection?.scope?.split(" ")), new Set(["a", "b"]));
  assert.deepEqual(
    [connection?.activated_at, connection?.changed_at],
    [begun?.activated_at, begun?.changed_at],
    "it was active before",
  );
});

test("a_scope_that_was_asked_for_and_never_authorized_is_not_granted", async () => {
  const { user, app_id } = await newPair();
  const asked = await mint(root, user, { app_id, scope: "a" });
  const authorized = await mint(root, user, { app_id, scope: "b" });
  assert.equal(authorized.connection_id, asked.connection_id);
  const { connection } = (await consume(root, authorized.token)).body;
  assert.equal(connection?.scope, "b");
});

test("minting_gives_the_connection_no_scope_yet", async () => {
  const { user, app_id } = await newPair();
  const { id } = await connect(root, user, app_id, { scope: "a" });
  await mint(root, user, { app_id, scope: "b c" });
  assert.equal((await readConnection(root, id)).scope, "a");
});

test("an_inactive_connection_lets_no_token_be_consumed_and_the_token_waits", async () => {
  const { user, app_id } = await newPair();
  const { id } = await connect(root, user, app_id);
  const { token, connection_id } = await mint(root, user, { app_id });
  assert.equal(connection_id, id);
  await disable(root, id, "under review");
  for (const _ of [1, 2]) {
    const refused = await consume(root, token);
    assert.deepEqual([refused.status, refused.body.code], [409, "connection_inactive"]);
    const { connection } = refused.body as unknown as Problem;
    assert.deepEqual(
      [connection?.id, connection?.status, connection?.status_reason],
      [id, "inactive", "under review"],
    );
  }
  assert.equal((await check(root, token)).status, "inactive");
  await enable(root, id);
  assert.equal((await check(root, token)).status, "valid");
  assert.equal((await consume(root, token)).status, 200);
});

test("a_token_of_a_revoked_connection_is_revoked", async () => {
  const { user, app_id } = await newPair();
  const { token, connection_id } = await mint(root, user, { app_id });
  const revoked = await revokeConnection(root, connection_id ?? "", "changed my mind");
  const refused = await consume(root, token);
  assert.deepEqual([refused.status, refused.body.code], [409, "token_revoked"]);
  const { status, revoked_at, reason, by } = await check(root, token);
  assert.deepEqual(
    [status, revoked_at, reason, by],
    ["revoked", revoked.revoked_at, "changed my mind", "root"],
  );
});

test("of_64_concurrent_consumes_exactly_one_activates_the_connection", async () => {
  const { user, app_id } = await newPair();
  const { token, connection_id } = await mint(root, user, { app_id });
  const answers = await Promise.all(times(64, () => consume(root, token)));
  const won = answers.filter(({ status }) => status === 200);
  assert.equal(won.length, 1);
  const { activated_at } = await readConnection(root, connection_id ?? "");
  assert.equal(activated_at, won[0]?.body.consumed_at);
});

test("a_redirect_uri_is_one_that_the_app_has_registered", async () => {
  const user = await newUser(root);
  const redirect_uris = ["https://app.example/callback", "http://127.0.0.1/back"];
  const { app_id } = await newApp(root, { redirect_uris });
  for (const redirect_uri of redirect_uris) {
    assert.equal((await mint(root, user, { app_id, redirect_uri })).redirect_uri, redirect_uri);
  }
  // An app on a device listens on any free port (RFC 8252 §7.3).
  const redirect_uri = "http://127.0.0.1:51004/back";
  assert.equal((await mint(root, user, { app_id, redirect_uri })).redirect_uri, redirect_uri);
  const bare = await newApp(root);
  const refused: Order[] = [
    ...["/", "?x=1", ""].map((more) => ({ app_id, redirect_uri: `${redirect_uris[0]}${more}x` })),
    { app_id, redirect_uri: "https://APP.example/callback" },
    { app_id, redirect_uri: "http://127.0.0.1:8080/" },
    { app_id, redirect_uri: "https://app.example:8443/callback" },
    { app_id: bare.app_id, redirect_uri: redirect_uris[0] ?? "" },
  ];
  const before = (await connectionsOf(root, user)).length;
  for (const order of refused) {
    const { body } = await root.post<Problem>("/v1/tokens", { user_id: user, ...order }, 400);
    assert.equal(body.code, "redirect_uri_not_registered", order.redirect_uri);
  }
  assert.equal((await connectionsOf(root, user)).length, before);
});

test("a_token_that_could_not_work_later_is_refused", async () => {
  const user = await newUser(root);
  const redirect_uri = "https://app.example/callback";
  const app = { client_type: "public" as const, redirect_uris: [redirect_uri] };
  const { app_id } = await newApp(root, app);
  const refused: [object, string][] = [
    [{ redirect_uri }, "redirect_uri"],
    [{ app_id, redirect_uri }, "code_challenge"],
  ];
  for (const [more, field] of refused) {
    const { body } = await root.post<Problem>("/v1/tokens", { user_id: user, ...more }, 400);
    assert.deepEqual([body.code, Object.keys(body.errors ?? {})], ["invalid_request", [field]]);
  }
  await mint(root, user, { app_id });
});

test("a_code_challenge_is_of_an_app_and_of_sha_256", async () => {
  const { user, app_id } = await newPair();
  const code_challenge = createHash("sha256").update(randomBytes(32)).digest("base64url");
  await mint(root, user, { app_id, code_challenge, code_challenge_method: "S256" });
  const refused: [object, string][] = [
    [{ code_challenge, code_challenge_method: "S256" }, "code_challenge"],
    [{ app_id, code_challenge, code_challenge_method: "plain" }, "code_challenge_method"],
    [{ app_id, code_challenge: `${code_challenge}=` }, "code_challenge"],
    [{ app_id, code_challenge: code_challenge.slice(1) }, "code_challenge"],
    [{ app_id, code_challenge: `${code_challenge.slice(1)}+` }, "code_challenge"],
    [{ app_id, code_challenge: 1 }, "code_challenge"],
  ];
  for (const [more, field] of refused) {
    const { body } = await root.post<Problem>("/v1/tokens", { user_id: user, ...more }, 400);
    assert.deepEqual([body.code, Object.keys(body.errors ?? {})], ["invalid_request", [field]]);
  }
});

test("no_verdict_shows_the_code_challenge", async () => {
  const { user, app_id } = await newPair();
  const code_challenge = createHash("sha256").update(randomBytes(32)).digest("base64url");
  const order = { user_id: user, app_id, code_challenge };
  const { text, body } = await root.post<{ token: string }>("/v1/tokens", order, 201);
  const { text: checked } = await root.post("/v1/tokens/check", { token: body.token });
  const { text: listed } = await root.get(`/v1/users/${user}/events`);
  for (const one of [text, checked, listed]) assert.ok(!one.includes(code_challenge));
});

async function newPair(): Promise<{ user: string; app_id: string }> {
  const { app_id } = await newApp(root, { scopes: SCOPES });
  return { user: await newUser(root), app_id };
}

// Secrets are rotated without ending what they made; dropping one ends all of it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, checkAll, consume, mint, newKey, newUser, tokensOf } from "./kit/actions.ts";
import { userPath } from "./kit/api.ts";
import { PREVIOUS, SECRET, newSecret, serve } from "./kit/service.ts";
import type { Minted, NewApiKey, Revoked } from "./kit/shapes.ts";

const [A, B, C] = [newSecret(), newSecret(), newSecret()];

const service = await serve({ vars: { [SECRET]: A } });
after(() => service.stop());
const { root } = service;

let user: string;
let key: NewApiKey;
let tokens: Minted[];

before(async () => {
  user = await newUser(root, { role: "admin" });
  key = await newKey(root, user);
  tokens = [
    await mint(root, user),
    await mint(root, user),
    await mint(root, user),
    await mint(root, user),
  ];
});

test("what_an_earlier_secret_made_goes_on_while_another_mints", async () => {
  await service.restart({ [SECRET]: B, [PREVIOUS]: A });
  const old = tokens[0]?.token ?? "";
  assert.equal((await check(root, old)).status, "valid");
  await root.as(key.api_key).get(userPath(user));
  assert.equal((await consume(root.as(key.api_key), old)).status, 200);

  const fresh = await mint(root.as(key.api_key), user);
  assert.equal((await check(root, fresh.token)).status, "valid");
  tokens.push(fresh);
});

test("several_earlier_secrets_are_read_newest_first", async () => {
  for (const list of [`${B},${A}`, ` ${B} , ${A} `]) {
    await service.restart({ [SECRET]: C, [PREVIOUS]: list });
    const statuses = (
      await checkAll(
        root,
        tokens.map(({ token }) => token),
      )
    ).map(({ status }) => status);
    assert.deepEqual(statuses, ["consumed", "valid", "valid", "valid", "valid"]);
  }
  await root.as(key.api_key).get(userPath(user));
});

test("a_repeated_mint_gives_the_same_token_after_a_rotation", async () => {
  const headers = { "idempotency-key": "over-the-rotation" };
  await service.restart({ [SECRET]: B, [PREVIOUS]: A });
  const first = await root.post<Minted>("/v1/tokens", { user_id: user }, 201, headers);
  await service.restart({ [SECRET]: C, [PREVIOUS]: `${B},${A}` });
  const again = await root.post<Minted>("/v1/tokens", { user_id: user }, 201, headers);
  assert.equal(again.body.token, first.body.token);
});

test("what_a_dropped_secret_made_is_refused", async () => {
  await service.restart({ [SECRET]: C, [PREVIOUS]: B });
  for (const { token } of tokens.slice(0, 4)) {
    await root.post("/v1/tokens/check", { token }, 404);
    assert.equal((await consume(root, token)).status, 404);
  }
  await root.as(key.api_key).get(userPath(user), 401);
  const made = tokens[4];
  assert.equal(
    (await check(root, made?.token ?? "")).status,
    "valid",
    "B made it, and B is listed",
  );

  await service.restart({ [SECRET]: C, [PREVIOUS]: undefined });
  await root.post("/v1/tokens/check", { token: made?.token }, 404);
});

test("what_was_dropped_is_still_listed_and_can_be_minted_anew", async () => {
  const listed = await tokensOf(root, user, { kind: "connection_token" });
  assert.ok(listed.length >= tokens.length);
  const fresh = await mint(root, user);
  assert.equal((await consume(root, fresh.token)).status, 200);
});

test("a_dropped_secret_that_comes_back_brings_its_tokens_back", async () => {
  await service.restart({ [SECRET]: C, [PREVIOUS]: A });
  const { body } = await root.post<Revoked>("/v1/tokens/revoke", { token: tokens[1]?.token });
  assert.equal(body.changed, true);
  assert.equal((await check(root, tokens[0]?.token ?? "")).status, "consumed");
});

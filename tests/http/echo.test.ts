// Errors never give a token back, wherever it was put.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { forge, mint, newKey, newUser } from "./kit/actions.ts";
import { userPath, type Answer, type Options } from "./kit/api.ts";
import { serve } from "./kit/service.ts";

const MINT = "/v1/tokens";
const KEYS = "/v1/api-keys";
const CHECK = "/v1/tokens/check";
const CONSUME = "/v1/tokens/consume";
const REVOKE = "/v1/tokens/revoke";

const service = await serve();
after(() => service.stop());
const { root } = service;

let user: string;
let token: string;
let apiKey: string;

before(async () => {
  user = await newUser(root);
  ({ token } = await mint(root, user));
  apiKey = (await newKey(root, user)).api_key;
});

test("an_error_never_repeats_a_token", async () => {
  const secrets = { token, apiKey, forged: forge(token) };
  for (const secret of Object.values(secrets)) {
    const misplaced: [string, string, Options][] = [
      ["POST", CHECK, { json: { token: [secret] } }],
      ["POST", CHECK, { json: { tokens: secret } }],
      ["POST", CHECK, { json: { tokens: [{ token: secret }] } }],
      ["POST", CHECK, { json: { [secret]: 1 } }],
      ["POST", CHECK, { json: { token, [secret]: secret } }],
      ["POST", CHECK, { json: { token_id: secret } }],
      ["POST", CHECK, { json: { token: `${secret}0` } }],
      ["POST", CHECK, { body: secret }],
      ["POST", CHECK, { body: `{"token":"${secret}` }],
      ["POST", CHECK, { body: `{"token":${secret}}` }],
      ["POST", CHECK, { json: { token }, headers: { "content-type": secret } }],
      ["POST", MINT, { json: { user_id: secret } }],
      ["POST", MINT, { json: { user_id: user, ttl: secret } }],
      ["POST", MINT, { json: { user_id: user, app_id: secret } }],
      [
        "POST",
        MINT,
        { json: { user_id: user }, headers: { "idempotency-key": `${secret} ` + secret } },
      ],
      ["POST", KEYS, { json: { user_id: secret } }],
      ["POST", CONSUME, { json: { token: secret.slice(0, -1) } }],
      ["POST", CONSUME, { json: { token: apiKey } }],
      ["POST", REVOKE, { json: { token: secret.toUpperCase() } }],
      ["PUT", userPath(user), { json: { external_id: ` ${secret}` } }],
      ["PUT", userPath(user), { json: { role: secret } }],
      ["GET", userPath(secret), {}],
      ["GET", userPath(user, `/${secret}`), {}],
      ["GET", `${userPath(user, "/tokens")}?cursor=${secret}`, {}],
      ["GET", `${userPath(user, "/tokens")}?status=${secret}`, {}],
      ["GET", `${userPath(user, "/tokens")}?${secret}=1`, {}],
      ["GET", `${userPath(user, "/tokens")}?${secret}=1&${secret}=2`, {}],
      ["GET", `/v1/${secret}`, {}],
      ["GET", `/${secret}`, {}],
      ["DELETE", userPath(secret), {}],
      ["GET", `/v2/connection/${secret}`, {}],
    ];
    for (const [method, path, options] of misplaced) {
      repeatsNothing(await root.send(method, path, options), secret, `${method} ${path}`);
    }
    for (const headers of [
      { authorization: secret },
      { authorization: `Basic ${secret}` },
      { authorization: `Bearer ${secret}x` },
    ]) {
      repeatsNothing(
        await root.as(undefined).send("GET", userPath(user), { headers }),
        secret,
        "as a key",
      );
    }
    const partoo = root.partoo();
    repeatsNothing(
      await partoo.send("POST", "/v2/connection/revoke_token", {
        json: { user_id: secret, token: 1 },
      }),
      secret,
      "Partoo",
    );
    repeatsNothing(
      await partoo.send("POST", "/v2/connection/revoke_token", {
        json: { user_id: user, [secret]: 1 },
      }),
      secret,
      "Partoo",
    );
    repeatsNothing(
      await partoo.send("GET", `/connection/check_token?token=${secret}`),
      secret,
      "Partoo",
    );
  }
});

function repeatsNothing(answer: Answer<unknown>, secret: string, what: string): void {
  const place = what.replaceAll(secret, "(secret)");
  assert.ok(answer.status >= 400 && answer.status < 500, `${place}: ${answer.status}`);
  const said = (answer.text + [...answer.headers].join()).toLowerCase();
  assert.ok(!said.includes(secret.slice(4, 24)), `${place} repeats it`);
}

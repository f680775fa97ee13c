// Partoo's three calls, as its clients make them: with and without the version in the path.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import {
  asNew,
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
import type { Answer, Api } from "./kit/api.ts";
import { serve } from "./kit/service.ts";
import type { PartooChecked, PartooErrors } from "./kit/shapes.ts";
import { sleep } from "./kit/wait.ts";

const TOKEN = /^\\x[0-9a-f]{48}$/;
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/;
const NOT_FOUND = { errors: { json: "Resource not found" } };
const UNAUTHENTICATED = { errors: { authentication: "User not authenticated" } };
const FORBIDDEN = { errors: { authorization: "Operation not allowed" } };

const service = await serve();
after(() => service.stop());
const { root } = service;
const partoo = root.partoo();

interface Generated {
  token: string;
  expiration_date: string;
}

for (const prefix of ["/v2/connection", "/connection"]) {
  const generate = async (api: Api, json: object): Promise<Generated> =>
    (await api.post<Generated>(`${prefix}/generate_token`, json)).body;
  const look = (
    api: Api,
    user: string,
    token: string,
  ): Promise<Answer<PartooChecked & PartooErrors>> =>
    api.send("GET", `${prefix}/check_token?${new URLSearchParams({ user_id: user, token })}`);
  const take = (api: Api, json: object): Promise<Answer<PartooErrors>> =>
    api.send("POST", `${prefix}/revoke_token`, { json });

  test(`a_token_is_generated_checked_and_consumed (${prefix})`, async () => {
    const user = await newUser(root);
    const backend = await asNew(root, { role: "admin" });
    const api = backend.api.partoo();
    const made = await generate(api, { user_id: user, ttl: 60 });
    assert.deepEqual(Object.keys(made).sort(), ["expiration_date", "token"]);
    assert.match(made.token, TOKEN);
    assert.match(made.expiration_date, DATE);

    const { body } = await look(api, user, made.token);
    assert.deepEqual(Object.keys(body).sort(), [
      "creation_date",
      "expiration_date",
      "generated_by",
      "status",
      "token",
    ]);
    assert.deepEqual(
      [body.token, body.status, body.generated_by],
      [made.token, "valid", backend.userId],
    );
    assert.equal(body.expiration_date, made.expiration_date);
    assert.match(body.creation_date, DATE);
    assert.equal(Date.parse(body.expiration_date) - Date.parse(body.creation_date), 60_000);

    assert.equal((await consume(root, made.token)).status, 200);
    const used = (await look(api, user, made.token)).body;
    assert.equal(used.status, "consumed");
    assert.match(used.consumption_date ?? "", DATE);
  });

  test(`a_token_is_generated_and_revoked (${prefix})`, async () => {
    const user = await newUser(root);
    const { token } = await generate(partoo, { user_id: user });
    const done = await take(partoo, { user_id: user, token });
    assert.deepEqual([done.status, done.body], [200, {}]);
    const { status, consumption_date } = (await look(partoo, user, token)).body;
    assert.deepEqual([status, consumption_date], ["revoked", undefined]);
    assert.equal((await consume(root, token)).body.code, "token_revoked");
  });

  test(`both_spellings_are_accepted_and_one_is_answered (${prefix})`, async () => {
    const user = await newUser(root);
    const { token } = await mint(root, user);
    for (const spelling of [token, partooSpelling(token)]) {
      const { body } = await look(partoo, user, spelling);
      assert.deepEqual([body.token, body.status], [partooSpelling(token), "valid"]);
    }
    assert.equal((await take(partoo, { user_id: user, token })).status, 200);
    assert.equal((await check(root, token)).status, "revoked");
  });

  test(`a_backslash_in_the_query_is_read_raw_and_encoded (${prefix})`, async () => {
    const user = await newUser(root);
    const { token } = await generate(partoo, { user_id: user });
    const hex = token.slice(2);
    for (const spelling of [`\\x${hex}`, `%5Cx${hex}`, `%5cx${hex}`, `%5C%78${hex}`]) {
      const target = `${prefix}/check_token?user_id=${user}&token=${spelling}`;
      assert.equal((await partoo.get<PartooChecked>(target)).body.token, token);
    }
  });

  test(`only_a_valid_token_is_revoked (${prefix})`, async () => {
    const user = await newUser(root);
    const used = await generate(partoo, { user_id: user });
    const taken = await generate(partoo, { user_id: user });
    const late = await generate(partoo, { user_id: user, ttl: 1 });
    await consume(root, used.token);
    await revoke(root, taken.token);
    await sleep(1_100);
    for (const [{ token }, status] of [
      [used, "consumed"],
      [taken, "revoked"],
      [late, "expired"],
    ] as const) {
      const answer = await take(partoo, { user_id: user, token });
      assert.equal(answer.status, 400);
      assert.deepEqual(answer.body, { errors: { json: { token: `Token is ${status}` } } });
      assert.equal((await look(partoo, user, token)).body.status, status);
    }
    assert.equal((await eventsOf(root, user, "token.revoked")).length, 1);
  });

  test(`without_a_token_every_valid_one_of_the_user_is_revoked (${prefix})`, async () => {
    const user = await newUser(root);
    const live = [
      await generate(partoo, { user_id: user }),
      await generate(partoo, { user_id: user }),
    ];
    const used = await generate(partoo, { user_id: user });
    await consume(root, used.token);
    const key = await newKey(root, user);

    const done = await take(partoo, { user_id: user });
    assert.deepEqual([done.status, done.body], [200, {}]);
    for (const { token } of live)
      assert.equal((await look(partoo, user, token)).body.status, "revoked");
    assert.equal((await look(partoo, user, used.token)).body.status, "consumed");
    assert.equal((await check(root, key.api_key)).status, "valid", "a key is no connection token");

    const again = await take(partoo, { user_id: user });
    assert.deepEqual([again.status, again.body], [404, NOT_FOUND]);
    assert.equal((await eventsOf(root, user, "user.revoked")).length, 1, "one event per change");
  });

  test(`what_is_no_connection_token_of_the_user_is_not_found (${prefix})`, async () => {
    const [user, other] = [await newUser(root), await newUser(root)];
    const { token, token_id } = await mint(root, user);
    const key = await newKey(root, user);
    const strange: [string, string][] = [
      [other, token],
      ["nobody", token],
      [user, forge(token)],
      [user, forge(partooSpelling(token))],
      [user, token.slice(0, -2)],
      [user, partooSpelling(token).slice(1)],
      [user, token_id],
      [user, key.api_key],
      [user, "nonsense"],
    ];
    for (const [whose, handle] of strange) {
      const looked = await look(partoo, whose, handle);
      assert.deepEqual([looked.status, looked.body], [404, NOT_FOUND], handle.slice(0, 4));
      const taken = await take(partoo, { user_id: whose, token: handle });
      assert.deepEqual([taken.status, taken.body], [404, NOT_FOUND], handle.slice(0, 4));
    }
    assert.equal((await check(root, token)).status, "valid");
    assert.equal((await check(root, key.api_key)).status, "valid");
  });

  test(`an_unknown_user_is_not_found_by_who_writes_everyone (${prefix})`, async () => {
    for (const [method, name] of [
      ["POST", "generate_token"],
      ["POST", "revoke_token"],
    ] as const) {
      const { status, body } = await partoo.send(method, `${prefix}/${name}`, {
        json: { user_id: "nobody" },
      });
      assert.deepEqual([status, body], [404, NOT_FOUND]);
    }
  });

  test(`who_may_not_write_the_user_is_not_allowed (${prefix})`, async () => {
    const user = await newUser(root);
    const { token } = await generate(partoo, { user_id: user });
    const stranger = (await asNew(root, { role: "member" })).api.partoo();
    for (const answer of [
      await stranger.send("POST", `${prefix}/generate_token`, { json: { user_id: user } }),
      await look(stranger, user, token),
      await take(stranger, { user_id: user, token }),
      await take(stranger, { user_id: user }),
      await take(stranger, { user_id: "nobody" }),
    ]) {
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN]);
    }
    assert.equal((await check(root, token)).status, "valid");
  });

  test(`a_key_is_sent_as_x_apikey_in_any_case (${prefix})`, async () => {
    const user = await newUser(root);
    const { api_key } = await newKey(root, user);
    const bare = root.as(undefined);
    const send = (headers: Record<string, string>): Promise<Answer<unknown>> =>
      bare.send("POST", `${prefix}/generate_token`, { json: { user_id: user }, headers });
    for (const name of ["x-APIKey", "X-APIKEY", "x-apikey", "X-ApiKey"]) {
      assert.equal((await send({ [name]: api_key })).status, 200, name);
    }
    for (const headers of [
      {},
      { "x-APIKey": forge(api_key) },
      { "x-APIKey": "" },
      { "x-api-key": api_key },
    ]) {
      const { status, body } = await send(headers);
      assert.deepEqual([status, body], [401, UNAUTHENTICATED]);
    }
  });

  test(`a_request_that_is_incorrect_says_which_field_is (${prefix})`, async () => {
    const user = await newUser(root);
    const { token } = await generate(partoo, { user_id: user });
    const wrong: [string, unknown, string][] = [
      ["generate_token", {}, "user_id"],
      ["generate_token", { user_id: 1 }, "user_id"],
      ["generate_token", { user_id: "" }, "user_id"],
      ...[0, -1, 1.5, 86_401, "60"].map((ttl): [string, unknown, string] => [
        "generate_token",
        { user_id: user, ttl },
        "ttl",
      ]),
      ["generate_token", { user_id: user, lifetime: 60 }, "lifetime"],
      ["revoke_token", {}, "user_id"],
      ["revoke_token", { token }, "user_id"],
      ["revoke_token", { user_id: user, token: null }, "token"],
      ["revoke_token", { user_id: user, token: 1 }, "token"],
      ["revoke_token", { user_id: user, tokens: [token] }, "tokens"],
    ];
    for (const [name, json, field] of wrong) {
      const { status, body } = await partoo.send<PartooErrors>("POST", `${prefix}/${name}`, {
        json,
      });
      assert.deepEqual(
        [status, Object.keys(body.errors.json ?? {})],
        [400, [field]],
        JSON.stringify(json),
      );
    }
    for (const [query, field] of [
      ["", "user_id"],
      [`token=${token}`, "user_id"],
      [`user_id=${user}`, "token"],
      [`user_id=${user}&user_id=${user}&token=${token}`, "user_id"],
    ] as const) {
      const { status, body } = await partoo.send<PartooErrors>(
        "GET",
        `${prefix}/check_token?${query}`,
      );
      assert.deepEqual([status, Object.keys(body.errors.json ?? {})], [400, [field]], field);
    }
    assert.equal((await look(partoo, user, token)).body.status, "valid");
  });

  test(`a_body_is_json_and_not_too_large (${prefix})`, async () => {
    const path = `${prefix}/revoke_token`;
    const bodies: [Record<string, string>, string, number, unknown][] = [
      [
        { "content-type": "text/plain" },
        "{}",
        415,
        { json: "Unsupported media type. Please use application/json" },
      ],
      [{}, " ".repeat(65_537), 413, { json: "Request body too large" }],
    ];
    for (const [headers, body, status, errors] of bodies) {
      const answer = await partoo.send("POST", path, { body, headers });
      assert.deepEqual([answer.status, answer.body], [status, { errors }]);
    }
    for (const body of ["{", "[]", "null", "nonsense"]) {
      const answer = await partoo.send<PartooErrors>("POST", path, { body });
      assert.deepEqual(
        [answer.status, Object.keys(answer.body.errors.json ?? {})],
        [400, ["body"]],
        body,
      );
    }
  });

  test(`query_parameters_that_it_does_not_know_are_ignored (${prefix})`, async () => {
    const user = await newUser(root);
    const { token } = await generate(partoo, { user_id: user });
    const query = new URLSearchParams({ user_id: user, token, lang: "fr", "": "" });
    assert.equal(
      (await partoo.get<PartooChecked>(`${prefix}/check_token?${query}`)).body.status,
      "valid",
    );
  });
}

test("the_path_does_not_matter_to_the_token", async () => {
  const user = await newUser(root);
  const { token } = (
    await partoo.post<Generated>("/v2/connection/generate_token", { user_id: user })
  ).body;
  const query = new URLSearchParams({ user_id: user, token });
  assert.equal(
    (await partoo.get<PartooChecked>(`/connection/check_token?${query}`)).body.status,
    "valid",
  );
  await partoo.post("/connection/revoke_token", { user_id: user, token });
  assert.equal(
    (await partoo.get<PartooChecked>(`/v2/connection/check_token?${query}`)).body.status,
    "revoked",
  );
});

test("a_lifetime_is_a_day_where_nothing_is_said", async () => {
  const user = await newUser(root);
  const { token } = (await partoo.post<Generated>("/connection/generate_token", { user_id: user }))
    .body;
  const query = new URLSearchParams({ user_id: user, token });
  const { body } = await partoo.get<PartooChecked>(`/connection/check_token?${query}`);
  assert.equal(Date.parse(body.expiration_date) - Date.parse(body.creation_date), 86_400_000);
});

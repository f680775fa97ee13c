// What bad input gets: a clear refusal, and nothing changed. Never a 5xx.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, eventsOf, mint, newUser } from "./kit/actions.ts";
import { userPath } from "./kit/api.ts";
import { serve } from "./kit/service.ts";
import type { Minted, Problem, User } from "./kit/shapes.ts";

const service = await serve();
const { root } = service;

const MAX_BODY = 65_536;

let user: string;
let token: string;
let tokenId: string;
let told: number;

before(async () => {
  user = await newUser(root);
  ({ token, token_id: tokenId } = await mint(root, user));
  told = (await eventsOf(root, user)).length;
});

after(async () => {
  try {
    assert.equal((await eventsOf(root, user)).length, told, "nothing has changed");
    assert.equal((await check(root, token)).status, "valid");
  } finally {
    await service.stop();
  }
});

interface Row {
  path: string;
  method?: string;
  /** What is sent; the user and token of this file are put in. */
  json?: object;
  status?: number;
  code?: string;
  /** The field that `errors` names. */
  field?: string;
}

const MINT = "/v1/tokens";
const KEYS = "/v1/api-keys";
const CHECK = "/v1/tokens/check";
const CONSUME = "/v1/tokens/consume";
const REVOKE = "/v1/tokens/revoke";

const WRONG_IDS = [
  undefined,
  null,
  1,
  true,
  [],
  {},
  "",
  "x".repeat(129),
  "é".repeat(65),
  "a\u0000b",
  "a\nb",
  "\u007f",
  "root",
  "system",
  "app:",
  "app:calendar",
];
const WRONG_TTLS = [0, -1, 1.5, 86_401, 1e300, "60", "", true, [], {}, [60]];
const WRONG_TEXTS = [1, true, [], {}];

/** Puts a wrong value in one field of an otherwise good body. Undefined leaves the field out. */
function rows(path: string, good: () => object, field: string, values: unknown[]): (() => Row)[] {
  return values.map((value) => () => {
    const json = { ...good(), [field]: value };
    return { path, json, status: 400, code: "invalid_request", field };
  });
}

const ofUser = (): object => ({ user_id: user });
const ofToken = (): object => ({ token });

const FIELDS: (() => Row)[] = [
  ...rows(MINT, ofUser, "user_id", WRONG_IDS),
  ...rows(KEYS, ofUser, "user_id", WRONG_IDS),
  ...rows(MINT, ofUser, "ttl", WRONG_TTLS),
  ...rows(KEYS, ofUser, "ttl", [0, -1, 1.5, 1e300, "60", true, []]),
  ...rows(MINT, ofUser, "label", [...WRONG_TEXTS, "x".repeat(65), "a\u0000b", "a\nb"]),
  ...rows(KEYS, ofUser, "label", [...WRONG_TEXTS, "x".repeat(65)]),
  ...rows(MINT, ofUser, "scope", [...WRONG_TEXTS, "a  b", " a", 'a"b', "a\nb", "x".repeat(1025)]),
  ...rows(MINT, ofUser, "redirect_uri", [
    ...WRONG_TEXTS,
    "",
    "/callback",
    "https://app.example/#fragment",
    "https://app.example/\r\nX: y",
    "JavaScript:alert(1)",
    "data:text/html,x",
    `https://app.example/${"x".repeat(2048)}`,
  ]),
  ...rows(MINT, ofUser, "app_id", [1, [], {}, "", "x".repeat(129)]),
  ...rows(MINT, ofUser, "metadata", ["text", 1, true, [], { a: "x".repeat(4_096) }]),
  ...rows(CHECK, () => ({}), "token", [undefined, null, 1, [], {}, true]),
  ...rows(CHECK, () => ({}), "tokens", [[], "text", {}, [1], [null], [[]], Array(101).fill("x")]),
  ...rows(CHECK, () => ({}), "token_id", [1, [], {}]),
  ...rows(CHECK, () => ({ token_id: tokenId }), "user_id", WRONG_IDS.slice(2)),
  ...rows(CONSUME, () => ({}), "token", [undefined, null, 1, [], {}, true]),
  ...rows(REVOKE, () => ({}), "token", [undefined, null, 1, [], {}, true]),
  ...rows(REVOKE, ofToken, "reason", [...WRONG_TEXTS, "x".repeat(257)]),
  ...rows(userPath("{user}", "/revoke"), () => ({}), "dry_run", ["true", 1, {}]),
  ...rows(userPath("{user}", "/revoke"), () => ({}), "reason", [...WRONG_TEXTS, "x".repeat(257)]),
  ...rows(userPath("{user}", "/revoke"), () => ({}), "app_id", [1, [], ""]),
];

const UNKNOWN_FIELDS: (() => Row)[] = [
  () => ({ path: MINT, json: { user_id: user, ttl_seconds: 1 } }),
  () => ({ path: MINT, json: { user_id: user, User_Id: user } }),
  () => ({ path: KEYS, json: { user_id: user, role: "admin" } }),
  () => ({ path: CHECK, json: { token, user_id: user } }),
  () => ({ path: CHECK, json: { token, tokens: [token] } }),
  () => ({ path: CHECK, json: { token, token_id: tokenId } }),
  () => ({ path: CHECK, json: { tokens: [token], user_id: user } }),
  () => ({ path: CONSUME, json: { token, user_id: user } }),
  () => ({ path: CONSUME, json: { token_id: tokenId } }),
  () => ({ path: REVOKE, json: { token, token_id: tokenId } }),
  () => ({ path: REVOKE, json: { token, force: true } }),
  () => ({ path: userPath(user, "/revoke"), json: { everything: true } }),
  () => ({ path: userPath(user), method: "PUT", json: { admin: true } }),
  () => ({ path: userPath(user), method: "PUT", json: { user_id: user } }),
];

const PROFILES: (() => Row)[] = [
  ...["owner", "", "ADMIN", 1, []].map((role) => ({ role })),
  ...[
    "paris",
    {},
    [1],
    [""],
    ["x".repeat(65)],
    ["a\nb"],
    Array.from({ length: 33 }, (_, n) => `g${n}`),
  ].map((groups) => ({ groups })),
  ...["", "a b", "é", "x".repeat(129), 1, []].map((external_id) => ({ external_id })),
  ...["true", 1].map((connectable) => ({ connectable })),
].map((json) => () => ({
  path: userPath(user),
  method: "PUT",
  json,
  field: Object.keys(json)[0] ?? "",
}));

for (const [name, table] of Object.entries({
  a_field_that_is_not_as_it_has_to_be_is_named: FIELDS,
  a_field_that_the_call_does_not_know_is_refused: UNKNOWN_FIELDS,
  a_profile_that_is_not_as_it_has_to_be_is_refused: PROFILES,
})) {
  test(name, async () => {
    for (const row of table) {
      const { path, method = "POST", json, status = 400, code = "invalid_request", field } = row();
      const answer = await root.send<Problem>(method, path.replace("%7Buser%7D", user), { json });
      const what = `${method} ${path} ${JSON.stringify(json).slice(0, 200)}`;
      assert.deepEqual([answer.status, answer.body.code], [status, code], what);
      if (field !== undefined)
        assert.deepEqual(Object.keys(answer.body.errors ?? {}), [field], what);
    }
  });
}

test("all_wrong_fields_are_reported_at_once_with_their_paths", async () => {
  const cases: [string, object, string[]][] = [
    [MINT, { user_id: 1, ttl: 0, label: "a\nb" }, ["user_id", "ttl", "label"]],
    [MINT, { scope: " ", code_challenge: "x" }, ["user_id", "code_challenge", "scope"]],
    [CHECK, { token, token_id: tokenId, user_id: user }, ["token_id", "user_id"]],
    [
      "/v1/connections",
      { app_id: "", upstream: { provider: "A", expires_in: 0 } },
      ["user_id", "app_id", "upstream.access_token", "upstream.provider", "upstream.expires_in"],
    ],
  ];
  for (const [path, json, paths] of cases) {
    const { status, body } = await root.send<Problem>("POST", path, { json });
    assert.deepEqual([status, body.code], [400, "invalid_request"], JSON.stringify(json));
    assert.deepEqual(Object.keys(body.errors ?? {}).toSorted(), paths.toSorted());
    for (const rule of Object.values(body.errors ?? {})) {
      assert.match(rule, /^(must|is|item \d+ must) /);
    }
  }
});

test("null_counts_as_absent", async () => {
  const other = await newUser(root, { role: "manager", groups: ["paris"], connectable: false });
  const nothing = { role: null, groups: null, external_id: null, connectable: null };
  const replaced = await root.put<User>(userPath(other), nothing);
  const { role, groups, external_id, connectable } = replaced.body;
  assert.deepEqual([role, groups, external_id, connectable], ["member", [], null, true]);

  const nulls = { ttl: null, label: null, scope: null, redirect_uri: null, app_id: null };
  const minted = await root.post<Minted>(MINT, { user_id: other, ...nulls, metadata: null }, 201);
  assert.equal((await check(root, minted.body.token)).status, "valid");
  const target = { token_id: minted.body.token_id, token: null, tokens: null, user_id: null };
  await root.post(CHECK, target);
  await root.post(REVOKE, { token_id: minted.body.token_id, token: null, reason: null });
  await root.post(userPath(other, "/revoke"), { dry_run: null, reason: null, app_id: null });
});

test("a_user_id_in_a_path_is_checked_like_one_in_a_body", async () => {
  for (const id of [
    "x".repeat(129),
    "é".repeat(65),
    "a\u0000b",
    "a\nb",
    "\u007f",
    "root",
    "system",
    "app:calendar",
  ]) {
    for (const [method, rest] of [
      ["GET", ""],
      ["PUT", ""],
      ["GET", "/tokens"],
      ["GET", "/events"],
      ["GET", "/connections"],
      ["POST", "/revoke"],
    ] as const) {
      const json = method === "GET" ? {} : { json: {} };
      const { status, body } = await root.send<Problem>(method, userPath(id, rest), json);
      assert.deepEqual(
        [status, Object.keys(body.errors ?? {})],
        [400, ["user_id"]],
        id.slice(0, 8),
      );
    }
  }
});

test("a_user_id_in_a_path_is_percent_encoded_utf_8", async () => {
  for (const segment of ["%", "%zz", "%2", "a%", "%ff", "%c3%28", "%ed%a0%80"]) {
    for (const method of ["GET", "PUT"]) {
      const json = method === "GET" ? {} : { json: {} };
      const { status, body } = await root.send<Problem>(method, `/v1/users/${segment}`, json);
      const where = `${method} ${segment}`;
      assert.deepEqual([status, Object.keys(body.errors ?? {})], [400, ["user_id"]], where);
    }
  }
});

test("a_body_that_is_not_json_is_refused", async () => {
  const bodies = [
    "{",
    "nonsense",
    `{"user_id":"${user}"`,
    `{"user_id":"${user}",}`,
    `{'user_id':'${user}'}`,
    `{"user_id":"${user}"}{}`,
    `{"user_id":NaN}`,
    `{"user_id":"\\ud800"}`,
    `{"user_id":"\\x41"}`,
    `{"metadata":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
  ];
  for (const path of [MINT, CHECK, CONSUME, REVOKE, KEYS, userPath(user, "/revoke")]) {
    for (const body of bodies) {
      const answer = await root.send<Problem>("POST", path, { body });
      assert.deepEqual([answer.status, answer.body.code], [400, "invalid_json"], body.slice(0, 40));
    }
  }
});

test("a_body_that_is_not_utf_8_is_refused", async () => {
  const body = new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);
  for (const path of [MINT, CHECK, CONSUME, REVOKE, KEYS, userPath(user, "/revoke")]) {
    assert.equal((await root.send("POST", path, { body })).status, 400, path);
  }
});

test("a_body_that_is_not_an_object_is_refused", async () => {
  for (const path of [MINT, CHECK, CONSUME, REVOKE, KEYS, userPath(user, "/revoke")]) {
    for (const body of ["[]", "null", "1", '"text"', "true", `["${token}"]`]) {
      const answer = await root.send<Problem>("POST", path, { body });
      assert.deepEqual([answer.status, answer.body.code], [400, "invalid_request"], body);
    }
  }
  for (const path of [MINT, CHECK, CONSUME, REVOKE, KEYS]) {
    const answer = await root.send<Problem>("POST", path, {});
    assert.deepEqual([answer.status, answer.body.code], [400, "invalid_request"], "an empty body");
  }
});

test("a_body_over_64_kib_is_refused", async () => {
  const padded = (length: number): string => {
    const json = JSON.stringify({ token });
    return json + " ".repeat(length - json.length);
  };
  const fits = await root.send("POST", CHECK, { body: padded(MAX_BODY) });
  assert.equal(fits.status, 200);
  for (const path of [CHECK, MINT, CONSUME, REVOKE, KEYS, userPath(user, "/revoke")]) {
    for (const length of [MAX_BODY + 1, 4 * MAX_BODY]) {
      const { status, body } = await root.send<Problem>("POST", path, { body: padded(length) });
      assert.deepEqual([status, body.code], [413, "payload_too_large"]);
    }
  }
  const put = await root.send("PUT", userPath(user), { body: padded(MAX_BODY + 1) });
  assert.equal(put.status, 413);

  // Nobody says beforehand how long a body in chunks is.
  const headers = { "transfer-encoding": "chunked" };
  const small = await root.send("POST", CHECK, { body: padded(MAX_BODY), headers });
  assert.equal(small.status, 200);
  const large = await root.send("POST", CHECK, { body: padded(MAX_BODY + 1), headers });
  assert.equal(large.status, 413);
});

test("a_body_that_is_not_sent_as_json_is_refused", async () => {
  const body = JSON.stringify({ token });
  for (const type of [
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/jsonx",
    "json",
    "multipart/form-data",
  ]) {
    const answer = await root.send<Problem>("POST", CHECK, {
      body,
      headers: { "content-type": type },
    });
    assert.deepEqual([answer.status, answer.body.code], [415, "unsupported_media_type"], type);
  }
  const accepted = [
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    "application/problem+json",
    "",
  ];
  for (const type of accepted) {
    const answer = await root.send("POST", CHECK, { body, headers: { "content-type": type } });
    assert.equal(answer.status, 200, type);
  }
});

test("the_body_of_a_get_is_ignored", async () => {
  for (const body of ["{", "x".repeat(1_000)]) {
    const headers = { "content-type": "text/plain" };
    const { status } = await root.send("GET", userPath(user), { body, headers });
    assert.equal(status, 200);
  }
});

test("a_query_that_a_call_does_not_know_is_refused", async () => {
  const calls: [string, string, object?][] = [
    ["GET", userPath(user)],
    ["GET", userPath(user, "/tokens")],
    ["GET", userPath(user, "/events")],
    ["GET", userPath(user, "/connections")],
    ["PUT", userPath(user), {}],
    ["POST", userPath(user, "/revoke"), { dry_run: true }],
    ["POST", MINT, { user_id: user }],
    ["POST", CHECK, { token }],
    ["POST", CONSUME, { token }],
    ["POST", REVOKE, { token }],
    ["POST", KEYS, { user_id: user }],
  ];
  for (const [method, path, json] of calls) {
    const options = json === undefined ? {} : { json };
    const { status, body } = await root.send<Problem>(method, `${path}?verbose=1`, options);
    assert.deepEqual([status, body.code], [400, "invalid_request"], `${method} ${path}`);
  }
});

test("huge_headers_and_queries_are_no_defect", async () => {
  const huge = "x".repeat(12_000);
  const answers = [
    await root.send("GET", userPath(user), { headers: { "x-huge": huge } }),
    await root.as(huge).send("GET", userPath(user)),
    await root.send("POST", CHECK, { json: { token }, headers: { "idempotency-key": huge } }),
    await root.send("GET", `${userPath(user, "/tokens")}?cursor=${huge}`),
    await root.send("GET", `/v1/users/${huge}`),
    await root.send("GET", `/${huge}`),
  ];
  for (const { status } of answers) assert.ok(status < 500, String(status));
});

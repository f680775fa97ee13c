// What bad input to the calls of apps and connections gets: a clear refusal, and nothing changed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { eventsOf, newUser } from "./kit/actions.ts";
import { userPath } from "./kit/api.ts";
import { appPath, connect, connectionPath, newApp, readConnection } from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import type { App, Problem } from "./kit/shapes.ts";

const service = await serve();
const { root } = service;

let user: string;
let app: string;
let connection: string;
let told: number;
let registered: App;

before(async () => {
  user = await newUser(root);
  app = (await newApp(root, { scopes: ["a"] })).app_id;
  connection = (await connect(root, user, app)).id;
  registered = (await root.get<App>(appPath(app))).body;
  told = (await eventsOf(root, user)).length;
});

after(async () => {
  try {
    assert.equal((await eventsOf(root, user)).length, told, "nothing has changed");
    assert.equal((await readConnection(root, connection)).status, "active");
    assert.deepEqual((await root.get<App>(appPath(app))).body, registered);
  } finally {
    await service.stop();
  }
});

const WRONG_IDS = [undefined, null, 1, [], {}, "", "x".repeat(129), "é".repeat(65), "a\u0000b"];
const WRONG_TEXTS = [1, true, [], {}];
const NO_SCOPES = ["", "a  b", " a", 'a"b', "a\\b", "a\nb", "é", "x".repeat(1025)];
const NO_URIS = [
  "",
  "/callback",
  "app.example",
  "https://app.example/#fragment",
  "https://app.example/\r\nX: y",
  "JavaScript:alert(1)",
  "data:text/html,x",
  `https://app.example/${"x".repeat(2048)}`,
];

/** Each field with the values that it refuses. */
const APP: Record<string, unknown[]> = {
  name: [undefined, null, ...WRONG_TEXTS, "", "x".repeat(129), "a\u0000b", "a\nb"],
  description: [...WRONG_TEXTS, "x".repeat(1025), "a\u0000b"],
  redirect_uris: [
    "https://app.example/",
    {},
    [1],
    [null],
    ...NO_URIS.map((uri) => [uri]),
    Array.from({ length: 21 }, (_, index) => `https://app.example/${index}`),
  ],
  scopes: [
    "a",
    {},
    [1],
    ...NO_SCOPES.map((scope) => [scope]),
    ["a b"],
    ["x".repeat(129)],
    Array.from({ length: 65 }, (_, index) => `s${index}`),
  ],
  client_type: [1, [], "", "Public", "native", "third_party"],
  logo_url: [
    ...WRONG_TEXTS,
    "",
    "/logo.png",
    "http://app.example/logo.png",
    "http://localhost.app.example/logo.png",
    "http://127.0.0.1.app.example/logo.png",
    "javascript:alert(1)",
    "data:image/png;base64,AAAA",
    "https://app.example/\r\nX: y",
    `https://app.example/${"x".repeat(2048)}`,
  ],
  provider: [...WRONG_TEXTS, "", "Google", "a b", "é", "x".repeat(65)],
};

const ROTATION: Record<string, unknown[]> = {
  previous_ttl: [-1, 1.5, 604_801, "60", true, [], {}],
};

const CONNECTION: Record<string, unknown[]> = {
  user_id: [...WRONG_IDS, "root", "system", "app:calendar"],
  app_id: WRONG_IDS,
  // An empty scope names none.
  scope: [...WRONG_TEXTS, ...NO_SCOPES.filter((scope) => scope !== "")],
  metadata: ["text", 1, true, [], { a: "x".repeat(4_096) }],
};

const TOKENS: Record<string, unknown[]> = {
  // An empty scope names none.
  scope: [...WRONG_TEXTS, ...NO_SCOPES.filter((scope) => scope !== "")],
  ttl: [0, -1, 1.5, 86_401, "60", true, [], {}],
  refresh_token: ["true", 1, [], {}],
  refresh_token_ttl: [0, -1, 1.5, 31_536_001, "60", true, [], {}],
};

const REASON: Record<string, unknown[]> = {
  reason: [...WRONG_TEXTS, "x".repeat(257), "a\nb"],
};

interface Call {
  name: string;
  method: "PUT" | "POST";
  path: () => string;
  good: () => object;
  fields: Record<string, unknown[]>;
}

const CALLS: Call[] = [
  {
    name: "put an app",
    method: "PUT",
    path: () => appPath(app),
    good: () => ({ name: "An app" }),
    fields: APP,
  },
  {
    name: "rotate",
    method: "POST",
    path: () => appPath(app, "/client-secret"),
    good: () => ({}),
    fields: ROTATION,
  },
  {
    name: "connect",
    method: "POST",
    path: () => "/v1/connections",
    good: () => ({ user_id: user, app_id: app }),
    fields: CONNECTION,
  },
  {
    name: "issue",
    method: "POST",
    path: () => connectionPath(connection, "/tokens"),
    good: () => ({}),
    fields: TOKENS,
  },
  ...["/revoke", "/disable", "/enable"].map((rest): Call => ({
    name: rest,
    method: "POST",
    path: () => connectionPath(connection, rest),
    good: () => ({}),
    fields: REASON,
  })),
];

for (const { name, method, path, good, fields } of CALLS) {
  test(`a_field_that_is_not_as_it_has_to_be_is_named: ${name}`, async () => {
    for (const [field, values] of Object.entries(fields)) {
      for (const value of values) {
        const json = { ...good(), [field]: value };
        const { status, body } = await root.send<Problem>(method, path(), { json });
        const what = `${name} ${field} ${JSON.stringify(value)?.slice(0, 80)}`;
        assert.deepEqual([status, body.code], [400, "invalid_request"], what);
        assert.deepEqual(Object.keys(body.errors ?? {}), [field], what);
      }
    }
  });

  test(`a_field_that_the_call_does_not_know_is_refused: ${name}`, async () => {
    for (const more of [{ unknown: 1 }, { upstream: {} }, { client_secret: "x" }, { id: "x" }]) {
      const json = { ...good(), ...more };
      const { status, body } = await root.send<Problem>(method, path(), { json });
      assert.deepEqual([status, body.code], [400, "invalid_request"], Object.keys(more)[0]);
    }
  });

  test(`a_body_that_cannot_be_read_is_refused: ${name}`, async () => {
    const answers: [Parameters<typeof root.send>[2], number, string][] = [
      [{ body: "{" }, 400, "invalid_json"],
      [{ body: '{"a":1}{}' }, 400, "invalid_json"],
      [{ body: "[]" }, 400, "invalid_request"],
      [{ body: "null" }, 400, "invalid_request"],
      [{ body: "x".repeat(65_537) }, 413, "payload_too_large"],
      [
        { body: "{}", headers: { "content-type": "application/x-www-form-urlencoded" } },
        415,
        "unsupported_media_type",
      ],
    ];
    for (const [options, expected, code] of answers) {
      const { status, body } = await root.send<Problem>(method, path(), options);
      assert.deepEqual([status, body.code], [expected, code]);
    }
  });

  test(`a_query_that_the_call_does_not_know_is_refused: ${name}`, async () => {
    const { status, body } = await root.send<Problem>(method, `${path()}?verbose=1`, {
      json: good(),
    });
    assert.deepEqual([status, body.code], [400, "invalid_request"]);
  });
}

test("a_query_of_a_read_is_refused", async () => {
  for (const path of [appPath(app), connectionPath(connection)]) {
    const { body } = await root.get<Problem>(`${path}?verbose=1`, 400);
    assert.equal(body.code, "invalid_request");
  }
});

test("an_app_id_in_a_path_is_checked_like_one_in_a_body", async () => {
  const wrong = ["x".repeat(129), "é".repeat(65), "a\u0000b", "a\nb", "\u007f"].map((id) =>
    encodeURIComponent(id),
  );
  for (const segment of [...wrong, "%", "%zz", "%ff"]) {
    for (const [method, rest] of [
      ["GET", ""],
      ["PUT", ""],
      ["POST", "/client-secret"],
    ] as const) {
      const json = method === "GET" ? {} : { json: { name: "An app" } };
      const path = `/v1/apps/${segment}${rest}`;
      const { status, body } = await root.send<Problem>(method, path, json);
      const where = `${method} ${segment.slice(0, 8)}`;
      if (method === "POST") assert.equal(status, 400, where);
      else assert.deepEqual([status, Object.keys(body.errors ?? {})], [400, ["app_id"]], where);
    }
  }
});

test("anything_for_a_connection_id_is_but_an_unknown_connection", async () => {
  for (const segment of [
    "x",
    "%20",
    "%00",
    "ca_",
    "x".repeat(5_000),
    "%ff",
    connection.toUpperCase(),
  ]) {
    const { status } = await root.send("GET", `/v1/connections/${segment}`);
    assert.ok(status === 404 || status === 400, `${segment.slice(0, 8)}: ${status}`);
  }
});

test("good_input_is_taken_as_it_is", async () => {
  const other = await newApp(root, {
    name: "☎".repeat(128),
    description: "",
    redirect_uris: Array.from({ length: 20 }, (_, index) => `https://app.example/${index}`),
    scopes: Array.from({ length: 64 }, (_, index) => `${"s".repeat(100)}${index}`),
    logo_url: "http://127.0.0.1:8787/logo.png",
    provider: "a_b-1",
  });
  const path = userPath(await newUser(root), "/connections");
  await root.get(`${path}?app_id=${encodeURIComponent(other.app_id)}&status=expired`);
  assert.equal(other.scopes.length, 64);
});

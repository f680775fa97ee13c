// What a provider is sent, to the letter: RFC 7009 and calls of a provider's own, with every authentication and body.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { revokeConnection } from "./kit/connections.ts";
import { Provider, type Asked } from "./kit/provider.ts";
import { serve } from "./kit/service.ts";
import {
  appOf,
  hold,
  newProvider,
  readHolder,
  statesOf,
  type Call,
  type TokenType,
  type Upstream,
} from "./kit/upstream.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;
const provider = await Provider.start();
after(() => provider.stop());

/** What it knows us as, with what has to be encoded somewhere. */
const CLIENT = { client_id: "our+client/1", client_secret: "s3cr+t&%:" };
const ID = "our%2Bclient%2F1";
const SECRET = "s3cr%2Bt%26%25%3A";
const BASIC = `Basic ${Buffer.from(`${ID}:${SECRET}`).toString("base64")}`;
const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";

type Shape = Omit<Call, "url"> & { path?: string };

/** The request, as far as a provider can tell. `T` stands for the token, `R` for its type. */
interface Sent {
  method: string;
  target?: string;
  authorization?: string;
  contentType?: string;
  body?: string;
}

const CALLS: [name: string, shape: Shape, sent: Sent][] = [
  [
    "RFC 7009, Basic",
    { method: "rfc7009", auth: "basic" },
    { method: "POST", authorization: BASIC, contentType: FORM, body: "token=T&token_type_hint=R" },
  ],
  [
    "RFC 7009, the client in the body",
    { method: "rfc7009", auth: "post" },
    {
      method: "POST",
      contentType: FORM,
      body: `token=T&token_type_hint=R&client_id=${ID}&client_secret=${SECRET}`,
    },
  ],
  [
    "RFC 7009, nobody",
    { method: "rfc7009", auth: "none" },
    { method: "POST", contentType: FORM, body: "token=T&token_type_hint=R" },
  ],
  [
    "RFC 7009, the token as bearer",
    { method: "rfc7009", auth: "bearer" },
    {
      method: "POST",
      authorization: "Bearer T",
      contentType: FORM,
      body: "token=T&token_type_hint=R",
    },
  ],
  [
    "RFC 7009, JSON",
    { method: "rfc7009", auth: "post", body: "json" },
    {
      method: "POST",
      contentType: JSON_TYPE,
      // The members are sorted by name.
      body: JSON.stringify({ ...CLIENT, token: "T", token_type_hint: "R" }),
    },
  ],
  [
    "a POST of JSON, Basic",
    { method: "post", auth: "basic", body: "json", parameter: "access_token" },
    { method: "POST", authorization: BASIC, contentType: JSON_TYPE, body: '{"access_token":"T"}' },
  ],
  [
    "a POST with the token as bearer alone",
    { method: "post", auth: "bearer", body: "none" },
    { method: "POST", authorization: "Bearer T" },
  ],
  [
    "a DELETE with the token in the path",
    { method: "delete", auth: "none", path: "/clients/{client_id}/tokens/{token}" },
    { method: "DELETE", target: `/clients/${ID}/tokens/T` },
  ],
  [
    "a DELETE of JSON",
    { method: "delete", auth: "basic", body: "json", path: "/{client_id}" },
    {
      method: "DELETE",
      target: `/${ID}`,
      authorization: BASIC,
      contentType: JSON_TYPE,
      body: '{"token":"T"}',
    },
  ],
  [
    "a GET with the token in the query",
    { method: "get", auth: "none", body: "query", parameter: "t" },
    { method: "GET", target: "/revoke?t=T" },
  ],
  [
    "a GET with the token in a query that there is",
    { method: "get", auth: "basic", body: "query", path: "/revoke?v=2" },
    { method: "GET", target: "/revoke?v=2&token=T", authorization: BASIC },
  ],
];

/** Has the provider told of these credentials, and gives what it was sent. */
async function told(shape: Shape, upstream: Upstream): Promise<Asked[]> {
  const { path = "/revoke", ...call } = shape;
  const revocation = { ...call, url: provider.origin + path };
  const app = await appOf(root, await newProvider(root, { revocation, ...CLIENT }));
  const from = provider.asked.length;
  const held = await hold(root, app, upstream);
  assert.equal((await revokeConnection(root, held.id)).status, "revoked");
  const { upstream: left } = await readHolder(root, held.id);
  assert.ok(left?.credentials.every(({ state }) => state === "revoked" || state === "unsupported"));
  return provider.asked.slice(from);
}

for (const [name, shape, sent] of CALLS) {
  for (const type of ["refresh_token", "access_token"] as const) {
    test(`a_provider_is_asked_as_it_says (${name}, ${type})`, async () => {
      const token = provider.token();
      const [asked, ...more] = await told(shape, { [type]: token });
      assert.ok(asked && more.length === 0);
      const spelt = (text = ""): string => text.replace(/\bT\b/, token).replace(/\bR\b/, type);
      assert.deepEqual(
        [asked.method, asked.target, asked.body],
        [sent.method, spelt(sent.target ?? "/revoke"), spelt(sent.body)],
      );
      const { authorization, "content-type": contentType } = asked.headers;
      const expected = sent.authorization === undefined ? undefined : spelt(sent.authorization);
      assert.deepEqual([authorization, contentType], [expected, sent.contentType]);
      assert.match(asked.headers["user-agent"] ?? "", /^hookswitch\//);
      assert.equal(asked.headers.accept, JSON_TYPE);
    });
  }
}

test("a_token_of_any_visible_characters_arrives_as_it_is", async () => {
  const token = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join("");
  const ways: [Shape, (asked: Asked) => unknown][] = [
    [{ method: "rfc7009", auth: "none" }, ({ body }) => new URLSearchParams(body).get("token")],
    [
      { method: "post", auth: "none", body: "json" },
      ({ body }) => (JSON.parse(body) as { token: string }).token,
    ],
    [
      { method: "get", auth: "none", body: "query" },
      ({ target }) => new URL(target, provider.origin).searchParams.get("token"),
    ],
    [
      { method: "delete", auth: "none", path: "/tokens/{token}" },
      ({ target }) => decodeURIComponent(target.slice("/tokens/".length)),
    ],
    [
      { method: "post", auth: "bearer", body: "none" },
      ({ headers }) => headers.authorization?.slice("Bearer ".length),
    ],
  ];
  for (const [shape, read] of ways) {
    const call = { ...shape, gone_statuses: [404] };
    const { path = "/revoke", ...rest } = call;
    const revocation = { ...rest, url: provider.origin + path };
    const app = await appOf(root, await newProvider(root, { revocation }));
    const from = provider.asked.length;
    const { id } = await hold(root, app, { access_token: token });
    await revokeConnection(root, id);
    const [asked] = provider.asked.slice(from);
    assert.ok(asked);
    assert.equal(read(asked), token, shape.method);
  }
});

test("the_longest_token_there_may_be_arrives_whole", async () => {
  const token = `${provider.token()}${"x".repeat(4_096 - 40)}`;
  assert.equal(token.length, 4_096);
  const [asked] = await told({ method: "rfc7009", auth: "none" }, { access_token: token });
  assert.equal(new URLSearchParams(asked?.body).get("token"), token);
});

test("only_the_tokens_that_a_provider_revokes_are_sent_the_refresh_token_first", async () => {
  for (const tokens of [
    ["refresh_token", "access_token"],
    ["refresh_token"],
    ["access_token"],
  ] satisfies TokenType[][]) {
    const [access_token, refresh_token] = [provider.token(), provider.token()];
    const texts = { access_token, refresh_token };
    const asked = await told({ method: "rfc7009", auth: "none", tokens }, texts);
    assert.deepEqual(
      asked.map(({ body }) => body),
      tokens.map((type) => `token=${texts[type]}&token_type_hint=${type}`),
    );
  }
});

const ANSWERS: [name: string, body: string, status: number, more: Partial<Call>, state: string][] =
  [
    ["RFC 7009's own", '{"error":"invalid_token"}', 400, {}, "gone"],
    [
      "another, where one is said",
      '{"error":"invalid_token"}',
      400,
      { gone_errors: [] },
      "abandoned",
    ],
    ["of a call of its own", '{"error":"invalid_token"}', 400, { method: "post" }, "abandoned"],
    ["its own word", '{"error":"token_revoked"}', 200, { gone_errors: ["token_revoked"] }, "gone"],
    ["a word that it does not know", '{"error":"other"}', 200, { gone_errors: ["a"] }, "abandoned"],
    ["its status", "", 404, { gone_statuses: [401, 404] }, "gone"],
    ["its status for a while", "", 429, { gone_statuses: [429] }, "gone"],
    ["another status", "", 403, { gone_statuses: [401, 404] }, "abandoned"],
    ["no content", "", 204, {}, "revoked"],
    ["a page", "<html>Done</html>", 200, {}, "revoked"],
  ];

for (const [name, body, status, more, state] of ANSWERS) {
  test(`an_answer_is_read_as_the_provider_means_it (${name})`, async () => {
    const url = `${provider.origin}/revoke`;
    const revocation: Call = { method: "rfc7009", url, auth: "none", ...more };
    const app = await appOf(root, await newProvider(root, { revocation }));
    const held = await hold(root, app, { refresh_token: provider.token({ status, body }) });
    await revokeConnection(root, held.id);
    assert.deepEqual(statesOf(await readHolder(root, held.id)), [`refresh_token ${state} 1`]);
  });
}

test("a_provider_that_changes_is_asked_as_it_is_now", async () => {
  const url = `${provider.origin}/old`;
  const slug = await newProvider(root, { revocation: { method: "rfc7009", url, auth: "none" } });
  const app = await appOf(root, slug);
  const token = provider.token();
  const { id } = await hold(root, app, { access_token: token });
  const revocation: Call = { method: "get", url: `${provider.origin}/new`, auth: "bearer" };
  await root.put(`/v1/providers/${slug}`, { revocation });
  await revokeConnection(root, id);
  assert.deepEqual(
    provider.askedOf(token).map(({ method, target }) => [method, target]),
    [["GET", "/new"]],
  );
});

// Providers: those that ship, those that an operator puts in their places or beside them.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";

import { asNew } from "./kit/actions.ts";
import { serve } from "./kit/service.ts";
import type { Page, Problem } from "./kit/shapes.ts";
import {
  newProvider,
  providerPath,
  type Call,
  type ProviderOrder,
  type ShownProvider,
} from "./kit/upstream.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

const URL = "https://auth.acme.example/revoke";
const RFC7009: Call = { method: "rfc7009", url: URL, auth: "basic" };
/** What that is, whole. */
const WHOLE: Required<Omit<Call, "headers" | "answers">> & Call = {
  ...RFC7009,
  body: "form",
  parameter: "token",
  tokens: ["refresh_token", "access_token"],
  gone_errors: ["invalid_token"],
  gone_statuses: [],
};

async function read(slug: string): Promise<ShownProvider> {
  return (await root.get<ShownProvider>(providerPath(slug))).body;
}

async function put(slug: string, order: ProviderOrder, status = 200): Promise<ShownProvider> {
  return (await root.put<ShownProvider>(providerPath(slug), order, status)).body;
}

async function list(): Promise<ShownProvider[]> {
  const { body } = await root.get<Page<ShownProvider>>("/v1/providers");
  assert.equal(body.next_cursor, null);
  return body.items;
}

test("providers_ship_each_with_its_own_call", async () => {
  const items = await list();
  const slugs = items.map(({ slug }) => slug);
  assert.deepEqual(slugs, slugs.toSorted());
  assert.ok(slugs.length >= 25);
  for (const item of items) {
    assert.deepEqual(item, await read(item.slug));
    assert.deepEqual(
      [item.source, item.client_id, item.has_client_secret, item.created_at, item.updated_at],
      ["shipped", null, false, null, null],
    );
    assert.ok(item.revocation === null || item.revocation.url.startsWith("https://"));
  }
  const google = items.find(({ slug }) => slug === "google");
  assert.deepEqual(google?.revocation, {
    ...WHOLE,
    url: "https://oauth2.googleapis.com/revoke",
    auth: "none",
    answers: google?.revocation?.answers,
  });
  const without = items.filter(({ revocation }) => revocation === null).map(({ slug }) => slug);
  assert.deepEqual(without, ["atlassian", "bitbucket", "microsoft", "spotify"]);
});

test("a_provider_is_put_read_replaced_and_deleted", async () => {
  const slug = `p-${randomUUID()}`;
  await root.get(providerPath(slug), 404);
  const { body: made, headers } = await root.put<ShownProvider>(
    providerPath(slug),
    { name: "Acme", revocation: RFC7009, client_id: "us" },
    201,
  );
  assert.equal(headers.get("location"), providerPath(slug));
  const { created_at, updated_at, ...rest } = made;
  assert.deepEqual(rest, {
    slug,
    name: "Acme",
    revocation: WHOLE,
    client_id: "us",
    has_client_secret: false,
    source: "operator",
  });
  assert.equal(updated_at, created_at);
  assert.deepEqual(await read(slug), made);
  assert.deepEqual(
    (await list()).find((item) => item.slug === slug),
    made,
  );

  const replaced = await put(slug, {});
  assert.deepEqual([replaced.name, replaced.revocation, replaced.client_id], [slug, null, null]);
  assert.ok(replaced.created_at === created_at && (replaced.updated_at ?? "") > (updated_at ?? ""));

  assert.equal((await root.send("DELETE", providerPath(slug))).status, 204);
  for (const method of ["GET", "DELETE"]) {
    const { status, body } = await root.send<Problem>(method, providerPath(slug));
    assert.deepEqual([status, body.code], [404, "provider_not_found"]);
  }
  assert.ok(!(await list()).some((item) => item.slug === slug));
});

test("what_ships_comes_back_when_what_was_put_is_deleted", async () => {
  const shipped = await read("github");
  const named = await put("github", { client_id: "us", client_secret: "s" }, 201);
  assert.deepEqual(
    [named.name, named.revocation, named.source],
    [shipped.name, shipped.revocation, "operator"],
  );
  const other = await put("github", { name: "Our GitHub", revocation: RFC7009 });
  assert.deepEqual([other.name, other.revocation], ["Our GitHub", WHOLE]);
  assert.equal((await put("github", { revocation: { method: "none" } })).revocation, null);
  assert.equal((await list()).filter(({ slug }) => slug === "github").length, 1);
  assert.equal((await root.send("DELETE", providerPath("github"))).status, 204);
  assert.deepEqual(await read("github"), shipped);
  await root.send("DELETE", providerPath("github")).then(({ status }) => assert.equal(status, 404));
});

test("a_client_secret_is_never_read_back_and_goes_with_its_client", async () => {
  const slug = `p-${randomUUID()}`;
  const client_secret = `secret-${randomUUID()}`;
  const has = async (order: ProviderOrder, status = 200): Promise<boolean> => {
    const { body, text } = await root.put<ShownProvider>(providerPath(slug), order, status);
    assert.ok(!text.includes(client_secret));
    for (const target of [providerPath(slug), "/v1/providers"]) {
      assert.ok(!(await root.get(target)).text.includes(client_secret));
    }
    return body.has_client_secret;
  };
  assert.equal(await has({ client_id: "us", client_secret }, 201), true);
  assert.equal(await has({ client_id: "us", name: "Another" }), true, "it stays");
  assert.equal(await has({ client_id: "them" }), false, "another client has another secret");
  assert.equal(await has({ client_id: "them", client_secret }), true);
  assert.equal(await has({}), false);
});

test("a_client_secret_is_sent_to_no_other_host_than_it_was_put_for", async () => {
  const slug = `p-${randomUUID()}`;
  const has = async (url: string, more: object, status = 200): Promise<boolean> => {
    const order = {
      client_id: "us",
      revocation: { method: "rfc7009", url, auth: "post" },
      ...more,
    };
    return (await root.put<ShownProvider>(providerPath(slug), order, status)).body
      .has_client_secret;
  };
  assert.equal(await has("https://a.example/revoke", { client_secret: "s" }, 201), true);
  assert.equal(await has("https://a.example/other", {}), true);
  assert.equal(await has("https://evil.example/revoke", {}), false);
  assert.equal(await has("https://a.example/revoke", {}), false);
});

const DEFAULTS: [given: Partial<Call>, shown: Partial<Call>][] = [
  [{ method: "post" }, { body: "form", gone_errors: [] }],
  [
    { method: "delete", url: `${URL}/{token}` },
    { body: "none", gone_errors: [] },
  ],
  [
    { method: "delete", auth: "bearer" },
    { body: "none", gone_errors: [] },
  ],
  [{ method: "get", body: "query", parameter: "t" }, { gone_errors: [] }],
  [{ gone_errors: [] }, {}],
  [{ gone_errors: ["a", "b"], gone_statuses: [400, 499] }, {}],
  [{ tokens: ["access_token", "access_token"] }, { tokens: ["access_token"] }],
  [{ tokens: ["access_token", "refresh_token"] }, {}],
  [{ url: `${URL}/{client_id}?t={token}` }, {}],
];

for (const [given, shown] of DEFAULTS) {
  test(`what_is_not_said_of_a_call_is_the_usual (${JSON.stringify(given)})`, async () => {
    const slug = await newProvider(root, { revocation: { ...RFC7009, ...given } });
    assert.deepEqual((await read(slug)).revocation, { ...WHOLE, ...given, ...shown });
  });
}

const BAD_CALLS: [what: string, revocation: object, member: string][] = [
  ["nothing", {}, "method"],
  ["no method", { ...RFC7009, method: "PATCH" }, "method"],
  ["no url", { method: "rfc7009", auth: "none" }, "url"],
  ["no auth", { method: "rfc7009", url: URL }, "auth"],
  ["another auth", { ...RFC7009, auth: "mtls" }, "auth"],
  ["another body", { ...RFC7009, body: "xml" }, "body"],
  ["a GET with a body", { ...RFC7009, method: "get", body: "json" }, "body"],
  ["a token nowhere", { method: "delete", url: URL, auth: "none" }, "url"],
  ["other braces", { ...RFC7009, url: `${URL}/{secret}` }, "url"],
  ["a brace", { ...RFC7009, url: `${URL}/{` }, "url"],
  ["no tokens", { ...RFC7009, tokens: [] }, "tokens"],
  ["another token", { ...RFC7009, tokens: ["id_token"] }, "tokens"],
  ["a parameter with a sign", { ...RFC7009, parameter: "a=b" }, "parameter"],
  ["a status that is none", { ...RFC7009, gone_statuses: [200] }, "gone_statuses"],
  ["a text as status", { ...RFC7009, gone_statuses: ["404"] }, "gone_statuses"],
  [
    "too many errors",
    { ...RFC7009, gone_errors: Array.from({ length: 17 }, String) },
    "gone_errors",
  ],
  ["something else", { ...RFC7009, header: {} }, "header"],
  ["a url of no call", { method: "none", url: URL }, "url"],
];

for (const [what, revocation, member] of BAD_CALLS) {
  test(`what_is_no_call_is_refused (${what})`, () => refused({ revocation }, member));
}

const BAD_URLS: string[] = [
  "",
  "auth.acme.example/revoke",
  "ftp://auth.acme.example/",
  "http://auth.acme.example/revoke",
  "https://user@auth.acme.example/",
  "https://user:word@auth.acme.example/",
  "https://auth.acme.example/#part",
  "https://auth.acme.example\\@127.0.0.1/",
  "https://auth.acme.example:0/",
  "https://{client_id}.example/",
  "https://intranet/",
  "https://printer.local/",
  "https://metadata.google.internal/",
  "http://169.254.169.254/latest/",
  "https://169.254.169.254/latest/",
  "https://10.0.0.1/",
  "https://172.16.0.1/",
  "https://192.168.1.1/",
  "https://100.64.0.1/",
  "https://0.0.0.0/",
  "https://2130706433/",
  "https://0x7f.1/",
  "https://0177.0.0.1/",
  "https://127.1/",
  "https://[::]/",
  "https://[fd00:ec2::254]/",
  "https://[fe80::1]/",
  "https://[::ffff:10.0.0.1]/",
  "https://[64:ff9b::a00:1]/",
  `https://auth.acme.example/${"a".repeat(2_048)}`,
];

test("nobody_is_asked_who_is_not_on_the_internet", async () => {
  for (const url of BAD_URLS) await refused({ revocation: { ...RFC7009, url } }, "url");
});

test("this_machine_is_asked_by_who_develops_on_it_alone", async () => {
  const slug = `p-${randomUUID()}`;
  for (const url of ["http://127.0.0.1:9/r", "http://localhost:9/r", "http://[::1]:9/r"]) {
    const revocation = { ...RFC7009, url };
    const { status } = await root.send("PUT", providerPath(slug), { json: { revocation } });
    assert.ok(status === 200 || status === 201, url);
    // The same deployment, by a name that it has on the internet.
    const headers = { host: "hookswitch.example" };
    const sent = { json: { revocation }, headers };
    assert.equal((await root.send("PUT", providerPath(slug), sent)).status, 400, url);
  }
});

const BAD_PROVIDERS: [what: string, order: object, member: string][] = [
  ["an empty name", { name: "" }, "name"],
  ["a long name", { name: "a".repeat(129) }, "name"],
  ["a name of two lines", { name: "a\nb" }, "name"],
  ["a secret of nobody", { client_secret: "s" }, "client_id"],
  ["an empty client id", { client_id: "" }, "client_id"],
  ["a secret with a space", { client_id: "us", client_secret: "a b" }, "client_secret"],
  ["a call that is a text", { revocation: URL }, "revocation"],
  ["a slug in the body", { slug: "a" }, "slug"],
];

for (const [what, order, member] of BAD_PROVIDERS) {
  test(`what_is_no_provider_is_refused (${what})`, () => refused(order, member));
}

/** That it is refused because of this member, and that nothing is there then. */
async function refused(order: object, member: string): Promise<void> {
  const slug = `p-${randomUUID()}`;
  const { body } = await root.put<Problem>(providerPath(slug), order, 400);
  assert.match(Object.keys(body.errors ?? {}).join(), new RegExp(`\\b${member}\\b`), body.detail);
  await root.get(providerPath(slug), 404);
}

test("a_slug_is_small_letters_digits_hyphens_and_underscores", async () => {
  for (const slug of ["A", "a b", "a%2Fb", "a.b", "a".repeat(65), "ä"]) {
    const target = providerPath(encodeURI(slug));
    assert.equal((await root.send("PUT", target, { json: {} })).status, 400, slug);
    await root.get(target, 400);
  }
});

test("providers_are_for_admins_and_root", async () => {
  const slug = await newProvider(root, {});
  for (const [api, status] of [
    [root.as(undefined), 401],
    [(await asNew(root, { role: "member" })).api, 403],
    [(await asNew(root, { role: "manager", groups: ["g"] })).api, 403],
  ] as const) {
    await api.get("/v1/providers", status);
    await api.get(providerPath(slug), status);
    await api.get(providerPath("google"), status);
    await api.put(providerPath(slug), {}, status);
    assert.equal((await api.send("DELETE", providerPath(slug))).status, status);
  }
  const { api } = await asNew(root, { role: "admin" });
  await api.put(providerPath(slug), { name: "Theirs" });
  assert.equal((await api.get<ShownProvider>(providerPath(slug))).body.name, "Theirs");
  assert.equal((await api.send("DELETE", providerPath(slug))).status, 204);
});

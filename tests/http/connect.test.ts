// The link page over HTTP: nothing that fetches it changes anything, and its form is answered once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import {
  check,
  eventsOf,
  forge,
  mint,
  newKey,
  newUser,
  partooSpelling,
  revoke,
} from "./kit/actions.ts";
import { disable, enable, readConnection, revokeConnection } from "./kit/connections.ts";
import { heading, open, post, press, sent, type Page } from "./kit/link.ts";
import {
  CALLBACK,
  Client,
  newClientApp,
  newCode,
  newPublicApp,
  pkce,
  type Code,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import { sleep, times } from "./kit/wait.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

let client: Client;
let user: string;

before(async () => {
  client = new Client(root, await newClientApp(root, { name: "Acme CRM" }));
  user = await newUser(root);
});

/** A link that leads back to the app. */
const newLink = (more: object = {}): Promise<Code> =>
  newCode(root, user, client.app, { redirect_uri: CALLBACK, scope: "read", ...more });

const statusOf = async (token: string): Promise<string> => (await check(root, token)).status;

const costs = ({ cost }: Page): [number, number] => [cost.kvReads, cost.ledgerCalls];

test("whoever_fetches_a_link_changes_nothing", async () => {
  const { token, connection_id } = await newLink();
  const purposes: Record<string, string>[] = [
    {},
    { "sec-purpose": "prefetch" },
    { "sec-purpose": "prefetch;prerender" },
    { purpose: "preview" },
    { "user-agent": "Mail scanner", "sec-fetch-site": "cross-site" },
    { "x-middleware-prefetch": "1" },
  ];
  for (const headers of purposes) {
    for (const method of ["GET", "HEAD"]) {
      const page = await open(root, token, { method, headers });
      assert.equal(page.status, 200, `${method} ${JSON.stringify(headers)}`);
      assert.equal(page.body.includes("<form"), method === "GET");
    }
  }
  assert.equal(await statusOf(token), "valid");
  assert.equal((await readConnection(root, connection_id)).status, "initiated");
  const types = (await eventsOf(root, user)).filter(
    (event) => event.connection_id === connection_id,
  );
  assert.deepEqual(types.map((event) => event.type).toSorted(), [
    "connection.created",
    "token.created",
  ]);
});

test("the_page_says_what_is_asked_and_not_of_whom", async () => {
  const { token } = await newLink({ scope: "read write" });
  const page = await open(root, token, { state: "s" });
  assert.equal(heading(page), "Connect Acme CRM?");
  for (const part of [
    "<code>read</code>",
    "<code>write</code>",
    "app.example",
    "127.0.0.1",
    "UTC",
  ]) {
    assert.ok(page.body.includes(part), part);
  }
  assert.ok(!page.body.includes(user), "the link may have been forwarded");
  assert.equal(page.headers.get("cache-control"), "no-store");
  assert.equal(page.headers.get("referrer-policy"), "no-referrer");
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  // Where the app sends its users on to, nobody here knows: browsers would hold a form-action against that as well.
  assert.ok(!page.headers.get("content-security-policy")?.includes("form-action"));
  for (const [, href] of page.body.matchAll(/href="([^"]+)"/g)) {
    assert.equal((await fetch(new URL(href ?? "", service.url))).status, 200, href);
  }
});

test("an_approval_leads_back_to_the_app_whose_client_exchanges_the_code", async () => {
  const { verifier, challenge } = pkce();
  const open_app = new Client(root, await newPublicApp(root));
  const cases = [
    { client, order: {}, proof: {} },
    { client, order: { code_challenge: challenge }, proof: { code_verifier: verifier } },
    { client: open_app, order: { code_challenge: challenge }, proof: { code_verifier: verifier } },
  ];
  for (const { client, order, proof } of cases) {
    const link = await newCode(root, user, client.app, {
      redirect_uri: CALLBACK,
      scope: "read",
      ...order,
    });
    const answer = await press(root, await open(root, link.token, { state: "a b&c=d" }));
    const { to, query } = sent(answer);
    assert.equal(to, CALLBACK);
    assert.deepEqual({ ...query, code: "" }, { code: "", state: "a b&c=d", iss: service.url });
    assert.match(query["code"] ?? "", /^hct_[0-9a-f]{48}$/);
    assert.notEqual(query["code"], link.token);
    assert.equal((await readConnection(root, link.connection_id)).status, "active");
    const code = query["code"] ?? "";

    // Bound as the link was.
    const wrong = [{ ...proof }, { redirect_uri: `${CALLBACK}/`, ...proof }];
    if ("code_verifier" in proof)
      wrong.push({ redirect_uri: CALLBACK, code_verifier: pkce().verifier });
    for (const params of wrong) {
      assert.equal((await client.exchange(code, params)).body.error, "invalid_grant");
    }
    const other = new Client(root, await newClientApp(root));
    assert.equal((await other.exchange(code, { redirect_uri: CALLBACK })).status, 400);

    const issued = await client.exchange(code, { redirect_uri: CALLBACK, ...proof });
    assert.equal(issued.status, 200, issued.text);
    assert.equal(issued.body.scope, "read");
    assert.equal((await check(root, issued.body.access_token)).connection_id, link.connection_id);
    assert.equal((await client.refresh(issued.body.refresh_token)).status, 200);
  }
});

test("each_step_is_told_once_as_the_user_who_took_it", async () => {
  const user = await newUser(root);
  const link = await newCode(root, user, client.app, { redirect_uri: CALLBACK });
  const page = await open(root, link.token);
  await press(root, page);
  await press(root, page);
  const events = await eventsOf(root, user);
  assert.deepEqual(
    events
      .filter(({ connection_id }) => connection_id !== null)
      .map(({ type, actor }) => [type, actor]),
    [
      ["token.created", user],
      ["connection.activated", user],
      ["token.consumed", user],
      ["token.created", "root"],
      ["connection.created", "root"],
    ],
  );
});

test("of_two_tabs_exactly_one_wins_and_the_other_ends_nothing", async () => {
  for (const at_once of [true, false]) {
    const { token } = await newLink();
    const tabs = await Promise.all(times(4, () => open(root, token)));
    const answers: Page[] = [];
    if (at_once) answers.push(...(await Promise.all(tabs.map((tab) => press(root, tab)))));
    else for (const tab of tabs) answers.push(await press(root, tab));
    const won = answers.filter(({ status }) => status === 303);
    assert.equal(won.length, 1);
    for (const lost of answers.filter(({ status }) => status !== 303)) {
      assert.deepEqual([lost.status, heading(lost)], [410, "This link was used already"]);
    }
    const [winner] = won;
    assert.ok(winner);
    const code = sent(winner).query["code"] ?? "";
    const { body } = await client.exchange(code, { redirect_uri: CALLBACK });
    // A tab that comes even later.
    assert.equal((await press(root, tabs[0] as Page)).status, 410);
    assert.equal((await post(root, { token, consent: "approve" })).status, 410);
    assert.equal((await open(root, token)).status, 410);
    assert.equal(await statusOf(body.access_token), "valid");
    assert.equal(await statusOf(body.refresh_token), "valid");
    assert.equal((await eventsOf(root, user, "token.replayed")).length, 0);
  }
});

test("an_answer_that_got_lost_comes_again_with_the_same_form", async () => {
  for (const consent of ["approve", "decline"] as const) {
    const { token } = await newLink();
    const page = await open(root, token, { state: "s" });
    const lost = await press(root, page, consent, { "x-test-fault": "ledger-lost" });
    assert.deepEqual([lost.status, heading(lost)], [503, "That did not work just now"]);
    assert.equal(lost.headers.get("retry-after"), "1");
    const first = await press(root, page, consent);
    const second = await press(root, page, consent);
    assert.equal(first.headers.get("idempotency-replayed"), "true");
    assert.deepEqual(sent(second), sent(first));
    if (consent === "decline") continue;
    const code = sent(first).query["code"] ?? "";
    const issued = await client.exchange(code, { redirect_uri: CALLBACK });
    assert.equal(issued.status, 200);
    // By now the code is spent: to give it out again would end what the app has.
    const late = await press(root, page);
    assert.deepEqual([late.status, heading(late)], [410, "This link was used already"]);
    assert.equal(await statusOf(issued.body.access_token), "valid");
  }
});

test("a_double_click_is_one_answer", async () => {
  const page = await open(root, (await newLink()).token);
  const [one, two] = await Promise.all([press(root, page), press(root, page)]);
  assert.deepEqual(sent(one), sent(two));
});

test("a_form_without_a_page_is_answered_once", async () => {
  const { token } = await newLink();
  const consent = "approve";
  const form = { token: partooSpelling(token), state: "s", consent };
  const { to, query } = sent(await post(root, form));
  assert.deepEqual([to, query["state"]], [CALLBACK, "s"]);
  assert.equal((await post(root, { token, state: "s", consent })).status, 410);
});

test("a_form_without_an_answer_is_no_consent", async () => {
  const { token } = await newLink();
  const page = await post(root, { token });
  assert.deepEqual([page.status, heading(page)], [400, "This link is incomplete"]);
  assert.equal(await statusOf(token), "valid");
});

test("a_link_without_an_app_or_a_way_back_is_used_and_says_so", async () => {
  const plain = await mint(root, user);
  const appOnly = await newCode(root, user, client.app);
  for (const [{ token }, title, done] of [
    [plain, "Continue?", "Done"],
    [appOnly, "Connect Acme CRM?", "Acme CRM is connected"],
  ] as const) {
    const page = await open(root, token);
    assert.equal(heading(page), title);
    const answer = await press(root, page);
    assert.deepEqual([answer.status, heading(answer)], [200, done]);
    assert.equal(heading(await press(root, page)), done);
    assert.equal(await statusOf(token), "consumed");
  }
  assert.equal((await readConnection(root, appOnly.connection_id)).status, "active");
});

test("whoever_declines_goes_back_with_access_denied", async () => {
  const link = await newLink();
  const { to, query } = sent(
    await press(root, await open(root, link.token, { state: "s" }), "decline"),
  );
  assert.deepEqual(
    [to, query],
    [CALLBACK, { error: "access_denied", state: "s", iss: service.url }],
  );
  const verdict = await check(root, link.token);
  assert.deepEqual(
    [verdict.status, verdict.reason, verdict.by],
    ["revoked", "The user declined.", user],
  );
  const plain = await mint(root, user);
  const page = await press(root, await open(root, plain.token), "decline");
  assert.deepEqual([page.status, heading(page)], [200, "Declined"]);
  assert.equal(await statusOf(plain.token), "revoked");
});

test("each_way_that_a_link_ends_is_explained", async () => {
  const [used, withdrawn, cut, late] = [
    await newLink(),
    await newLink(),
    await newLink(),
    await newLink({ ttl: 1 }),
  ];
  await press(root, await open(root, used.token));
  await revoke(root, withdrawn.token);
  const table: [string, number, string][] = [
    [used.token, 410, "This link was used already"],
    [withdrawn.token, 410, "This link was withdrawn"],
    [forge(used.token), 404, "This link is not known here"],
    [(await newKey(root, user)).api_key, 404, "This link is not known here"],
    ["nonsense", 404, "This link is not known here"],
  ];
  const connected = await newCode(root, await newUser(root), client.app, {
    redirect_uri: CALLBACK,
  });
  await disable(root, (await readConnection(root, cut.connection_id)).id);
  table.push([cut.token, 409, "This connection is paused"]);
  await revokeConnection(root, connected.connection_id);
  table.push([connected.token, 410, "This link was withdrawn"]);
  await sleep(1_100);
  table.push([late.token, 410, "This link has run out"]);
  for (const [token, status, title] of table) {
    const shown = await open(root, token);
    assert.deepEqual([shown.status, heading(shown)], [status, title]);
    assert.ok(!shown.body.includes("<form"), title);
    const answered = await post(root, { token, consent: "approve" });
    assert.deepEqual([answered.status, heading(answered)], [status, title]);
  }
  await enable(root, cut.connection_id);
  assert.equal((await open(root, cut.token)).status, 200, "back on, the link works");
  for (const target of ["/connect", "/connect?state=s"]) {
    const missing = await root.as(undefined).send<string>("GET", target);
    assert.deepEqual([missing.status, heading(missing)], [400, "This link is incomplete"]);
  }
});

test("the_page_speaks_the_language_of_its_reader", async () => {
  const { token } = await newLink();
  for (const [accepted, language, title] of [
    ["fr-CH, fr;q=0.9, en;q=0.8", "fr", "Connecter Acme CRM ?"],
    ["de", "de", "Acme CRM verbinden?"],
    ["es-MX", "es", "¿Conectar Acme CRM?"],
    ["fr;q=0.2, DE;q=0.9", "de", "Acme CRM verbinden?"],
    ["pt-BR", "en", "Connect Acme CRM?"],
  ] as const) {
    const headers = { "accept-language": accepted };
    const page = await open(root, token, { headers });
    assert.equal(heading(page), title);
    assert.ok(page.body.includes(`<html lang="${language}">`));
    const unknown = await open(root, forge(token), { headers });
    assert.equal(unknown.headers.get("content-language"), language);
  }
});

test("a_link_costs_what_it_has_to", async () => {
  const warm = await newLink();
  assert.deepEqual(costs(await open(root, forge(warm.token))), [0, 0], "forged");
  assert.deepEqual(
    costs(await post(root, { token: forge(warm.token), consent: "approve" })),
    [0, 0],
    "forged",
  );
  assert.deepEqual(
    costs(await post(root, { token: forge(warm.token), page: "x crm", consent: "approve" })),
    [0, 0],
    "forged",
  );
  const page = await open(root, warm.token);
  assert.deepEqual(costs(page), [0, 1], "live, of an app that is remembered");
  assert.deepEqual(costs(await press(root, page)), [0, 1], "approved");
  const other = await newLink();
  const declined = await open(root, other.token);
  assert.deepEqual(costs(await press(root, declined, "decline")), [0, 1], "declined");
  await open(root, warm.token);
  const dead = await open(root, warm.token);
  assert.equal(dead.status, 410);
  assert.deepEqual(costs(dead), [0, 0], "known dead");
});

test("without_the_ledger_nothing_is_shown_and_nothing_done", async () => {
  const { token } = await newLink();
  const page = await open(root, token);
  const headers = { "x-test-fault": "ledger" };
  for (const answer of [
    await open(root, token, { headers }),
    await press(root, page, "approve", headers),
  ]) {
    assert.deepEqual([answer.status, heading(answer)], [503, "That did not work just now"]);
    assert.equal(answer.headers.get("retry-after"), "1");
  }
  assert.equal((await open(root, token, { headers: { "x-test-fault": "kv" } })).status, 200);
  assert.equal(await statusOf(token), "valid");
});

test("a_crash_between_the_answer_and_the_redirect_loses_nothing", async () => {
  const { token } = await newLink();
  const page = await open(root, token);
  const first = await press(root, page);
  await service.kill();
  await service.restart();
  assert.deepEqual(sent(await press(root, page)), sent(first));
});

test("no_token_is_in_the_log", () => {
  assert.ok(!service.logs().some((line) => /hct_[0-9a-f]{48}/.test(line)));
});

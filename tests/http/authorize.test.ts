// The whole way of an authorization: from the app's request over sign-in and consent to tokens and their end.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { newUser } from "./kit/actions.ts";
import { accept, Browser, LOGIN_URL, request } from "./kit/authorize.ts";
import { sent } from "./kit/link.ts";
import { CALLBACK, Client, isActive, newClientApp, newPublicApp, pkce } from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import type { Problem } from "./kit/shapes.ts";

const service = await serve({ vars: { LOGIN_URL } });
after(() => service.stop());
const { root } = service;
const COST = { kvReads: 0, kvWrites: 0 };

test("an_app_gets_tokens_that_end_with_their_connection", async () => {
  const user = await newUser(root);
  for (const app of [await newClientApp(root), await newPublicApp(root)]) {
    const browser = new Browser(root);
    const { verifier, challenge: code_challenge } = pkce();
    const challenge = await browser.authorize(request(app.app_id, code_challenge));
    const page = await browser.open(await accept(root, challenge, user));
    assert.deepEqual([page.status, page.contentType], [200, "text/html"]);
    assert.ok(page.body.includes("<code>read</code>") && page.body.includes("app.example"));
    assert.match(page.headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/);
    assert.equal(page.headers.get("x-frame-options"), "DENY");

    const { to, query } = sent(await browser.press(page));
    const { code = "", ...rest } = query;
    assert.deepEqual([to, rest], [CALLBACK, { iss: service.url, state: "s t&" }]);
    const client = new Client(root, app);
    const proof = { redirect_uri: CALLBACK, code_verifier: verifier };
    const { body } = await client.exchange(code, proof);
    assert.equal(body.scope, "read");
    const refreshed = await client.refresh(body.refresh_token);
    assert.ok(await isActive(root, refreshed.body.access_token));

    // A replayed code ends the tokens that it issued, and no tokens of another authorization.
    assert.equal((await client.exchange(code, proof)).body.error, "invalid_grant");
    assert.ok(!(await isActive(root, refreshed.body.access_token)));
  }
});

test("on_http_the_cookie_has_a_plain_name_and_each_request_its_own", async () => {
  const app = await newPublicApp(root);
  const browser = new Browser(root);
  for (const state of ["a", "b"]) {
    await browser.authorize(request(app.app_id, pkce().challenge, { state }));
  }
  assert.equal(browser.cookies.size, 2);
  for (const name of browser.cookies.keys()) assert.match(name, /^hookswitch-[0-9a-f]{24}$/);
});

test("neither_half_of_the_flow_can_be_handed_to_somebody_else", async () => {
  const [victim, attacker] = [await newUser(root), await newUser(root)];
  const app = await newPublicApp(root);
  const theirs = new Browser(root);
  const mine = new Browser(root);
  const begin = (browser: Browser): Promise<string> =>
    browser.authorize(request(app.app_id, pkce().challenge));
  // The sign-in page of the attacker's request, opened by the victim.
  const accepted = await accept(root, await begin(mine), victim);
  await begin(theirs);
  assert.equal((await theirs.open(accepted)).status, 403);
  // The consent page of the attacker's account, opened by the victim.
  assert.equal((await theirs.open(await accept(root, await begin(mine), attacker))).status, 403);
  assert.equal((await mine.open(accepted)).status, 200);
});

test("double_submit_back_button_and_two_tabs", async () => {
  const user = await newUser(root);
  const app = await newPublicApp(root);
  const browser = new Browser(root);
  const { verifier, challenge } = pkce();
  const tabs = [];
  for (const state of ["first", "second"]) {
    const login = await browser.authorize(request(app.app_id, challenge, { state }));
    const url = await accept(root, login, user);
    tabs.push({ state, url, page: await browser.open(url) });
  }
  for (const { state, url, page } of tabs) {
    const [one, two] = await Promise.all([browser.press(page), browser.press(page)]);
    assert.deepEqual(sent(two), sent(one));
    assert.equal(sent(one).query["state"], state);
    assert.deepEqual(sent(await browser.open(url)), sent(one));
    const { code = "" } = sent(one).query;
    const proof = { redirect_uri: CALLBACK, code_verifier: verifier };
    assert.equal((await new Client(root, app).exchange(code, proof)).status, 200);
    assert.equal((await browser.press(page)).status, 410);
  }
});

test("a_refusal_and_a_rejection_are_errors_for_the_app", async () => {
  const user = await newUser(root);
  const app = await newClientApp(root);
  const browser = new Browser(root);
  const begin = (): Promise<string> => browser.authorize(request(app.app_id, pkce().challenge));
  const page = await browser.open(await accept(root, await begin(), user));
  const declined = sent(await browser.press(page, "decline"));
  const expected = { error: "access_denied", iss: service.url, state: "s t&" };
  assert.deepEqual([declined.to, declined.query], [CALLBACK, expected]);
  assert.equal((await browser.press(page)).status, 410);
  const target = `/v1/authorizations/${await begin()}/reject`;
  const json = { error: "login_required", reason: "Sign in first." };
  const { body } = await root.post<{ redirect_to: string }>(target, json);
  const query = Object.fromEntries(new URL(body.redirect_to).searchParams);
  assert.equal(query["error_description"], "Sign in first.");
  assert.equal(query["error"], "login_required");
});

test("an_error_goes_to_the_app_only_if_client_and_redirect_uri_are_right", async () => {
  const app = await newClientApp(root);
  const browser = new Browser(root);
  const { challenge } = pkce();
  const open = (more: Record<string, string>): Promise<{ status: number }> =>
    browser.send("GET", `/oauth/authorize?${new URLSearchParams(strings(more)).toString()}`);
  const strings = (more: Record<string, string>): [string, string][] =>
    Object.entries({ ...request(app.app_id, challenge), ...more }) as [string, string][];
  for (const more of [
    { client_id: "nothing" },
    { redirect_uri: "https://evil.example/" },
    { redirect_uri: `${CALLBACK}/` },
  ]) {
    assert.equal((await open(more)).status, 400, JSON.stringify(more));
  }
  assert.equal((await open({ scope: "admin" })).status, 303);
  assert.equal(browser.cookies.size, 0);
});

test("accepting_is_idempotent_and_a_forged_challenge_costs_nothing", async () => {
  const user = await newUser(root);
  const app = await newClientApp(root);
  const challenge = await new Browser(root).authorize(request(app.app_id, pkce().challenge));
  const once = await accept(root, challenge, user);
  assert.equal(await accept(root, challenge, user), once);
  const target = `/v1/authorizations/${challenge}/accept`;
  const other = await root.post<Problem>(target, { user_id: user, scope: "read" }, 409);
  assert.equal(other.body.code, "idempotency_conflict");
  const forged = await root.get<Problem>(`/v1/authorizations/${challenge.slice(0, -4)}AAAA`, 404);
  assert.deepEqual(
    [forged.body.code, forged.cost],
    ["authorization_not_found", { ...COST, ledgerCalls: 0 }],
  );
});

test("concurrent_approvals_create_one_code", async () => {
  const user = await newUser(root);
  const app = await newPublicApp(root);
  const browser = new Browser(root);
  const challenge = await browser.authorize(request(app.app_id, pkce().challenge));
  const page = await browser.open(await accept(root, challenge, user));
  const answers = await Promise.all(Array.from({ length: 16 }, () => browser.press(page)));
  assert.equal(new Set(answers.map((answer) => sent(answer).query["code"])).size, 1);
});

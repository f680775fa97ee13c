// The link page over HTTP: where it leads, and where it never does.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, newUser } from "./kit/actions.ts";
import { appPath, revokeConnection } from "./kit/connections.ts";
import { fields, heading, open, post, press, sent } from "./kit/link.ts";
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

test("nobody_is_sent_where_the_app_does_not_take_them_any_more", async () => {
  const app = await newClientApp(root);
  const link = await newCode(root, user, app, { redirect_uri: CALLBACK });
  const page = await open(root, link.token);
  await root.put(appPath(app.app_id), {
    name: "Moved",
    redirect_uris: [`${CALLBACK}/new`],
    scopes: ["read", "write"],
  });
  for (const answer of [
    await open(root, link.token),
    await press(root, page),
    await post(root, { token: link.token, consent: "approve" }),
  ]) {
    assert.deepEqual([answer.status, heading(answer)], [400, "The app has changed"]);
    assert.equal(answer.headers.get("location"), null);
  }
  assert.equal(await statusOf(link.token), "valid");
  const declined = await press(root, page, "decline");
  assert.deepEqual([declined.status, heading(declined)], [200, "Declined"]);
});

test("nobody_is_sent_where_the_form_says", async () => {
  const mine = await newClientApp(root, { redirect_uris: ["https://evil.example/"] });
  const link = await newLink();
  const page = fields(await open(root, link.token));
  const named = { ...page, page: `${(page["page"] ?? "").split(" ")[0]} ${mine.app_id}` };
  const answer = await post(root, {
    ...named,
    redirect_uri: "https://evil.example/",
    consent: "approve",
  });
  assert.deepEqual([answer.status, heading(answer)], [404, "The app has changed"]);
  assert.equal(await statusOf(link.token), "valid");
});

test("a_form_that_another_site_sends_is_refused", async () => {
  const { token } = await newLink();
  const page = await open(root, token);
  for (const site of ["cross-site", "same-site"]) {
    const answer = await press(root, page, "approve", {
      "sec-fetch-site": site,
      origin: "https://evil.example",
    });
    assert.deepEqual([answer.status, heading(answer)], [403, "Open the link itself"]);
  }
  const unknown = await press(root, page, "approve", { origin: "https://evil.example" });
  assert.deepEqual([unknown.status, heading(unknown)], [403, "Open the link itself"]);
  assert.equal(await statusOf(token), "valid");
  const headers = { "sec-fetch-site": "same-origin", origin: "null" };
  assert.equal((await press(root, page, "approve", headers)).status, 303);
});

test("whatever_is_shown_is_escaped_and_whatever_is_sent_is_encoded", async () => {
  const name = `<img src=x onerror=alert(1)>"'&{token}`;
  const app = await newClientApp(root, {
    name,
    description: "</p><script>alert(2)</script>",
    scopes: ["<b>"],
    logo_url: "https://cdn.example/l.png?a='><script>",
    redirect_uris: [`${CALLBACK}?keep=1`],
  });
  const state = `"><script>alert(3)</script>\u00e9 %0d%0aset-cookie:x=1`;
  const link = await newCode(root, user, app, { redirect_uri: `${CALLBACK}?keep=1` });
  const page = await open(root, link.token, { state });
  assert.equal(heading(page), `Connect ${name}?`);
  assert.ok(!/<script|<img src=x|<b>/.test(page.body), page.body);
  assert.equal(fields(page)["state"], state);
  const { query } = sent(await press(root, page));
  assert.deepEqual({ ...query, code: "" }, { keep: "1", code: "", iss: service.url, state });
});

test("the_same_form_again_gives_nothing_that_was_taken_back_meanwhile", async () => {
  const ended = await newCode(root, user, await newClientApp(root), {});
  const page = await open(root, ended.token);
  assert.equal((await press(root, page)).status, 200);
  assert.equal((await press(root, page)).status, 200);
  await revokeConnection(root, ended.connection_id);
  assert.equal((await press(root, page)).status, 410);

  const moved = await newClientApp(root);
  const link = await newCode(root, user, moved, { redirect_uri: CALLBACK });
  const asks = await open(root, link.token);
  assert.equal((await press(root, asks)).status, 303);
  await root.put(appPath(moved.app_id), { name: "Moved", redirect_uris: ["https://new.example/"] });
  const again = await press(root, asks);
  assert.deepEqual([again.status, again.headers.get("location")], [400, null]);
});

test("more_parameters_than_any_call_has_are_refused_before_anything_is_looked_at", async () => {
  const many = Array.from({ length: 65 }, (_, index) => `p${index}=`).join("&");
  for (const path of ["/connect", "/v1/status"]) {
    const { status } = await fetch(`${service.url}${path}?${many}`);
    assert.equal(status, 400, path);
  }
});

test("the_app_of_a_phone_is_sent_back_to_as_it_is_registered", async () => {
  const redirect_uri = "com.example.app:/connected";
  const { verifier, challenge } = pkce();
  const phone = new Client(root, await newPublicApp(root, { redirect_uris: [redirect_uri] }));
  const order = { redirect_uri, code_challenge: challenge };
  const page = await open(root, (await newCode(root, user, phone.app, order)).token);
  const { to, query } = sent(await press(root, page));
  assert.equal(to, redirect_uri);
  const issued = await phone.exchange(query["code"] ?? "", {
    redirect_uri,
    code_verifier: verifier,
  });
  assert.equal(issued.status, 200, issued.text);
});

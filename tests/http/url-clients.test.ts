// Clients that are known by their URL, in a real workerd: their documents come over the network.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import { newUser } from "./kit/actions.ts";
import { accept, Browser, LOGIN_URL, request } from "./kit/authorize.ts";
import { sent } from "./kit/link.ts";
import { CALLBACK, form, pkce, postForm } from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";

const service = await serve({ vars: { LOGIN_URL, SCOPES: '{"read": "Read your calendar"}' } });
const { root } = service;

let host = "";
let server: Server;
const asked: string[] = [];

/** How each path is answered; every other path has a document. */
const ODD: Record<string, (response: ServerResponse) => void> = {
  "/redirect": (response) => response.writeHead(302, { location: `${host}/client.json` }).end(),
  "/long": (response) => response.end(JSON.stringify({ padding: "x".repeat(6_000) })),
  "/missing": (response) => response.writeHead(404).end(),
  // The answer never ends.
  "/slow": (response) => void response.write("{"),
};

before(async () => {
  server = createServer(({ url = "" }, response) => {
    asked.push(url);
    const document = {
      client_id: `${host}${url}`,
      client_name: "Agent",
      redirect_uris: [CALLBACK],
    };
    (ODD[url] ?? (() => response.end(JSON.stringify(document))))(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(async () => {
  server.closeAllConnections();
  server.close();
  await service.stop();
});

test("a_client_at_a_url_gets_tokens_after_the_user_approved_it", async () => {
  const user = await newUser(root);
  const client_id = `${host}/client.json`;
  const browser = new Browser(root);
  const { verifier, challenge } = pkce();
  const page = await browser.open(
    await accept(root, await browser.authorize(request(client_id, challenge)), user),
  );
  assert.equal(page.status, 200);
  assert.ok(page.body.includes(host.slice("http://".length)), page.body);
  assert.ok(page.body.includes("Read your calendar <code>read</code>"));
  const { query } = sent(await browser.press(page));
  const { body } = await postForm(root.as(undefined), "/oauth/token", {
    grant_type: "authorization_code",
    code: query["code"],
    redirect_uri: CALLBACK,
    code_verifier: verifier,
    client_id,
  });
  assert.equal(body.scope, "read");
  const { body: refreshed } = await postForm(root.as(undefined), "/oauth/token", {
    grant_type: "refresh_token",
    refresh_token: body.refresh_token,
    client_id,
  });
  assert.match(refreshed.access_token, /^hat_/);
  assert.equal(asked.filter((url) => url === "/client.json").length, 1);
});

for (const path of ["/redirect", "/long", "/missing", "/slow"]) {
  test(`a_document_that_cannot_be_used_is_a_page (${path})`, async () => {
    const begun = Date.now();
    const target = `/oauth/authorize?${form(request(`${host}${path}`, pkce().challenge))}`;
    const page = await new Browser(root).send("GET", target);
    assert.deepEqual([page.status, page.contentType], [400, "text/html"]);
    assert.match(page.body, /The metadata document of the client/);
    assert.ok(Date.now() - begun < 9_000);
  });
}

// The operator's area of the console: apps, providers, what is left at providers, webhooks.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import type { Browser } from "playwright-core";

import { mint, newUser } from "../http/kit/actions.ts";
import { appPath, revokeConnection } from "../http/kit/connections.ts";
import { Provider, type Reaction } from "../http/kit/provider.ts";
import { Receiver } from "../http/kit/receiver.ts";
import { serve, type Service } from "../http/kit/service.ts";
import type { App } from "../http/kit/shapes.ts";
import {
  abandoned,
  appOf,
  hold,
  newProvider,
  providerPath,
  readHolder,
  type Holder,
  type ShownProvider,
} from "../http/kit/upstream.ts";
import { untilTrue } from "../http/kit/wait.ts";
import { newName, webhookPath, type Endpoint } from "../http/kit/webhooks.ts";
import { launch, shoot } from "./kit/browser.ts";
import { Visitor } from "./kit/console.ts";

let service: Service;
let browser: Browser;
let provider: Provider;
let receiver: Receiver;

before(async () => {
  [service, browser, provider, receiver] = await Promise.all([
    serve({ vars: { UPSTREAM_RETRY_MS: "60" } }),
    launch(),
    Provider.start(),
    Receiver.start(),
  ]);
});
after(async () => {
  await browser?.close();
  await service?.stop();
  provider?.stop();
  await receiver?.close();
});

test("an_app_is_registered_changed_and_given_a_new_secret", async () => {
  const id = `app-${randomUUID()}`;
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes("#/apps");
  await visitor.presses("New app");
  await visitor.fills("App id", id);
  await visitor.fills("Name", "Acme CRM");
  await visitor.fills("Redirect URIs", "https://crm.example/back\nhttps://crm.example/other");
  await visitor.fills("Scopes", "contacts.read contacts.write");
  await visitor.presses("Create app");
  const [first = ""] = await visitor.takesSecrets();
  assert.match(first, /^hcs_/);
  await visitor.reads("contacts.write", ".facts");
  const read = async (): Promise<App> => (await service.root.get<App>(appPath(id))).body;
  const { redirect_uris, scopes, client_type } = await read();
  assert.deepEqual(redirect_uris, ["https://crm.example/back", "https://crm.example/other"]);
  assert.deepEqual([scopes, client_type], [["contacts.read", "contacts.write"], "confidential"]);

  await visitor.presses("Edit");
  await visitor.fills("Name", "Acme");
  await visitor.sends("Save");
  const changed = await read();
  assert.deepEqual([changed.name, changed.redirect_uris], ["Acme", redirect_uris]);

  await visitor.presses("New client secret");
  await visitor.presses("Create secret");
  const [second] = await visitor.takesSecrets();
  assert.notEqual(second, first);

  await visitor.goes("#/apps");
  await visitor.fills("App id", `${id}-not`);
  await visitor.presses("Find");
  await visitor.reads("This app does not exist");
  await visitor.leaves();
});

test("a_provider_is_put_given_a_client_changed_and_taken_back", async () => {
  const slug = `p-${randomUUID()}`;
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes("#/providers");
  await visitor.row("GitHub").waitFor();
  await visitor.presses("New provider");
  await visitor.fills("Slug", slug);
  await visitor.fills("Name", "Acme");
  await visitor.fills("URL", `${provider.origin}/revoke`);
  await visitor.fills("Client id", "hookswitch");
  visitor.hides("s3cr3t-of-acme");
  await visitor.fills("Client secret", "s3cr3t-of-acme");
  await visitor.page.getByLabel("access tokens").uncheck();
  await visitor.presses("Create provider");
  await visitor.reads("stored, encrypted", ".facts");
  const read = async (): Promise<ShownProvider> =>
    (await service.root.get<ShownProvider>(providerPath(slug))).body;
  const put = await read();
  assert.deepEqual(put.revocation?.tokens, ["refresh_token"]);
  assert.deepEqual([put.revocation?.method, put.has_client_secret], ["rfc7009", true]);

  await visitor.presses("Edit");
  await visitor.chooses("Tokens are revoked", "none");
  await visitor.sends("Save");
  await visitor.reads("The provider has no revocation call");
  assert.deepEqual([(await read()).revocation, (await read()).client_id], [null, "hookswitch"]);

  await visitor.presses("Delete");
  await visitor.presses("Delete");
  await visitor.reads("This provider does not exist");

  await visitor.goes("#/providers/github");
  await visitor.presses("Edit");
  await visitor.fills("Client id", "ours");
  await visitor.sends("Save");
  await visitor.reads("ours", ".facts");
  const { body } = await service.root.get<ShownProvider>(providerPath("github"));
  assert.deepEqual([body.source, body.client_id], ["operator", "ours"]);
  assert.ok(body.revocation !== null, "how it revokes is as it ships");
  await visitor.leaves();
});

/** A connection whose one credential its provider refuses to revoke at first. */
async function left(...then: Reaction[]): Promise<Holder> {
  const revocation = { method: "rfc7009", url: `${provider.origin}/revoke`, auth: "none" } as const;
  const app = await appOf(service.root, await newProvider(service.root, { revocation }));
  const held = await hold(service.root, app, { access_token: provider.token(400, ...then) });
  await revokeConnection(service.root, held.id);
  await untilTrue("it is listed", async () =>
    (await abandoned(service.root)).some(({ connection_id }) => connection_id === held.id),
  );
  return held;
}

test("what_is_left_at_a_provider_is_retried_or_dismissed", async () => {
  const [told, dropped, refusing] = [await left(200), await left(), await left(400)];
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes("#/revocations");
  await visitor.row(told.user_id).getByText("HTTP 400").waitFor();
  await shoot(visitor.page, "console-upstream");
  const act = async (held: Holder, verb: "Retry" | "Dismiss"): Promise<void> => {
    await visitor.row(held.user_id).getByRole("button", { name: verb }).click();
    await visitor.presses(verb);
  };
  await act(told, "Retry");
  await visitor.reads("State: revoked", ".toast");
  await visitor.row(told.user_id).waitFor({ state: "detached" });
  assert.equal((await readHolder(service.root, told.id)).status, "revoked");

  await act(dropped, "Dismiss");
  await visitor.row(dropped.user_id).waitFor({ state: "detached" });
  const [credential] = (await readHolder(service.root, dropped.id)).upstream?.credentials ?? [];
  assert.equal(credential?.state, "dismissed");

  await act(refusing, "Retry");
  await visitor.reads("State: abandoned", ".toast");
  await visitor.row(refusing.user_id).waitFor();

  const late = await left();
  await visitor.row(late.user_id).waitFor();
  for (const held of [refusing, late]) {
    await act(held, "Dismiss");
    await visitor.row(held.user_id).waitFor({ state: "detached" });
  }
  await visitor.reads("No failed revocations");
  await visitor.leaves();
});

test("what_somebody_else_has_retried_meanwhile_is_explained", async () => {
  const held = await left(200);
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes("#/revocations");
  await visitor.row(held.user_id).getByRole("button", { name: "Retry" }).click();
  const [revocation] = (await abandoned(service.root)).filter(
    ({ connection_id }) => connection_id === held.id,
  );
  await service.root.post(`/v1/revocations/${revocation?.id}/retry`, {});
  await visitor.presses("Retry");
  await visitor.reads("revocation_not_abandoned", "dialog [role=alert]");
  await visitor.presses("Cancel");
  await visitor.row(held.user_id).waitFor({ state: "detached" });
  await visitor.leaves();
});

test("an_endpoint_is_put_tested_followed_given_a_new_secret_and_deleted", async () => {
  const name = newName();
  const visitor = await Visitor.signedIn(browser, service);
  await visitor.goes("#/webhooks");
  await visitor.reads("No endpoints yet");
  await visitor.presses("New endpoint");
  await visitor.fills("Name", name);
  await visitor.fills("URL", receiver.url(`/${name}`));
  await visitor.presses("Create endpoint");
  const [secret = ""] = await visitor.takesSecrets();
  assert.match(secret, /^whsec_/);
  await visitor.reads("No deliveries yet");

  await visitor.presses("Send test event");
  await visitor.reads("delivered", "[data-tested]");
  assert.equal(receiver.at(`/${name}`).length, 1);

  receiver.answer(`/${name}`, () => 500);
  await visitor.presses("Send test event");
  await visitor.reads("failed", "[data-tested]");
  await visitor.reads("500", "[data-tested]");
  receiver.answer(`/${name}`);

  const user = await newUser(service.root);
  await mint(service.root, user);
  await visitor.reads("token.created", "table");
  await shoot(visitor.page, "console-webhook");

  await visitor.presses("New secret");
  await visitor.presses("Create secret");
  const [fresh] = await visitor.takesSecrets();
  assert.notEqual(fresh, secret);
  await visitor.reads("Previous secret signs until", ".facts");

  await visitor.presses("Edit");
  await visitor.page.getByLabel("token.revoked").check();
  await visitor.page.getByLabel("Disabled: no events are sent").check();
  await visitor.sends("Save");
  await visitor.reads("disabled", ".facts");
  const { body } = await service.root.get<Endpoint>(webhookPath(name));
  assert.deepEqual([body.events, body.disabled], [["token.revoked"], true]);

  await visitor.presses("Delete");
  await visitor.presses("Delete");
  await visitor.reads("No endpoints yet");
  await service.root.get(webhookPath(name), 404);
  await visitor.leaves();
});

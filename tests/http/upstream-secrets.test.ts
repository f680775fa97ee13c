// What others gave us to keep: sealed, shown to nobody but the provider, and opened by rotated secrets as long as they are
// listed.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import { findSecrets } from "../support/secrets.ts";
import { eventsOf, newUser } from "./kit/actions.ts";
import { userPath, type Answer, type Api } from "./kit/api.ts";
import { connectionPath, revokeConnection } from "./kit/connections.ts";
import { Provider } from "./kit/provider.ts";
import { PREVIOUS, SECRET, newSecret, serve } from "./kit/service.ts";
import type { App } from "./kit/shapes.ts";
import {
  abandoned,
  appOf,
  hold,
  newProvider,
  providerPath,
  readHolder,
  settled,
  statesOf,
  type Call,
  type Holder,
} from "./kit/upstream.ts";
import { inParallel, sleep, times, until, untilTrue } from "./kit/wait.ts";

const [A, B, C] = [newSecret(), newSecret(), newSecret()];
const service = await serve({ vars: { [SECRET]: A, UPSTREAM_RETRY_MS: "50" } });
after(() => service.stop());
const { root } = service;
const provider = await Provider.start();
after(() => provider.stop());

/** Where webhooks go; what came, whole. */
const hooks: string[] = [];
const endpoint = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += String(chunk)));
  request.on("end", () => {
    hooks.push(JSON.stringify(request.headers) + body);
    response.end();
  });
});
after(() => endpoint.close());

const client_secret = `client-secret-${randomUUID()}`;
let slug: string;
let revocation: Call;
let app: App;

before(async () => {
  endpoint.listen(0, "127.0.0.1");
  await once(endpoint, "listening");
  const { port } = endpoint.address() as AddressInfo;
  const made = await root.put("/v1/webhooks/all", { url: `http://127.0.0.1:${port}/` }, 201);
  assert.ok(made);
  revocation = { method: "rfc7009", url: `${provider.origin}/revoke`, auth: "post" };
  slug = await newProvider(root, { revocation, client_id: "us", client_secret });
  app = await appOf(root, slug);
});

/** An API all of whose answers are kept. */
function recording(api: Api, texts: string[]): Api {
  const kept = api.as(service.secrets.rootKey);
  const send = kept.send.bind(kept);
  kept.send = async <T>(...sent: Parameters<Api["send"]>): Promise<Answer<T>> => {
    const answer = await send<T>(...sent);
    texts.push(JSON.stringify([...answer.headers]) + answer.text);
    return answer;
  };
  return kept;
}

test("no_credential_is_in_an_answer_an_event_a_webhook_the_log_or_storage", async () => {
  const answers: string[] = [];
  const api = recording(root, answers);
  const secrets: Record<string, string> = { client_secret };
  const keep = (name: string, token: string): string => (secrets[name] = token);

  const user = await newUser(root);
  const [refresh_token, access_token] = [
    keep("refresh token", provider.token()),
    keep("access token", provider.token({ status: 400, body: "no, I said" })),
  ];
  const held = await hold(api, app, { refresh_token, access_token }, user);
  const replaced = keep("replaced", provider.token());
  await api.put(connectionPath(held.id, "/upstream"), { access_token: replaced });
  const again = keep("replaced again", provider.token(500, 400));
  await api.put(connectionPath(held.id, "/upstream"), { access_token: again });
  const key = { "idempotency-key": `key-${randomUUID()}` };
  const later = keep("of an Idempotency-Key", provider.token("dies", 200));
  const json = { user_id: user, app_id: app.app_id, upstream: { access_token: later } };
  const other = (await api.post<Holder>("/v1/connections", json, 201, key)).body;
  await api.post("/v1/connections", json, 201, key);
  const kept = keep("of a connection that lives", provider.token());
  await hold(api, app, { access_token: kept }, user);

  // Where they do not belong.
  for (const misplaced of [access_token, client_secret]) {
    await api.send("GET", connectionPath(misplaced));
    await api.send("GET", `/v1/revocations/${misplaced}`);
    await api.send("PUT", providerPath(slug), { json: { name: 1, [misplaced]: misplaced } });
    await api.send("PUT", connectionPath(held.id, "/upstream"), { json: { [misplaced]: 1 } });
    await api.send("PUT", connectionPath(held.id, "/upstream"), {
      body: `{"access_token":"${misplaced}`,
    });
    await api.send("PUT", connectionPath(held.id, "/upstream"), {
      json: { access_token: ` ${misplaced}` },
    });
  }

  await api.post(connectionPath(held.id, "/revoke"), { reason: "a reason" });
  await api.post(connectionPath(other.id, "/revoke"), {});
  for (const { id } of [held, other]) await settled(api, id);
  await until("it is listed", async () =>
    (await abandoned(api)).find(({ user_id }) => user_id === user),
  );
  for (const target of [
    connectionPath(held.id),
    userPath(user, "/connections"),
    userPath(user, "/events"),
    providerPath(slug),
    "/v1/providers",
    "/v1/webhooks/all/deliveries",
  ]) {
    await api.send("GET", target);
  }
  const ids = (await eventsOf(root, user)).map(({ id }) => id);
  const told = async (): Promise<boolean> =>
    ids.every((id) => hooks.some((hook) => hook.includes(id)));
  await untilTrue("the webhooks are there", told);
  assert.deepEqual(statesOf(await readHolder(root, held.id)), [
    "refresh_token revoked 1",
    "access_token abandoned 2",
  ]);
  assert.ok(provider.askedOf(again)[0]?.body.includes(encodeURIComponent(client_secret)));

  // The files are then those of a service at rest.
  await sleep(2_000);
  assert.deepEqual(
    findSecrets({ persistPath: service.persistPath, logs: service.logs() }, secrets),
    [],
  );
  for (const [name, secret] of Object.entries(secrets)) {
    assert.ok(!answers.some((text) => text.includes(secret)), `${name} in an answer`);
    assert.ok(!hooks.some((text) => text.includes(secret)), `${name} in a webhook`);
  }
  assert.ok(answers.length > 20 && hooks.length >= ids.length);
});

test("what_an_earlier_secret_sealed_is_opened_while_it_is_listed", async () => {
  const token = provider.token();
  const held = await hold(root, app, { access_token: token });
  await service.restart({ [SECRET]: B, [PREVIOUS]: A });
  assert.equal((await revokeConnection(root, held.id)).status, "revoked");
  const [asked] = provider.askedOf(token);
  assert.equal(new URLSearchParams(asked?.body).get("client_secret"), client_secret);
});

/** Waits until the ledgers have done all that they had to do. */
const rest = (): Promise<void> => sleep(2_500);

async function holdAll(user: string, tokens: string[]): Promise<Holder[]> {
  return inParallel(
    5,
    tokens.map((access_token) => () => hold(root, app, { access_token }, user)),
  );
}

function toldOf(tokens: string[]): number {
  return tokens.filter((token) => provider.askedOf(token).length === 1).length;
}

test("what_is_sealed_anew_needs_the_earlier_secret_no_more", async () => {
  await service.restart({ [SECRET]: A, [PREVIOUS]: undefined });
  const user = await newUser(root);
  // More than one ring of the alarm seals anew.
  const tokens = times(15, () => provider.token());
  const [first] = await holdAll(user, tokens);
  await root.put(providerPath(slug), { revocation, client_id: "us", client_secret });
  await rest();

  await service.restart({ [SECRET]: B, [PREVIOUS]: A });
  // Whoever asks anything of a ledger has it look.
  await readHolder(root, first?.id ?? "");
  await root.get(providerPath(slug));
  await rest();

  // The names of what A made are good no more; the user is.
  await service.restart({ [SECRET]: B, [PREVIOUS]: undefined });
  await root.post(userPath(user, "/revoke"), {});
  await untilTrue("the provider is told of all", async () => toldOf(tokens) === tokens.length);
  const [asked] = provider.askedOf(tokens[0] ?? "");
  assert.equal(new URLSearchParams(asked?.body).get("client_secret"), client_secret);
});

test("what_a_dropped_secret_sealed_is_for_an_operator_to_look_at", async () => {
  await service.restart({ [SECRET]: A, [PREVIOUS]: undefined });
  const user = await newUser(root);
  const lost = times(12, () => provider.token());
  await holdAll(user, lost);
  await service.restart({ [SECRET]: B, [PREVIOUS]: undefined });
  const kept = times(2, () => provider.token());
  const [later] = await holdAll(user, kept);
  await rest();

  // What nobody can open does not stand in the way of the rest.
  await service.restart({ [SECRET]: C, [PREVIOUS]: B });
  await readHolder(root, later?.id ?? "");
  // The client secret that is shown to the provider is kept, too.
  await root.get(providerPath(slug));
  await rest();
  await service.restart({ [SECRET]: C, [PREVIOUS]: undefined });
  await root.post(userPath(user, "/revoke"), {});
  const left = await until("they are listed", async () => {
    const ours = (await abandoned(root)).filter(({ user_id }) => user_id === user);
    return ours.length >= lost.length ? ours : undefined;
  });
  for (const { state, attempts, error } of left) {
    assert.deepEqual([state, attempts], ["abandoned", 1]);
    assert.equal(error, "the secret that encrypted the credential was dropped");
  }
  assert.deepEqual([left.length, toldOf(kept), toldOf(lost)], [lost.length, kept.length, 0]);
});

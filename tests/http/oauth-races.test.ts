// Clients that exchange and refresh while somebody revokes: whatever they got, nothing of it is left afterwards.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { checkAll, eventsOf, newUser } from "./kit/actions.ts";
import { userPath, type Answer } from "./kit/api.ts";
import { disable, enable, readConnection, revokeConnection } from "./kit/connections.ts";
import {
  Client,
  authorized,
  isActive,
  newClientApp,
  newCode,
  newPublicApp,
  type Code,
  type Granted,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import { Stytch } from "./kit/stytch.ts";
import { times } from "./kit/wait.ts";

const RUNNERS = 24;
const ROUNDS = 3;

const service = await serve();
after(() => service.stop());
const { root } = service;
const stytch = new Stytch(root, service.projectId, service.secrets.rootKey);

let confidential: Client;
let open: Client;

before(async () => {
  confidential = new Client(root, await newClientApp(root));
  open = new Client(root, await newPublicApp(root));
});

type Held = Granted & { code: Code; proof: Record<string, string> };

/** The ways to take a connection away, or what an authorization issued. */
const REVOCATIONS: [string, (user: string, held: Held, client: Client) => Promise<unknown>][] = [
  ["the_connection", (_, { code }) => revokeConnection(root, code.connection_id)],
  ["the_user", (user) => root.post(userPath(user, "/revoke"), {})],
  ["the_app", (user, _, { app }) => stytch.revoke(user, app.app_id)],
  ["the_refresh_token", (_, held, client) => client.revoke(held.refresh_token)],
  [
    "the_connection_by_its_access_token",
    (_, { access_token }) => {
      const headers = { authorization: `Bearer ${access_token}` };
      return root.as(undefined).send("DELETE", "/api/v1/revoke", { headers });
    },
  ],
  ["the_code_by_replaying_it", (_, { code, proof }, client) => client.exchange(code.token, proof)],
];

for (const [what, take] of REVOCATIONS) {
  for (const type of ["confidential", "public"]) {
    test(`nothing_outlives_${what} (${type})`, async () => {
      const client = type === "public" ? open : confidential;
      for (let round = 0; round < ROUNDS; round += 1) {
        const user = await newUser(root);
        const held = await authorized(root, user, client);
        const [refreshed] = await Promise.all([
          Promise.all(times(RUNNERS, () => client.refresh(held.refresh_token))),
          take(user, held, client),
        ]);
        await nothingIsLeft([held, ...issued(refreshed)]);
        const late = await client.refresh(held.refresh_token);
        await nothingIsLeft(issued([late]));
      }
    });
  }
}

test("nothing_outlives_a_revocation_that_meets_the_exchange", async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const user = await newUser(root);
    const codes = await Promise.all(times(RUNNERS, () => newCode(root, user, confidential.app)));
    const id = codes[0]?.connection_id ?? "";
    assert.ok(codes.every(({ connection_id }) => connection_id === id));
    const [exchanged] = await Promise.all([
      Promise.all(codes.map(({ token }) => confidential.exchange(token))),
      revokeConnection(root, id),
    ]);
    await nothingIsLeft(issued(exchanged));
    const statuses = (
      await checkAll(
        root,
        codes.map(({ token }) => token),
      )
    ).map(({ status }) => status);
    for (const [index, answer] of exchanged.entries()) {
      assert.equal(statuses[index], answer.status === 200 ? "consumed" : "revoked");
    }
    assert.equal((await readConnection(root, id)).status, "revoked");
    assert.equal((await eventsOf(root, user, "connection.revoked")).length, 1);
    assert.ok((await eventsOf(root, user, "connection.activated")).length <= 1);
  }
});

test("while_a_connection_is_switched_off_and_on_no_refresh_is_lost_or_doubled", async () => {
  const held = await authorized(root, await newUser(root), confidential);
  const { connection_id: id } = held.code;
  const [answers] = await Promise.all([
    Promise.all(times(RUNNERS, () => confidential.refresh(held.refresh_token))),
    disable(root, id).then(() => enable(root, id)),
  ]);
  const got = issued(answers);
  for (const { status, body } of answers) {
    assert.ok(status === 200 || body.error === "invalid_grant", body.error);
  }
  assert.equal(new Set(got.map(({ access_token }) => access_token)).size, got.length);
  for (const { access_token } of got) assert.equal(await isActive(root, access_token), true);
});

/** What the answers that succeeded have issued. */
function issued(answers: Answer<Granted>[]): Granted[] {
  for (const { status, body, text } of answers) {
    assert.ok(status === 200 || (status === 400 && body.error === "invalid_grant"), text);
  }
  return answers.filter(({ status }) => status === 200).map(({ body }) => body);
}

async function nothingIsLeft(all: Granted[]): Promise<void> {
  const tokens = all.flatMap(({ access_token, refresh_token }) =>
    refresh_token === undefined ? [access_token] : [access_token, refresh_token],
  );
  if (tokens.length === 0) return;
  for (const { status } of await checkAll(root, tokens)) {
    assert.ok(status === "revoked" || status === "consumed", status);
  }
  for (const { access_token } of all) assert.equal(await isActive(root, access_token), false);
}

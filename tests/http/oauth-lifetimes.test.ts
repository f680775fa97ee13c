// How long a refresh token lives on after a use that does not replace it: for as long as it was given at first, and
// not for as long as the API that it is used at gives its own.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, newUser } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import { connect, issue, type IssueOrder } from "./kit/connections.ts";
import {
  Client,
  authorized,
  newClientApp,
  newCode,
  newPublicApp,
  postForm,
  type Granted,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import { sleep } from "./kit/wait.ts";

const DAY_S = 86_400;
const YEAR_S = 31_536_000;

const service = await serve();
after(() => service.stop());
const { root } = service;
const nobody = root.as(undefined);

let client: Client;
let user: string;
before(async () => {
  client = new Client(root, await newClientApp(root));
  user = await newUser(root);
});

/** POST to Flinks' token endpoint. */
function flinks(params: Record<string, string>): Promise<Answer<Granted>> {
  const { app_id: client_id, client_secret = "" } = client.app;
  return postForm(nobody, "/api/v1/token", { client_id, client_secret, ...params });
}

/** A refresh token as the native API issues it. */
async function issued(order: IssueOrder): Promise<string> {
  const { id } = await connect(root, user, client.app.app_id);
  return (await issue(root, id, order)).refresh_token ?? "";
}

async function issuedByFlinks(): Promise<string> {
  const code = (await newCode(root, user, client.app)).token;
  return (await flinks({ grant_type: "authorization_code", code })).body.refresh_token;
}

/** Who issues a refresh token, and how long it lives. */
const ISSUES: [string, number, () => Promise<string>][] = [
  ["natively for 60 s", 60, () => issued({ refresh_token_ttl: 60 })],
  ["natively for a year", YEAR_S, () => issued({ refresh_token_ttl: YEAR_S })],
  ["natively", 90 * DAY_S, () => issued({})],
  ["by Flinks", 30 * DAY_S, issuedByFlinks],
  ["by OAuth", 90 * DAY_S, async () => (await authorized(root, user, client)).refresh_token],
];

/** Who refreshes. */
const USES: [string, (refresh_token: string) => Promise<Answer<Granted>>][] = [
  ["OAuth", (refresh_token) => client.refresh(refresh_token)],
  ["Flinks", (refresh_token) => flinks({ grant_type: "refresh_token", refresh_token })],
  [
    "Stytch",
    (refresh_token) => new Client(root, client.app, "post", "/v1/oauth2").refresh(refresh_token),
  ],
];

for (const [issuer, seconds, issueIt] of ISSUES) {
  for (const [api, refresh] of USES) {
    test(`a_token_issued_${issuer.replaceAll(" ", "_")}_lives_on_as_long_after_a_use_at_${api}`, async () => {
      const token = await issueIt();
      const before = await check(root, token);
      assert.equal(
        Date.parse(before.expires_at ?? ""),
        Date.parse(before.created_at) + 1000 * seconds,
      );
      for (const _ of [1, 2]) {
        await sleep(20);
        const answer = await refresh(token);
        assert.equal(answer.status, 200, answer.text);
        const usedAt = Date.parse((await check(root, answer.body.access_token)).created_at);
        const { expires_at } = await check(root, token);
        assert.equal(Date.parse(expires_at ?? ""), usedAt + 1000 * seconds);
      }
    });
  }
}

test("a_short_life_ends_though_the_token_was_used", async () => {
  const token = await issued({ refresh_token_ttl: 2 });
  assert.equal((await client.refresh(token)).status, 200);
  await sleep(2_200);
  const answer = await client.refresh(token);
  assert.deepEqual([answer.status, answer.body.error], [400, "invalid_grant"]);
  assert.equal((await check(root, token)).status, "expired");
});

test("what_rotates_lives_to_the_end_of_the_first", async () => {
  const open = new Client(root, await newPublicApp(root));
  const { id } = await connect(root, user, open.app.app_id);
  let token = (await issue(root, id, { refresh_token_ttl: 60 })).refresh_token ?? "";
  const { expires_at } = await check(root, token);
  for (const _ of [1, 2]) {
    await sleep(20);
    token = (await open.refresh(token)).body.refresh_token;
    assert.equal((await check(root, token)).expires_at, expires_at);
  }
});

test("a_client_that_turns_confidential_keeps_the_life_that_its_token_was_given", async () => {
  const app = await newPublicApp(root);
  const { id } = await connect(root, user, app.app_id);
  const first = (await issue(root, id, { refresh_token_ttl: 60 })).refresh_token ?? "";
  const token = (await new Client(root, app).refresh(first)).body.refresh_token;
  const { name, scopes } = app;
  const changed = await root.put<typeof app>(`/v1/apps/${app.app_id}`, { name, scopes });
  const turned = new Client(root, changed.body);
  await sleep(20);
  const { access_token } = (await turned.refresh(token)).body;
  const usedAt = Date.parse((await check(root, access_token)).created_at);
  const { expires_at } = await check(root, token);
  assert.equal(Date.parse(expires_at ?? ""), usedAt + 60_000);
});

// Parameters that a standard says to ignore are ignored, however many there are and however often they come, wherever a
// form is read.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, newUser } from "./kit/actions.ts";
import {
  Client,
  authorized,
  form,
  isActive,
  newClientApp,
  newCode,
  postForm,
  type Code,
  type Params,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import { times } from "./kit/wait.ts";

/** As long as a body may be. */
const LONGEST = 65_536;

const service = await serve();
after(() => service.stop());
const { root } = service;
const nobody = root.as(undefined);
const PUBLIC = `/v1/public/${service.projectId}/oauth2`;

let user: string;
let client: Client;
before(async () => {
  user = await newUser(root);
  client = new Client(root, await newClientApp(root));
});

/** The parameters among others of no meaning, so that the form is as long as a form may be. */
function filled(params: Params): string {
  const known = `${form(params)}&resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example`;
  const others = times(LONGEST / 6, (index) => `${index.toString(36).padStart(3, "0")}=1`);
  const rest = LONGEST - known.length - 1;
  return `${others.join("&").slice(0, rest)}&${known}`;
}

const credentials = (): Params => {
  const { app_id: client_id, client_secret } = client.app;
  return { client_id, client_secret };
};

const exchangeOf = (code: Code): Params => ({
  ...credentials(),
  grant_type: "authorization_code",
  code: code.token,
});

for (const path of [
  "/oauth/token",
  "/api/v1/token",
  `${PUBLIC}/token`,
  "/v1/oauth2/token",
] as const) {
  test(`a_code_is_exchanged_by_the_longest_form (${shown(path)})`, async () => {
    const code = await newCode(root, user, client.app);
    const answer = await postForm(nobody, path, filled(exchangeOf(code)));
    assert.equal(answer.status, 200, answer.text);
  });
}

for (const base of ["/oauth", PUBLIC, "/v1/oauth2"]) {
  for (const endpoint of ["introspect", "revoke"]) {
    const path = `${base}/${endpoint}`;
    test(`${endpoint}_takes_the_longest_form (${shown(base)})`, async () => {
      const { access_token } = await authorized(root, user, client);
      const answer = await postForm(
        nobody,
        path,
        filled({ ...credentials(), token: access_token }),
      );
      assert.equal(answer.status, 200, answer.text);
      assert.equal(await isActive(root, access_token), endpoint === "introspect");
    });
  }
}

test("a_known_parameter_comes_once_among_any_number_of_others", async () => {
  const code = await newCode(root, user, client.app);
  const body = `${filled(exchangeOf(code)).slice(64)}&client_id=other`;
  const answer = await postForm(nobody, "/oauth/token", body);
  assert.deepEqual([answer.status, answer.body.error], [400, "invalid_request"], answer.text);
  assert.equal((await check(root, code.token)).status, "valid", "nothing was done");
});

test("the_longest_form_without_a_parameter_is_refused_and_costs_nothing", async () => {
  for (const path of ["/oauth/token", "/api/v1/token", `${PUBLIC}/token`]) {
    const answer = await postForm(nobody, path, "&".repeat(LONGEST));
    assert.ok(answer.status === 400 || answer.status === 401, answer.text);
    assert.equal(answer.cost.ledgerCalls + answer.cost.kvReads + answer.cost.kvWrites, 0);
  }
});

/** A path without what differs from run to run. */
function shown(path: string): string {
  return path.replace(service.projectId, "…");
}

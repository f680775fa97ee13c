// A form has 64 parameters at most, wherever a form is read: one that has more is refused for its size alone, before
// its client is looked at and before anything is done.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, newUser } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import {
  Client,
  authorized,
  form,
  isActive,
  newClientApp,
  newCode,
  postForm,
  type Code,
  type Granted,
  type Params,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import { times } from "./kit/wait.ts";

const MOST = 64;
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

/** The parameters, and so many of no meaning that there are `count` of them. */
function filled(params: Params, count: number): string {
  const known = form(params);
  const missing = count - known.split("&").length;
  return [known, ...times(missing, (index) => `x${index}=1`)].join("&");
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
  test(`a_code_is_exchanged_by_a_form_of_${MOST}_parameters_and_no_more (${shown(path)})`, async () => {
    const code = await newCode(root, user, client.app);
    const params = exchangeOf(code);
    for (const body of [
      filled(params, MOST + 1),
      `${filled(params, MOST)}&`,
      `${form(params)}${"&".repeat(MOST)}`,
    ]) {
      refused(await postForm(nobody, path, body));
    }
    assert.equal((await check(root, code.token)).status, "valid", "nothing was done");
    const answer = await postForm(nobody, path, filled(params, MOST));
    assert.equal(answer.status, 200, answer.text);
  });

  test(`a_refresh_of_too_many_parameters_is_refused (${shown(path)})`, async () => {
    const { refresh_token } = await authorized(root, user, client);
    const before = (await check(root, refresh_token)).expires_at;
    const params = { ...credentials(), grant_type: "refresh_token", refresh_token };
    refused(await postForm(nobody, path, filled(params, MOST + 1)));
    assert.equal((await check(root, refresh_token)).expires_at, before);
  });
}

for (const base of ["/oauth", PUBLIC, "/v1/oauth2"]) {
  for (const endpoint of ["introspect", "revoke"]) {
    const path = `${base}/${endpoint}`;
    test(`${endpoint} takes_${MOST}_parameters_and_no_more (${shown(base)})`, async () => {
      const { access_token } = await authorized(root, user, client);
      const params = { ...credentials(), token: access_token };
      refused(await postForm(nobody, path, filled(params, MOST + 1)));
      assert.equal(await isActive(root, access_token), true, "nothing was done");
      const answer = await postForm(nobody, path, filled(params, MOST));
      assert.equal(answer.status, 200, answer.text);
    });
  }
}

test("root_introspects_by_no_larger_form", async () => {
  const { access_token } = await authorized(root, user, client);
  const params = { token: access_token };
  refused(await postForm(root, "/oauth/introspect", filled(params, MOST + 1)));
  const answer = await postForm(root, "/oauth/introspect", filled(params, MOST));
  assert.equal(answer.status, 200, answer.text);
});

test("the_size_is_looked_at_before_the_client", async () => {
  const wrong = { client_id: "nobody", client_secret: "nonsense", grant_type: "nonsense" };
  const basic = { authorization: "Basic eDp5" };
  for (const path of ["/oauth/token", "/api/v1/token", `${PUBLIC}/token`]) {
    refused(await postForm(nobody, path, filled(wrong, MOST + 1)));
    refused(await postForm(nobody, path, filled({ grant_type: "nonsense" }, MOST + 1), basic));
  }
});

test("the_longest_form_is_refused_however_little_is_in_it", async () => {
  const names = times(LONGEST / 6, (index) => `${index.toString(36).padStart(3, "0")}=1`);
  for (const body of ["&".repeat(LONGEST), names.join("&").slice(0, LONGEST)]) {
    for (const path of ["/oauth/token", "/api/v1/token", `${PUBLIC}/token`]) {
      refused(await postForm(nobody, path, body));
    }
  }
});

/** A path without what differs from run to run. */
function shown(path: string): string {
  return path.replace(service.projectId, "…");
}

function refused(answer: Answer<Granted>): void {
  const what = `${answer.path}: ${answer.text}`;
  assert.deepEqual([answer.status, answer.body.error], [400, "invalid_request"], what);
  assert.match(answer.body.error_description, /64 parameters/, what);
  assert.equal(answer.cost.ledgerCalls + answer.cost.kvReads + answer.cost.kvWrites, 0, what);
}

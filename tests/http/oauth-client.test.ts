// How a client says who it is: RFC 6749, section 2.3, in every form that clients use, at each of the three endpoints.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { forge, newKey, newUser } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import { appPath } from "./kit/connections.ts";
import {
  Client,
  authorized,
  encodedBasic,
  isActive,
  newClientApp,
  newCode,
  newPublicApp,
  postForm,
  rawBasic,
  type Granted,
  type Params,
} from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";
import type { App } from "./kit/shapes.ts";
import { untilTrue } from "./kit/wait.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;
const nobody = root.as(undefined);

let app: App;
let open: App;
let user: string;
let live: string;

before(async () => {
  app = await newClientApp(root);
  open = await newPublicApp(root);
  user = await newUser(root);
  live = (await authorized(root, user, new Client(root, app))).access_token;
});

/** A request that is right but for the client's credentials, at each endpoint. */
async function everywhere(
  credentials: Params,
  headers: Record<string, string> = {},
  whose: App = app,
): Promise<Answer<Granted>[]> {
  const code = await newCode(root, user, whose);
  const send = (endpoint: string, params: Params): Promise<Answer<Granted>> =>
    postForm(nobody, `/oauth/${endpoint}`, { ...params, ...credentials }, headers);
  return [
    await send("introspect", { token: code.token }),
    await send("token", { grant_type: "authorization_code", code: code.token }),
    await send("revoke", { token: code.token }),
  ];
}

const secretOf = (one: App): string => one.client_secret ?? "";

test("a_confidential_client_authenticates_by_basic_or_in_the_body", async () => {
  const [id, secret] = [app.app_id, secretOf(app)];
  const ways: [Params, Record<string, string>][] = [
    [{ client_id: id, client_secret: secret }, {}],
    [{}, { authorization: rawBasic(id, secret) }],
    [{}, { authorization: rawBasic(id, secret).replace("Basic", "basic") }],
    [{}, { authorization: encodedBasic(id, secret) }],
    [{ client_id: id }, { authorization: rawBasic(id, secret) }],
    [{ client_secret: "" }, { authorization: rawBasic(id, secret) }],
  ];
  for (const [credentials, headers] of ways) {
    for (const answer of await everywhere(credentials, headers)) {
      assert.equal(answer.status, 200, `${answer.path}: ${answer.text}`);
    }
  }
});

for (const app_id of [
  `plain-${randomUUID()}`,
  `with space ${randomUUID()}`,
  `a/b?c#d&e=f+g ${randomUUID()}`,
  `ünï-${randomUUID()}`,
  `100%2D-${randomUUID()}`,
]) {
  test(`an_id_is_read_raw_and_form_encoded (${app_id.split("-")[0]})`, async () => {
    const odd = await newClientApp(root, { app_id });
    const secret = secretOf(odd);
    for (const authorization of [rawBasic(app_id, secret), encodedBasic(app_id, secret)]) {
      for (const answer of await everywhere({}, { authorization }, odd)) {
        assert.equal(answer.status, 200, `${answer.path}: ${answer.text}`);
      }
    }
    for (const answer of await everywhere({ client_id: app_id, client_secret: secret }, {}, odd)) {
      assert.equal(answer.status, 200, `${answer.path}: ${answer.text}`);
    }
  });
}

test("an_id_with_a_colon_is_read_form_encoded", async () => {
  const odd = await newClientApp(root, { app_id: `urn:app:${randomUUID()}` });
  const authorization = encodedBasic(odd.app_id, secretOf(odd));
  for (const answer of await everywhere({}, { authorization }, odd)) {
    assert.equal(answer.status, 200, `${answer.path}: ${answer.text}`);
  }
});

test("whoever_is_not_the_client_is_refused", async () => {
  const [id, secret] = [app.app_id, secretOf(app)];
  const other = await newClientApp(root);
  const ways: [Params, Record<string, string>][] = [
    [{}, {}],
    [{ client_id: id }, {}],
    [{ client_secret: secret }, {}],
    [{ client_id: id, client_secret: forge(secret) }, {}],
    [{ client_id: id, client_secret: secretOf(other) }, {}],
    [{ client_id: other.app_id, client_secret: secret }, {}],
    [{ client_id: `app-${randomUUID()}`, client_secret: secret }, {}],
    [{ client_id: `app-${randomUUID()}` }, {}],
    [{ client_id: id, client_secret: "nonsense" }, {}],
    [{}, { authorization: rawBasic(id, forge(secret)) }],
    [{}, { authorization: rawBasic(id, "") }],
    [{}, { authorization: rawBasic("", secret) }],
    [{}, { authorization: rawBasic(other.app_id, secret) }],
    [{}, { authorization: `Basic ${Buffer.from(id).toString("base64")}` }],
    [{}, { authorization: "Basic !!!" }],
  ];
  for (const [credentials, headers] of ways) {
    for (const answer of await everywhere(credentials, headers)) {
      // A client that authenticates in the body gets no challenge.
      const isInBody = "client_id" in credentials;
      unauthenticated(answer, !isInBody);
      assert.equal(answer.text.includes(secret), false);
    }
  }
});

test("a_client_authenticates_in_one_way", async () => {
  const [client_id, client_secret] = [app.app_id, secretOf(app)];
  const authorization = rawBasic(client_id, client_secret);
  for (const credentials of [{ client_id, client_secret }, { client_secret }]) {
    for (const answer of await everywhere(credentials, { authorization })) {
      assert.deepEqual([answer.status, answer.body.error], [400, "invalid_request"], answer.text);
    }
  }
});

test("basic_credentials_and_the_body_name_the_same_client", async () => {
  const other = await newClientApp(root);
  const authorization = rawBasic(app.app_id, secretOf(app));
  for (const answer of await everywhere({ client_id: other.app_id }, { authorization })) {
    assert.ok(answer.status === 400 || answer.status === 401, `${answer.path}: ${answer.text}`);
  }
});

test("a_public_client_says_only_who_it_is", async () => {
  const answers = await everywhere({ client_id: open.app_id }, {}, open);
  // It may not introspect, its code has no challenge, and it may revoke.
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.error]),
    [
      [401, "invalid_client"],
      [400, "invalid_grant"],
      [200, undefined],
    ],
  );
  for (const client_secret of [secretOf(app), "nonsense"]) {
    const credentials = { client_id: open.app_id, client_secret };
    for (const answer of await everywhere(credentials, {}, open)) unauthenticated(answer, false);
    const authorization = rawBasic(open.app_id, client_secret);
    for (const answer of await everywhere({}, { authorization }, open)) {
      unauthenticated(answer, true);
    }
  }
});

test("a_key_is_no_client", async () => {
  const { api_key } = await newKey(root, await newUser(root, { role: "admin" }));
  for (const endpoint of ["token", "revoke"]) {
    const params = { grant_type: "authorization_code", code: "x", token: live };
    const answer = await postForm(root.as(api_key), `/oauth/${endpoint}`, params);
    assert.deepEqual([answer.status, answer.body.error], [401, "invalid_client"], answer.text);
  }
  assert.equal(await isActive(root, live), true);
});

test("a_new_secret_replaces_the_one_before_at_once_or_after_a_while", async () => {
  const renewed = await newClientApp(root);
  const secrets = [secretOf(renewed)];
  const rotate = async (json: object): Promise<void> => {
    const { body } = await root.post<App>(appPath(renewed.app_id, "/client-secret"), json, 201);
    secrets.unshift(secretOf(body));
  };
  const answers = async (): Promise<number[]> => {
    const all = await Promise.all(
      secrets.map((client_secret) =>
        new Client(root, { ...renewed, client_secret }).introspect(live),
      ),
    );
    return all.map(({ status }) => status);
  };
  await rotate({ previous_ttl: 600 });
  assert.deepEqual(await answers(), [200, 200]);
  await rotate({});
  // An isolate may go by what it remembers of the app for ten seconds.
  await untilTrue("the old ones are refused", async () => {
    const [newest, ...earlier] = await answers();
    return newest === 200 && earlier.every((status) => status === 401);
  });
});

test("an_app_that_becomes_public_has_no_secret_and_one_that_becomes_confidential_has_a_new_one", async () => {
  const changing = await newClientApp(root);
  const first = secretOf(changing);
  const { name, scopes } = changing;
  const put = async (client_type: string): Promise<App> =>
    (await root.put<App>(appPath(changing.app_id), { name, scopes, client_type })).body;
  const status = async (client_secret: string): Promise<number> =>
    (await new Client(root, { ...changing, client_secret }, "post").introspect(live)).status;

  assert.equal((await put("public")).client_secret, undefined);
  await untilTrue("the secret is forgotten", async () => (await status(first)) === 401);
  const second = (await put("confidential")).client_secret ?? "";
  assert.match(second, /^hcs_[0-9a-f]{48}$/);
  await untilTrue("the new one is known", async () => (await status(second)) === 200);
  assert.equal(await status(first), 401);
});

function unauthenticated(answer: Answer<Granted>, isBasic: boolean): void {
  const what = `${answer.path}: ${answer.text}`;
  assert.deepEqual([answer.status, answer.body.error], [401, "invalid_client"], what);
  assert.deepEqual(Object.keys(answer.body).sort(), ["error", "error_description"]);
  const wanted = isBasic ? 'Basic realm="hookswitch"' : null;
  assert.equal(answer.headers.get("www-authenticate"), wanted, what);
}

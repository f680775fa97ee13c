// Keys in a real workerd: signed introspection (RFC 9701), and client assertions of both algorithms (RFC 7523).

import assert from "node:assert/strict";
import {
  constants,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  verify,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";
import { after, test } from "node:test";

import { newUser } from "./kit/actions.ts";
import { Client, authorized, newClientApp, postForm, type Granted } from "./kit/oauth.ts";
import { serve } from "./kit/service.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

const JWT = "application/token-introspection+jwt";
const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const decoded = (part: string | undefined): Record<string, unknown> =>
  JSON.parse(Buffer.from(part ?? "", "base64url").toString()) as Record<string, unknown>;

async function publishedKeys(): Promise<JsonWebKey[]> {
  const answer = await fetch(`${service.url}/.well-known/jwks.json`);
  assert.equal(answer.headers.get("cache-control"), "public, max-age=300");
  return ((await answer.json()) as { keys: JsonWebKey[] }).keys;
}

async function introspectSigned(client: Client, token: string): Promise<string> {
  const answer = await fetch(`${service.url}/oauth/introspect`, {
    method: "POST",
    headers: { accept: JWT },
    body: new URLSearchParams({
      token,
      client_id: client.app.app_id,
      client_secret: client.app.client_secret ?? "",
    }),
  });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), JWT);
  return answer.text();
}

test("a_signed_verdict_is_verified_by_the_published_key_also_after_a_restart", async () => {
  const client = new Client(root, await newClientApp(root));
  const { access_token } = await authorized(root, await newUser(root), client);
  for (const round of ["first", "restarted"]) {
    const [header, claims, signature] = (await introspectSigned(client, access_token)).split(".");
    const { alg, typ, kid } = decoded(header);
    assert.deepEqual({ alg, typ }, { alg: "ES256", typ: "token-introspection+jwt" });
    const keys = await publishedKeys();
    assert.equal(keys.length, 1, round);
    const jwk = keys.find((key) => key.kid === kid);
    assert.ok(jwk !== undefined && !("d" in jwk));
    const key = createPublicKey({ key: jwk, format: "jwk" });
    const isSigned = verify(
      "sha256",
      Buffer.from(`${header}.${claims}`),
      { key, dsaEncoding: "ieee-p1363" },
      Buffer.from(signature ?? "", "base64url"),
    );
    assert.ok(isSigned, round);
    const { iss, aud, token_introspection, exp, sub } = decoded(claims);
    assert.deepEqual(
      { iss, aud, exp, sub },
      { iss: service.url, aud: client.app.app_id, exp: undefined, sub: undefined },
    );
    assert.equal((token_introspection as { active: boolean }).active, true);
    if (round === "first") await service.restart();
  }
});

test("concurrent_first_readers_get_one_key", async () => {
  const fresh = await serve();
  const sets = await Promise.all(
    Array.from({ length: 8 }, async () =>
      (await fetch(`${fresh.url}/.well-known/jwks.json`)).text(),
    ),
  );
  await fresh.stop();
  assert.equal(new Set(sets).size, 1);
});

const PAIRS = {
  ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  RS256: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
} as const;

function assertion(alg: keyof typeof PAIRS, key: KeyObject, clientId: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 60;
  const claims = { iss: clientId, sub: clientId, aud: service.url, exp, jti: randomUUID() };
  const input = `${part({ alg })}.${part(claims)}`;
  const signature = sign(
    "sha256",
    Buffer.from(input),
    alg === "ES256"
      ? { key, dsaEncoding: "ieee-p1363" }
      : { key, padding: constants.RSA_PKCS1_PADDING },
  );
  return `${input}.${signature.toString("base64url")}`;
}

for (const alg of ["ES256", "RS256"] as const) {
  test(`an_app_authenticates_with_its_key (${alg})`, async () => {
    const [pair, stranger] = [PAIRS[alg](), PAIRS[alg]()];
    const jwks = { keys: [pair.publicKey.export({ format: "jwk" })] };
    const app = await newClientApp(root, { jwks });
    assert.equal(app.client_secret, undefined);
    const ask = async (client_assertion: string, status: number): Promise<Granted> => {
      const answer = await postForm(root.as(undefined), "/oauth/token", {
        grant_type: "client_credentials",
        client_assertion_type: ASSERTION_TYPE,
        client_assertion,
      });
      assert.equal(answer.status, status, answer.text);
      return answer.body;
    };
    const valid = assertion(alg, pair.privateKey, app.app_id);
    assert.match((await ask(valid, 200)).access_token, /^hat_/);
    for (const wrong of [valid, assertion(alg, stranger.privateKey, app.app_id)]) {
      assert.equal((await ask(wrong, 401)).error, "invalid_client");
    }
  });
}

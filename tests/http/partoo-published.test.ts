// Partoo's published description of its calls, unmodified, and that our answers and our description fit it.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { asNew, consume, forge, mint, newUser } from "./kit/actions.ts";
import { description, paths } from "./kit/description.ts";
import { published } from "./kit/published.ts";
import { serve } from "./kit/service.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

const CHECK = "/connection/check_token";
const REVOKE = "/connection/revoke_token";
const GENERATE = "/connection/generate_token";

const contracts = {
  [CHECK]: published("partoo-check-token.yaml"),
  [REVOKE]: published("partoo-revoke-token.yaml"),
};

/** The words of Partoo's errors, which its description has as defaults. */
const WORDS: Record<number, object> = {
  401: { errors: { authentication: "User not authenticated" } },
  403: { errors: { authorization: "Operation not allowed" } },
  404: { errors: { json: "Resource not found" } },
};

/** The requests as a client made from Partoo's description builds them. */
class PartooClient {
  readonly #key: string | undefined;

  constructor(key: string | undefined) {
    this.#key = key;
  }

  generate(body: { user_id?: string; ttl?: number }, status = 200): Promise<Body> {
    return this.#fetch("POST", GENERATE, status, { json: body });
  }

  check(query: { user_id: string; token: string }, status = 200): Promise<Body> {
    return this.#fetch("GET", CHECK, status, {}, `?${new URLSearchParams(query)}`);
  }

  revoke(body: { user_id?: string; token?: string }, status = 200): Promise<Body> {
    return this.#fetch("POST", REVOKE, status, { json: body });
  }

  /** Sends a request, and fails unless the description of the call has the answer. */
  async #fetch(
    method: "GET" | "POST",
    path: typeof CHECK | typeof REVOKE | typeof GENERATE,
    expected: number,
    options: { json?: object },
    query = "",
  ): Promise<Body> {
    const headers = this.#key === undefined ? {} : { "x-APIKey": this.#key };
    const api = root.as(undefined);
    const { status, contentType, body } = await api.send<Body>(method, `/v2${path}${query}`, {
      ...options,
      headers,
    });
    assert.equal(status, expected, JSON.stringify(body));
    // Partoo's pages about the other two calls describe the errors of this one, too.
    if (path !== GENERATE) {
      contracts[path].assertMatches(method, path, status, contentType, body);
    } else if (status !== 200) {
      contracts[REVOKE].assertMatches(method, REVOKE, status, contentType, body);
    }
    if (status in WORDS) assert.deepEqual(body, WORDS[status]);
    return body;
  }
}

type Body = Record<string, string>;

test("a_client_made_from_partoos_description_reads_every_answer", async () => {
  const user = await newUser(root);
  const stranger = (await asNew(root, {})).userId;
  const client = new PartooClient(service.secrets.rootKey);
  const { api_key } = (await root.post<{ api_key: string }>("/v1/api-keys", { user_id: user }, 201))
    .body;
  const self = new PartooClient(api_key);

  for (const by of [client, self]) {
    const used = (await by.generate({ user_id: user, ttl: 60 }))["token"] ?? "";
    const taken = (await by.generate({ user_id: user }))["token"] ?? "";
    const status = async (token: string): Promise<string | undefined> =>
      (await by.check({ user_id: user, token }))["status"];
    assert.equal(await status(used), "valid");
    await consume(root, used);
    assert.equal(await status(used), "consumed");
    await by.revoke({ user_id: user, token: taken });
    assert.equal(await status(taken), "revoked");
    await by.revoke({ user_id: user, token: used }, 400);
    await by.generate({}, 400);
    await by.generate({ user_id: user, ttl: 86_401 }, 400);
  }
  const { token } = await mint(root, user);
  await new PartooClient(undefined).check({ user_id: user, token }, 401);
  await new PartooClient(forge(api_key)).generate({ user_id: user }, 401);
  await self.generate({ user_id: stranger }, 403);
  await self.check({ user_id: stranger, token }, 403);
  await client.check({ user_id: stranger, token }, 404);
  await client.revoke({ user_id: user, token: forge(token) }, 404);
});

test("our_description_has_every_parameter_and_status_that_partoo_publishes", () => {
  const calls = {
    [CHECK]: ["get", ["token", "user_id"]],
    [REVOKE]: ["post", ["token", "user_id"]],
    [GENERATE]: ["post", ["ttl", "user_id"]],
  } as const;
  for (const [path, [method, names]] of Object.entries(calls)) {
    for (const prefix of ["", "/v2"]) {
      const operation = paths[prefix + path]?.[method] as Operation;
      assert.deepEqual(parameters(operation), names, path);
      for (const status of ["200", "400", "401", "403", "404"]) {
        assert.ok(status in operation.responses, `${path}: ${status}`);
      }
    }
  }
});

interface Operation {
  parameters?: Described[];
  requestBody?: { content: Record<string, { schema: Described }> };
  responses: object;
}

interface Described {
  $ref?: string;
  name?: string;
  properties?: object;
}

/** A part of the description, looked up if it is a reference. */
function resolved(part: Described): Described {
  if (part.$ref === undefined) return part;
  const steps = part.$ref.slice("#/".length).split("/");
  return steps.reduce<unknown>((at, step) => (at as Json)[step], description) as Described;
}

type Json = Record<string, unknown>;

/** The names of what an operation takes, in the query or in the body; `Idempotency-Key` is ours. */
function parameters(operation: Operation): string[] {
  const queried = (operation.parameters ?? []).map((parameter) => resolved(parameter).name ?? "");
  const schema = operation.requestBody?.content["application/json"]?.schema;
  const sent = schema === undefined ? [] : Object.keys(resolved(schema).properties ?? {});
  return [...queried, ...sent].filter((name) => name !== "Idempotency-Key").sort();
}

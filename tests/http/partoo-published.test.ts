// What Partoo publishes of its three calls, and that our answers and our description fit it.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

import { asNew, consume, forge, mint, newUser } from "./kit/actions.ts";
import { description, paths } from "./kit/description.ts";
import { serve } from "./kit/service.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);

const date = { type: "string", format: "date-time" };

/** An error of Partoo: an object `errors` with the message in the area that belongs to the status. */
const error = (area: string, message: object): object => ({
  type: "object",
  properties: { errors: { type: "object", properties: { [area]: message } } },
});

/** The bodies that Partoo describes, by what they are for. */
const PUBLISHED: Record<string, ValidateFunction> = Object.fromEntries(
  Object.entries({
    generated: {
      type: "object",
      properties: { token: { type: "string" }, expiration_date: date },
    },
    checked: {
      type: "object",
      properties: {
        token: { type: "string" },
        expiration_date: date,
        generated_by: { type: "string" },
        creation_date: date,
        // Published as a date; of a token that was not consumed it is ours to choose, and we say null.
        consumption_date: { anyOf: [date, { type: "null" }] },
        status: { type: "string", enum: ["revoked", "consumed", "expired", "valid"] },
      },
    },
    revoked: { type: "object" },
    400: error("json", { type: "object" }),
    401: error("authentication", { type: "string", const: "User not authenticated" }),
    403: error("authorization", { type: "string", const: "Operation not allowed" }),
    404: error("json", { type: "string", const: "Resource not found" }),
  }).map(([name, schema]) => [name, ajv.compile(schema)]),
);

/** The requests as a client made from Partoo's description builds them. */
class PartooClient {
  readonly #key: string | undefined;

  constructor(key: string | undefined) {
    this.#key = key;
  }

  generate(body: { user_id?: string; ttl?: number }): Promise<Received> {
    return this.#fetch("/connection/generate_token", body);
  }

  check(query: { user_id: string; token: string }): Promise<Received> {
    return this.#fetch(`/connection/check_token?${new URLSearchParams(query)}`);
  }

  revoke(body: { user_id?: string; token?: string }): Promise<Received> {
    return this.#fetch("/connection/revoke_token", body);
  }

  async #fetch(path: string, body?: object): Promise<Received> {
    const { status, body: received } = await root
      .as(undefined)
      .send<Record<string, string>>(body === undefined ? "GET" : "POST", `/v2${path}`, {
        ...(body === undefined ? {} : { json: body }),
        headers: this.#key === undefined ? {} : { "x-APIKey": this.#key },
      });
    return { status, body: received };
  }
}

interface Received {
  status: number;
  body: Record<string, string>;
}

function fits(name: string, { status, body }: Received, expected: number): Record<string, string> {
  assert.equal(status, expected, JSON.stringify(body));
  const validate = PUBLISHED[name];
  assert.ok(validate, name);
  assert.ok(validate(body), `${name}: ${ajv.errorsText(validate.errors)}`);
  const { properties = {} } = validate.schema as { properties?: object };
  if (expected === 200) assert.deepEqual(Object.keys(body).sort(), Object.keys(properties).sort());
  return body;
}

test("a_client_made_from_partoos_description_reads_every_answer", async () => {
  const user = await newUser(root);
  const stranger = (await asNew(root, {})).userId;
  const client = new PartooClient(service.secrets.rootKey);
  const { api_key } = (await root.post<{ api_key: string }>("/v1/api-keys", { user_id: user }, 201))
    .body;
  const self = new PartooClient(api_key);

  for (const by of [client, self]) {
    const used =
      fits("generated", await by.generate({ user_id: user, ttl: 60 }), 200)["token"] ?? "";
    const taken = fits("generated", await by.generate({ user_id: user }), 200)["token"] ?? "";
    assert.equal(
      fits("checked", await by.check({ user_id: user, token: used }), 200)["status"],
      "valid",
    );
    await consume(root, used);
    assert.equal(
      fits("checked", await by.check({ user_id: user, token: used }), 200)["status"],
      "consumed",
    );
    fits("revoked", await by.revoke({ user_id: user, token: taken }), 200);
    assert.equal(
      fits("checked", await by.check({ user_id: user, token: taken }), 200)["status"],
      "revoked",
    );
    fits("400", await by.revoke({ user_id: user, token: used }), 400);
    fits("400", await by.generate({}), 400);
    fits("400", await by.generate({ user_id: user, ttl: 86_401 }), 400);
  }
  const { token } = await mint(root, user);
  fits("401", await new PartooClient(undefined).check({ user_id: user, token }), 401);
  fits("401", await new PartooClient(forge(api_key)).generate({ user_id: user }), 401);
  fits("403", await self.generate({ user_id: stranger }), 403);
  fits("403", await self.check({ user_id: stranger, token }), 403);
  fits("404", await client.check({ user_id: stranger, token }), 404);
  fits("404", await client.revoke({ user_id: user, token: forge(token) }), 404);
});

test("our_description_has_every_parameter_and_status_that_partoo_publishes", () => {
  const calls = {
    "/connection/check_token": ["get", ["token", "user_id"]],
    "/connection/revoke_token": ["post", ["token", "user_id"]],
    "/connection/generate_token": ["post", ["ttl", "user_id"]],
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

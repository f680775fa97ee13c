// The description of the API: valid, exact, and with examples that fit it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

import { Contract } from "../support/openapi.ts";
import { METHODS, STATIC, description, paths } from "./kit/description.ts";

type Json = Record<string, unknown>;

test("the_description_is_valid_openapi_3_1", async () => {
  assert.match(String(description["openapi"]), /^3\.1\./);
  await new Contract(description).assertValid();
});

/** Each operation of the description, with the statuses that it has. */
const OPERATIONS = Object.entries(paths).flatMap(([template, item]) =>
  METHODS.flatMap((method) => {
    const operation = item[method.toLowerCase()] as Json | undefined;
    if (operation === undefined) return [];
    const statuses = new Set(Object.keys(operation["responses"] as Json));
    return [{ where: `${method} ${template}`, template, method, operation, statuses }];
  }),
);

test("every_operation_says_what_it_is", () => {
  for (const { where, operation } of OPERATIONS) {
    for (const member of ["operationId", "summary", "description", "tags", "responses"]) {
      assert.ok(operation[member] !== undefined, `${where} has no ${member}`);
    }
  }
});

test("every_operation_says_how_it_fails", () => {
  for (const { where, template, operation, statuses } of OPERATIONS) {
    if (STATIC.has(template)) continue;
    const { security = description["security"], requestBody } = operation;
    const alternatives = (security as Json[]).map((schemes) => Object.keys(schemes));
    const hasBody = requestBody !== undefined;
    const isOpen = alternatives.length === 0 && !hasBody;
    const isKeyed = alternatives.length > 0 && alternatives.every((schemes) => schemes.length > 0);
    const expected = [
      ...["500", "503"],
      ...(isOpen ? [] : ["400", "429"]),
      ...(isKeyed || alternatives.flat().includes("oauthClient") ? ["401"] : []),
      ...(hasBody ? ["413", "415"] : []),
    ];
    const absent = expected.filter((status) => !statuses.has(status));
    assert.deepEqual(absent, [], where);
    assert.equal(statuses.has("413") || statuses.has("415"), hasBody, where);
  }
});

const NAMING_NOTHING = [
  "GET /v1/providers/{slug}/events",
  "POST /v1/sign-in-codes",
  "POST /v1/revocations/retry",
  "POST /v1/revocations/dismiss",
];

test("every_native_call_and_every_one_of_partoo_says_whom_it_refuses_and_what_it_may_not_find", () => {
  for (const { where, template, method, operation, statuses } of OPERATIONS) {
    const isOfPartoo = schemesOf(operation).includes("partooKey");
    if (!isNative(operation) && !isOfPartoo) continue;
    assert.ok(statuses.has("403"), where);
    // A PUT creates what does not exist. Lists of the deployment always exist, and some calls name nothing.
    const names = !/^GET \/v1\/\w+$/.test(where) && !NAMING_NOTHING.includes(where);
    const finds = method === "PUT" ? !template.endsWith("}") : names;
    assert.equal(statuses.has("404"), finds, where);
  }
});

test("no_object_of_the_native_api_is_open", () => {
  // What its owner keeps with a token, and what an event has to say, are theirs to shape.
  const open = new Set(["metadata", "data"]);
  const { schemas } = description["components"] as { schemas: Record<string, Json> };
  const seen = new Set<string>();
  const walk = (schema: unknown, where: string): void => {
    if (typeof schema !== "object" || schema === null) return;
    const { $ref, type, properties, additionalProperties } = schema as Json;
    const name = typeof $ref === "string" ? $ref.split("/components/schemas/")[1] : undefined;
    if (name !== undefined && !seen.has(name)) {
      seen.add(name);
      walk(schemas[name], name);
    }
    if (type === "object" && properties !== undefined) {
      assert.equal(additionalProperties, false, where);
    }
    for (const [name, inner] of Object.entries(schema)) {
      if (!open.has(name) && name !== "examples") walk(inner, `${where}.${name}`);
    }
  };
  for (const { where, operation } of OPERATIONS) {
    if (isNative(operation)) walk(operation, where);
  }
  assert.ok(seen.size > 40, `${seen.size} schemas`);
});

/** The names of the security schemes of an operation. */
function schemesOf(operation: Json): string[] {
  return (operation["security"] as Json[]).flatMap((schemes) => Object.keys(schemes));
}

/** Whether an operation is one of the native API that takes a key: its errors are problems of RFC 9457. */
function isNative(operation: Json): boolean {
  const failure = (operation["responses"] as Record<string, Json>)["500"]?.["$ref"];
  return schemesOf(operation).includes("bearer") && failure === "#/components/responses/native-500";
}

test("every_example_fits_its_schema", () => {
  const ajv = new Ajv2020({ strict: false, validateSchema: false });
  addFormats.default(ajv);
  ajv.addSchema(description, "description");
  let count = 0;
  const fits = (pointer: string, example: unknown): void => {
    const validate = ajv.getSchema(`description#${pointer}`);
    assert.ok(validate, pointer);
    assert.ok(validate(example), `${pointer}: ${ajv.errorsText(validate.errors)}`);
    count += 1;
  };
  const walk = (value: unknown, pointer: string): void => {
    if (typeof value !== "object" || value === null) return;
    const { schema, example, examples } = value as Json;
    const step = (name: string): string =>
      `${pointer}/${encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"))}`;
    if (schema !== undefined) {
      if (example !== undefined) fits(step("schema"), example);
      for (const one of Object.values((examples ?? {}) as Record<string, Json>))
        fits(step("schema"), one["value"]);
    } else if (Array.isArray(examples)) {
      for (const one of examples) fits(pointer, one);
    }
    for (const [name, inner] of Object.entries(value)) {
      if (name !== "example" && name !== "examples") walk(inner, step(name));
    }
  };
  walk(description, "");
  assert.ok(count > 50, `${count} examples`);
});

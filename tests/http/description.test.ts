// The description of the API: valid, exact, and with examples that fit it.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";

import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

import { bundle } from "../../scripts/openapi.mjs";
import { root } from "../support/config.ts";
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

test("every_native_call_and_every_one_of_partoo_says_whom_it_refuses_and_what_it_may_not_find", () => {
  const native = fragment("native");
  const partoo = fragment("partoo");
  for (const { where, template, method, operation, statuses } of OPERATIONS) {
    const isOpen = (operation["security"] as unknown[] | undefined)?.length === 0;
    if (isOpen || !(template in native || template in partoo)) continue;
    assert.ok(statuses.has("403"), where);
    // What is put is made where it is not there, and a list that is nobody's is always there.
    const finds = method === "PUT" ? !template.endsWith("}") : !/^GET \/v1\/\w+$/.test(where);
    assert.equal(statuses.has("404"), finds, where);
  }
});

test("no_object_of_the_native_api_is_open", () => {
  // What its owner keeps with a token, and what an event has to say, are theirs to shape.
  const open = new Set(["metadata", "data"]);
  const { schemas } = description["components"] as { schemas: Record<string, Json> };
  const walk = (schema: unknown, where: string): void => {
    if (typeof schema !== "object" || schema === null) return;
    const { type, properties, additionalProperties } = schema as Json;
    if (type === "object" && properties !== undefined) {
      assert.equal(additionalProperties, false, where);
    }
    for (const [name, inner] of Object.entries(schema)) {
      if (!open.has(name) && name !== "examples") walk(inner, `${where}.${name}`);
    }
  };
  for (const [name, schema] of Object.entries(schemas)) walk(schema, name);
});

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

const BASE = { openapi: "3.1.0", info: { title: "t", version: "1" }, paths: {} };

for (const [what, fragment, expected] of [
  ["a path", { paths: { "/a": {} } }, /"\/a" is defined twice/],
  ["a component", { components: { schemas: { A: {} } } }, /"A" is defined twice/],
  ["a tag", { tags: [{ name: "T" }] }, /"T" is defined twice/],
  ["what is elsewhere", { "x-elsewhere": { "/a/": {} } }, /"\/a\/" is defined twice/],
] as const) {
  test(`what_two_fragments_define_is_refused: ${what}`, () => {
    assert.throws(() => bundled({ base: BASE, one: fragment, two: fragment }), expected);
  });
}

test("fragments_are_refused_that_do_not_fit_together", () => {
  const operation = { operationId: "same", responses: {} };
  const cases: [Record<string, Json>, RegExp][] = [
    [{ one: { paths: {} } }, /has no base\.json/],
    [{ base: BASE, one: { info: {} } }, /only base\.json may say "info"/],
    [
      { base: BASE, one: { paths: { "/a": { $ref: "#/components/pathItems/A" } } } },
      /refers to nothing/,
    ],
    [
      { base: BASE, one: { paths: { "/a": { get: operation }, "/b": { get: operation } } } },
      /is taken/,
    ],
    [{ base: BASE, one: { paths: { "/a": { get: { responses: {} } } } } }, /has no operationId/],
  ];
  for (const [fragments, expected] of cases) assert.throws(() => bundled(fragments), expected);
});

test("fragments_become_one_document", () => {
  const document = bundled({
    base: BASE,
    one: { paths: { "/a": {} }, components: { schemas: { A: {} } }, tags: [{ name: "one" }] },
    two: {
      paths: { "/b": {} },
      components: { schemas: { B: { $ref: "#/components/schemas/A" } } },
    },
  });
  assert.deepEqual(document, {
    ...BASE,
    paths: { "/a": {}, "/b": {} },
    components: { schemas: { A: {}, B: { $ref: "#/components/schemas/A" } } },
    tags: [{ name: "one" }],
  });
});

/** The paths of one fragment. */
function fragment(name: string): Json {
  const file = path.join(root, "www", "openapi", `${name}.json`);
  return (JSON.parse(readFileSync(file, "utf8")) as { paths: Json }).paths;
}

function bundled(fragments: Record<string, unknown>): Json {
  const folder = mkdtempSync(path.join(os.tmpdir(), "openapi-"));
  try {
    for (const [name, fragment] of Object.entries(fragments)) {
      writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(fragment));
    }
    return bundle(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

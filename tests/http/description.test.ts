// The description of the API: valid, exact, and with examples that fit it.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";

import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

import { bundle } from "../../scripts/openapi.mjs";
import { Contract } from "../support/openapi.ts";
import { METHODS, description, paths } from "./kit/description.ts";

type Json = Record<string, unknown>;

test("the_description_is_valid_openapi_3_1", async () => {
  assert.match(String(description["openapi"]), /^3\.1\./);
  await new Contract(description).assertValid();
});

test("every_operation_says_what_it_is_and_how_it_fails", () => {
  for (const [template, item] of Object.entries(paths)) {
    for (const method of METHODS) {
      const operation = item[method.toLowerCase()] as Json | undefined;
      if (operation === undefined) continue;
      const where = `${method} ${template}`;
      for (const member of ["operationId", "summary", "description", "tags", "responses"]) {
        assert.ok(operation[member] !== undefined, `${where} has no ${member}`);
      }
      const statuses = Object.keys(operation["responses"] as Json);
      if (isNative(template) || template.includes("/connection/")) {
        const expected = ["400", "401", "403", "404", "429", "500", "503"];
        const absent = expected.filter((status) => !statuses.includes(status));
        // What is put is made where it is not there, and a list that is nobody's is always there.
        const finds = method === "PUT" ? !template.endsWith("}") : !/^GET \/v1\/\w+$/.test(where);
        assert.deepEqual(absent, finds ? [] : ["404"], where);
        const hasBody = operation["requestBody"] !== undefined;
        assert.equal(statuses.includes("413") && statuses.includes("415"), hasBody, where);
      }
    }
  }
});

test("every_operation_of_a_vendor_says_how_it_fails", () => {
  for (const [template, item] of Object.entries(paths)) {
    if (isNative(template) || !/^\/(v1|api|oauth)\//.test(template)) continue;
    for (const method of METHODS) {
      const operation = item[method.toLowerCase()] as Json | undefined;
      if (operation === undefined) continue;
      const statuses = Object.keys(operation["responses"] as Json);
      const where = `${method} ${template}`;
      for (const status of ["400", "429", "500", "503"]) {
        assert.ok(statuses.includes(status), `${where} has no ${status}`);
      }
      // Flinks calls everything that is wrong with a client 400.
      assert.equal(statuses.includes("401"), !template.startsWith("/api/v1/"), where);
      const hasBody = operation["requestBody"] !== undefined;
      assert.equal(statuses.includes("413") && statuses.includes("415"), hasBody, where);
    }
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

/** Whether the path is of the native API, and not of a vendor who also begins with `/v1/`. */
function isNative(template: string): boolean {
  return template.startsWith("/v1/") && !/\/connected_apps|\/oauth2\//.test(template);
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

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Contract, ContractError } from "./openapi.ts";

const pet = {
  type: "object",
  required: ["id", "born"],
  unevaluatedProperties: false,
  properties: { id: { type: "integer" }, born: { type: ["string", "null"], format: "date-time" } },
};

const contract = new Contract({
  openapi: "3.1.0",
  info: { title: "Pets", version: "1" },
  paths: {
    "/pets/{id}": {
      get: {
        responses: {
          200: {
            description: "a pet",
            headers: {
              "x-request-id": { $ref: "#/components/headers/RequestId" },
              "x-age": { schema: { type: "integer" } },
            },
            content: { "application/json": { schema: { $ref: "#/components/schemas/Pet" } } },
          },
          "4XX": { $ref: "#/components/responses/Problem" },
        },
      },
      delete: { responses: { 204: { description: "gone" } } },
    },
    "/pets/mine": {
      get: {
        responses: { 200: { description: "text", content: { "text/*": {} } } },
      },
    },
    "/pets/{id}.json": { get: { responses: { default: { description: "nothing" } } } },
  },
  components: {
    headers: { RequestId: { required: true, schema: { type: "string", minLength: 1 } } },
    schemas: { Pet: pet, Problem: { type: "object", required: ["code"] } },
    responses: {
      Problem: {
        description: "a problem",
        content: {
          "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
        },
      },
    },
  },
});

const json = "application/json; charset=utf-8";
const id = new Headers({ "x-request-id": "r1" });
const good = { id: 1, born: "2026-01-02T03:04:05.000006Z" };

describe("the contract allows", () => {
  const cases: [string, Parameters<Contract["assertMatches"]>][] = [
    ["a documented answer", ["GET", "/pets/1?full=1", 200, json, good, id]],
    ["null where the schema has it", ["GET", "/pets/1", 200, json, { id: 1, born: null }, id]],
    ["a class of statuses", ["GET", "/pets/1", 404, "application/problem+json", { code: "gone" }]],
    ["an empty body if none is documented", ["DELETE", "/pets/1", 204, null, ""]],
    ["a range of content types", ["GET", "/pets/mine", 200, "text/plain", "woof"]],
    ["a default status", ["GET", "/pets/1.json", 500, null, ""]],
    [
      "a header that is a number",
      ["GET", "/pets/1", 200, json, good, new Headers([...id, ["x-age", "3"]])],
    ],
  ];
  for (const [name, call] of cases) test(name, () => contract.assertMatches(...call));
});

describe("the contract refuses", () => {
  const cases: [string, RegExp, Parameters<Contract["assertMatches"]>][] = [
    ["an unknown path", /no such path/, ["GET", "/cats/1", 200, json, good, id]],
    ["a longer path", /no such path/, ["GET", "/pets/1/2", 200, json, good, id]],
    ["an unknown method", /no PATCH/, ["PATCH", "/pets/1", 200, json, good, id]],
    ["an unknown status", /no status 500/, ["GET", "/pets/1", 500, json, good, id]],
    [
      "another content type",
      /no content type text\/html/,
      ["GET", "/pets/1", 200, "text/html", "", id],
    ],
    ["no content type", /no content type \(none\)/, ["GET", "/pets/1", 200, null, "", id]],
    ["a missing member", /required property 'born'/, ["GET", "/pets/1", 200, json, { id: 1 }, id]],
    ["an extra member", /unevaluated/, ["GET", "/pets/1", 200, json, { ...good, token: "x" }, id]],
    ["a wrong format", /date-time/, ["GET", "/pets/1", 200, json, { id: 1, born: "today" }, id]],
    ["a body if none is documented", /no body/, ["DELETE", "/pets/1", 204, json, {}]],
    ["a missing header", /x-request-id is missing/, ["GET", "/pets/1", 200, json, good]],
    [
      "a wrong header",
      /x-age is "old"/,
      ["GET", "/pets/1", 200, json, good, new Headers([...id, ["x-age", "old"]])],
    ],
    [
      "what only a less specific path has",
      /no status 404 on \/pets\/mine/,
      ["GET", "/pets/mine", 404, "application/problem+json", { code: "gone" }],
    ],
  ];
  for (const [name, message, call] of cases) {
    test(name, () => {
      assert.throws(
        () => contract.assertMatches(...call),
        (error) => error instanceof ContractError && message.test(error.message),
      );
    });
  }
});

test("a document that is OpenAPI 3.1 is distinguished from one that is not", async () => {
  await contract.assertValid();
  await assert.rejects(
    new Contract({ openapi: "3.1.0", paths: {} }).assertValid(),
    /not valid OpenAPI/,
  );
});

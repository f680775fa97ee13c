// Checks answers against the service's OpenAPI 3.1 document: a path, method, status, content type or body that
// the document does not have is a failure.

import { readFileSync } from "node:fs";
import path from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { isJson, mediaType, type Answer } from "./client.ts";
import { root } from "./config.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

/** An answer that the document does not allow. */
export class ContractError extends Error {
  override name = "ContractError";
}

/** The body of an answer to HEAD: that of the GET, which nobody sees. */
export const UNSEEN = Symbol("the body of a GET");

const DOCUMENT_ID = "contract:openapi";

export class Contract {
  readonly document: JsonObject;
  readonly #ajv: Ajv2020;
  readonly #templates: Template[];
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: unknown) {
    this.document = document as JsonObject;
    // The whole document is one schema to ajv, so that `#/components/…` means the same in every part;
    // it is no JSON Schema itself, so ajv's strictness about unknown words must be off.
    this.#ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(this.document, DOCUMENT_ID);
    this.#templates = Object.keys(object(this.document.paths)).map(template).sort(bySpecificity);
  }

  /** The contract that the service publishes. */
  static load(file = path.join(root, "www", "openapi.json")): Contract {
    return new Contract(JSON.parse(readFileSync(file, "utf8")));
  }

  /** Fails unless the document itself is valid OpenAPI 3.1. */
  async assertValid(): Promise<void> {
    const result = await new Validator().validate(structuredClone(this.document));
    if (!result.valid) {
      throw new ContractError(`not valid OpenAPI: ${JSON.stringify(result.errors, null, 2)}`);
    }
  }

  /** Fails unless the document allows this answer; `client.ts` takes it as its hook. */
  readonly assertAnswer = (answer: Answer): void => {
    const { method, status, contentType, body, headers } = answer;
    this.assertMatches(method, answer.path, status, contentType, body, headers);
  };

  /** Fails unless the document has this answer of this call. */
  assertMatches(
    method: string,
    callPath: string,
    status: number,
    contentType: string | null | undefined,
    body: unknown,
    headers: Headers = new Headers(),
  ): void {
    const where = `${method} ${callPath} → ${status}`;
    const fail = (why: string): never => {
      throw new ContractError(`${where}: ${why}`);
    };

    const matched = this.#match(callPath) ?? fail("the contract has no such path");
    const operation = this.#at(["paths", matched, method.toLowerCase()]);
    if (operation === undefined) return fail(`the contract has no ${method} on ${matched}`);

    const key = statusKey(object(operation.value.responses), status);
    if (key === undefined) return fail(`the contract has no status ${status} on ${matched}`);
    const response = this.#at([...operation.pointer, "responses", key]);
    if (response === undefined) return fail("the response refers to a missing definition");

    this.#checkHeaders(response, headers, fail);
    this.#checkBody(response, mediaType(contentType), body, fail);
  }

  #checkHeaders(response: Place, headers: Headers, fail: (why: string) => never): void {
    for (const name of Object.keys(object(response.value.headers))) {
      const header = this.#at([...response.pointer, "headers", name]);
      if (header === undefined) return fail(`the header ${name} refers to what is not there`);
      const text = headers.get(name);
      if (text === null) {
        if (header.value.required === true) fail(`the header ${name} is missing`);
        continue;
      }
      if (header.value.schema === undefined) continue;
      // A header is text; a schema may call it a number or a boolean.
      const pointer = [...header.pointer, "schema"];
      if (this.#errors(pointer, text) !== undefined) {
        const errors = this.#errors(pointer, fromText(text));
        if (errors !== undefined) fail(`the header ${name} is ${JSON.stringify(text)}: ${errors}`);
      }
    }
  }

  #checkBody(response: Place, type: string, body: unknown, fail: (why: string) => never): void {
    const content = object(response.value.content);
    const isEmpty = body === undefined || body === null || body === "" || body === UNSEEN;
    if (Object.keys(content).length === 0) {
      if (!isEmpty) fail("the contract has no body here");
      return;
    }
    const key = mediaKey(content, type);
    if (key === undefined) return fail(`the contract has no content type ${type || "(none)"} here`);
    if (body === UNSEEN || object(content[key]).schema === undefined) return;
    if (isJson(type) && body === "") return fail("the body is empty");

    const errors = this.#errors([...response.pointer, "content", key, "schema"], body);
    if (errors !== undefined) fail(`the body does not match: ${errors}\n${JSON.stringify(body)}`);
  }

  /** The errors of a value, by the schema at a place; nothing when it matches. */
  #errors(pointer: string[], value: unknown): string | undefined {
    const reference = `${DOCUMENT_ID}#/${pointer.map(escapePointer).join("/")}`;
    let validate = this.#validators.get(reference);
    if (validate === undefined) {
      validate = this.#ajv.compile({ $ref: reference });
      this.#validators.set(reference, validate);
    }
    if (validate(value)) return undefined;
    return this.#ajv.errorsText(validate.errors, { dataVar: "it" });
  }

  /** The most specific template that a path fits. */
  #match(callPath: string): string | undefined {
    const bare = callPath.split(/[?#]/)[0] ?? "";
    return this.#templates.find(({ pattern }) => pattern.test(bare))?.text;
  }

  /** The object at a pointer, with references followed on the way. */
  #at(pointer: string[]): Place | undefined {
    let place: Place = { pointer: [], value: this.document };
    for (const step of pointer) {
      const value = place.value[step];
      if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
      place = { pointer: [...place.pointer, step], value };
      if (typeof value.$ref === "string") {
        const target = this.#at(parsePointer(value.$ref));
        if (target === undefined) return undefined;
        place = target;
      }
    }
    return place;
  }
}

/** An object of the document, and where it is. */
interface Place {
  pointer: string[];
  value: JsonObject;
}

interface Template {
  text: string;
  segments: string[];
  pattern: RegExp;
}

function template(text: string): Template {
  const source = text
    .split(/(\{[^}]+\})/)
    .map((part) => (part.startsWith("{") ? "[^/]+" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")))
    .join("");
  return { text, segments: text.split("/"), pattern: new RegExp(`^${source}$`) };
}

/** Templates whose earlier segments are literal come first. */
function bySpecificity(a: Template, b: Template): number {
  for (let i = 0; i < Math.min(a.segments.length, b.segments.length); i++) {
    const difference = openness(a.segments[i]) - openness(b.segments[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** 0 for a literal segment, 1 for one that is literal in part, 2 for a parameter. */
function openness(segment = ""): number {
  if (!segment.includes("{")) return 0;
  return /^\{[^}]+\}$/.test(segment) ? 2 : 1;
}

/** The key under which a status is documented: itself, its class, or `default`. */
function statusKey(responses: JsonObject, status: number): string | undefined {
  const keys = [String(status), `${Math.floor(status / 100)}XX`, "default"];
  return keys.find((key) => responses[key] !== undefined);
}

/** The key under which a media type is documented: itself, or a range that it is in. */
function mediaKey(content: JsonObject, type: string): string | undefined {
  const wanted = [type, `${type.split("/")[0]}/*`, "*/*"];
  return wanted
    .map((one) => Object.keys(content).find((key) => mediaType(key) === one))
    .find((key) => key !== undefined);
}

function object(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

function fromText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function escapePointer(step: string): string {
  return encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"));
}

function parsePointer(reference: string): string[] {
  return reference
    .replace(/^#\//, "")
    .split("/")
    .map((step) => decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"));
}

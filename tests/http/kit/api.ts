// A client of the API that checks every answer against the description of the API.

import assert from "node:assert/strict";

import { isJson, mediaType, type Answer as AnyAnswer, type Cost } from "../../support/client.ts";
import { assertDescribed } from "./description.ts";
import { exchange } from "./exchange.ts";

/** An answer whose body is taken to be of this type. */
export type Answer<T> = Omit<AnyAnswer, "body"> & { body: T };

export interface Options {
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is, with `application/json` unless the headers say otherwise. */
  body?: string | Uint8Array;
  headers?: Record<string, string>;
}

/** How a key is sent: the native API's way, or Partoo's. */
type Scheme = (key: string) => Record<string, string>;

const BEARER: Scheme = (key) => ({ authorization: `Bearer ${key}` });
const PARTOO: Scheme = (key) => ({ "x-APIKey": key });

/** Where the service is. It moves when the service restarts. */
export interface Place {
  readonly url: string;
}

export class Api {
  readonly #place: Place;
  readonly #key: string | undefined;
  readonly #scheme: Scheme;

  constructor(place: Place, key?: string, scheme: Scheme = BEARER) {
    this.#place = place;
    this.#key = key;
    this.#scheme = scheme;
  }

  /** Where the service is. */
  get url(): string {
    return this.#place.url;
  }

  /** The same service with another key, or with none. */
  as(key: string | undefined): Api {
    return new Api(this.#place, key, this.#scheme);
  }

  /** The same service and key, sent as Partoo's clients send it. */
  partoo(): Api {
    return new Api(this.#place, this.#key, PARTOO);
  }

  async send<T = unknown>(
    method: string,
    target: string,
    options: Options = {},
  ): Promise<Answer<T>> {
    const body =
      options.body ?? (options.json === undefined ? undefined : JSON.stringify(options.json));
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const key = this.#key === undefined ? {} : this.#scheme(this.#key);
    const headers = { ...type, ...key, ...options.headers };
    const received = await exchange(this.#place.url, { method, target, headers, body });
    const { status, headers: answered, text } = received;
    const contentType = mediaType(answered.get("content-type"));
    const parsed: unknown = isJson(contentType) && text !== "" ? JSON.parse(text) : text;
    const sent = { method, path: target, status, headers: answered, contentType, text };
    const answer = { ...sent, body: parsed, cost: cost(answered) };
    assertDescribed(answer);
    return { ...answer, body: parsed as T };
  }

  /** GET, expecting this status. */
  get<T = unknown>(target: string, status = 200): Promise<Answer<T>> {
    return this.#expect<T>(status, "GET", target, {});
  }

  /** POST of JSON, expecting this status. */
  post<T = unknown>(
    target: string,
    json: unknown,
    status = 200,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    return this.#expect<T>(status, "POST", target, { json, headers });
  }

  /** PUT of JSON, expecting this status. */
  put<T = unknown>(target: string, json: unknown, status = 200): Promise<Answer<T>> {
    return this.#expect<T>(status, "PUT", target, { json });
  }

  async #expect<T>(
    status: number,
    method: string,
    target: string,
    options: Options,
  ): Promise<Answer<T>> {
    const answer = await this.send<T>(method, target, options);
    assert.equal(
      answer.status,
      status,
      `${method} ${target.split("?")[0]}: ${answer.status} ${answer.text}`,
    );
    return answer;
  }
}

/** What the request cost in calls to storage, as the harness counted. */
function cost(headers: Headers): Cost {
  const count = (name: string): number => Number(headers.get(`x-test-${name}`) ?? Number.NaN);
  return {
    kvReads: count("kv-reads"),
    kvWrites: count("kv-writes"),
    ledgerCalls: count("ledger-calls"),
  };
}

/** The path of a user, and of what belongs to it. */
export function userPath(userId: string, rest = ""): string {
  return `/v1/users/${encodeURIComponent(userId)}${rest}`;
}

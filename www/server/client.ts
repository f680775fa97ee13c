// A client of the native API, for programs that have a key.

import { CALLS, type Calls } from "../api/calls.ts";
import type { CheckTokensRequest, Verdict, VerdictBatch } from "../api/types.ts";
import { List, type Page } from "./list.ts";
import { send, type ApiRequest, type CallOptions, type Sender } from "./send.ts";

export interface HookswitchOptions {
  /** The address of the deployment. */
  url: string | URL;
  /** An API key, or the root key. */
  key: string;
  /** How many further attempts a call may have. The default is 3. */
  retries?: number;
  /** How long an attempt may take, in milliseconds. The default is 10,000. */
  timeout?: number;
  /** The longest wait between two attempts, in milliseconds. The default is 30,000. */
  longestWait?: number;
  /** Sends the requests: for example `env.HOOKSWITCH.fetch.bind(env.HOOKSWITCH)` of a service binding. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

type Name = keyof Calls;
type Parameters<N extends Name> = Calls[N]["parameters"];
type Result<N extends Name> = Calls[N]["result"];

/** The type that a method returns: a list is a promise of a page, and an iterator over all items. */
type Returned<R> = R extends Page<unknown> ? List<R> : Promise<R>;

/** The parameters may be left out if all of them are optional. */
type Method<P, R> =
  Partial<P> extends P
    ? (parameters?: P, options?: CallOptions) => R
    : (parameters: P, options?: CallOptions) => R;

/** A method for each call of the native API, by its `operationId`. */
export type Methods = {
  [N in Exclude<Name, "checkTokens">]: Method<Parameters<N>, Returned<Result<N>>>;
} & {
  /** Returns the verdict on a token. A check changes nothing. */
  checkTokens(
    parameters: Omit<CheckTokensRequest, "tokens">,
    options?: CallOptions,
  ): Promise<Verdict>;
  /** Returns the verdicts on up to 100 tokens. */
  checkTokens(parameters: { tokens: string[] }, options?: CallOptions): Promise<VerdictBatch>;
};

/** POST calls without an `Idempotency-Key` that change nothing. */
const READING: readonly string[] = ["checkTokens", "mintStatusTicket", "getAuthorization"];

class Client {
  readonly #sender: Sender;

  /** @throws TypeError if the address or the key is none */
  constructor(options: HookswitchOptions) {
    const { url, key, retries = 3, timeout = 10_000, longestWait = 30_000 } = options;
    const base = addressOf(url);
    if (typeof key !== "string" || !/^[\x21-\x7e]+$/.test(key)) {
      throw new TypeError("`key` must be an API key or the root key");
    }
    // Called through the global object: runtimes refuse a `fetch` that was taken off it.
    const fetch = options.fetch ?? ((target, init) => globalThis.fetch(target, init));
    this.#sender = { base, key, retries, timeout, longestWait, fetch };
  }

  /**
   * Sends a request that no method sends: for example of a later version. GET, PUT and DELETE are repeated after a
   * failure; a POST is repeated if it has an `idempotencyKey`.
   */
  request<R = unknown>(
    method: string,
    path: string,
    json?: unknown,
    options: CallOptions = {},
  ): Promise<R> {
    const isRepeatable = method !== "POST" || options.idempotencyKey !== undefined;
    const request = { method, path: path.replace(/^\//, ""), json, isRepeatable, ...options };
    return send(this.#sender, request) as Promise<R>;
  }

  static {
    for (const [name, call] of Object.entries(CALLS)) {
      Object.defineProperty(this.prototype, name, {
        value(this: Client, parameters: object = {}, options: CallOptions = {}) {
          const run = (more: object): Promise<unknown> =>
            send(this.#sender, requestOf(name, call, { ...parameters, ...more }, options));
          if (!name.startsWith("list")) return run({});
          return new List((cursor) => run(cursor === undefined ? {} : { cursor }) as never);
        },
      });
    }
  }
}

/** A parameter of a path or query. Those of a body may be more. */
type Parameter = string | number | boolean | null | undefined;

/** The request of a call: the members that are not in its path go into the body, or the query if there is none. */
function requestOf(
  name: string,
  call: string,
  parameters: object,
  options: CallOptions,
): ApiRequest {
  const [method = "", template = "", once] = call.split(" ");
  const rest = new Map(Object.entries(parameters as Record<string, Parameter>));
  let path = template.slice(1).replace(/\{(\w+)\}/g, (_, member: string) => {
    const value = rest.get(member);
    rest.delete(member);
    // An empty segment, or one of dots, would be another path.
    if (typeof value !== "string" || /^\.{0,2}$/.test(value)) {
      throw new TypeError(`\`${member}\` must be an id`);
    }
    return encodeURIComponent(value);
  });
  const hasBody = method !== "GET" && method !== "DELETE";
  if (!hasBody) {
    const query = new URLSearchParams();
    for (const [member, value] of rest) {
      if (value != null) query.append(member, String(value));
    }
    if (query.size > 0) path += `?${query}`;
  }
  return {
    method,
    path,
    json: hasBody && (rest.size > 0 || method === "PUT") ? Object.fromEntries(rest) : undefined,
    isRepeatable: method !== "POST" || once !== undefined || READING.includes(name),
    idempotencyKey: once && (options.idempotencyKey ?? crypto.randomUUID()),
    signal: options.signal,
  };
}

function addressOf(url: string | URL): URL {
  let base;
  try {
    base = new URL(url);
  } catch {
    throw new TypeError("`url` is not a URL");
  }
  if (!/^https?:$/.test(base.protocol))
    throw new TypeError("`url` must begin with https:// or http://");
  base.search = base.hash = base.username = base.password = "";
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  return base;
}

/** A client of one deployment, with a method for each call of the native API. */
export type Hookswitch = Client & Methods;

/** A client of one deployment, with a method for each call of the native API. */
export const Hookswitch = Client as new (options: HookswitchOptions) => Hookswitch;

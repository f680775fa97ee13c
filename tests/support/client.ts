// A small HTTP client for the tests, through whose hook every answer passes, so that each one can be checked
// against the contract.

export interface CallOptions {
  /** An API key or the root key, sent as a bearer. */
  key?: string;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is; give its content type in `headers`. */
  raw?: string | Uint8Array<ArrayBuffer> | URLSearchParams;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Answer {
  method: string;
  /** The path with its query, as it was called. */
  path: string;
  status: number;
  headers: Headers;
  /** Without parameters; empty if there is none. */
  contentType: string;
  /** The body as it came. */
  text: string;
  /** The body by its content type: parsed JSON, or text. Tests look into it as they like. */
  body: any;
  /** The cost of the request, if `entry.mjs` is in front of the Worker. */
  cost: Cost;
}

export interface Cost {
  kvReads: number;
  kvWrites: number;
  ledgerCalls: number;
}

export interface ClientOptions {
  /** Sent with every call that names no other. */
  key?: string;
  /** Sees every answer, before the caller does; what it throws, the call throws. */
  onResponse?: (answer: Answer) => void | Promise<void>;
}

export type Client = (method: string, path: string, options?: CallOptions) => Promise<Answer>;

/** A client of the server that `target.url` names at the time of each call. */
export function createClient(
  target: { readonly url: string },
  options: ClientOptions = {},
): Client {
  return async (method, path, call = {}) => {
    const response = await fetch(target.url + path, {
      method,
      headers: requestHeaders(call, options.key),
      redirect: "manual",
      ...requestBody(call),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
    const answer = await readAnswer(method, path, response);
    await options.onResponse?.(answer);
    return answer;
  };
}

function requestHeaders(call: CallOptions, defaultKey: string | undefined): Headers {
  const headers = new Headers(call.headers);
  const key = call.key ?? defaultKey;
  if (key !== undefined && !headers.has("authorization")) {
    headers.set("authorization", `Bearer ${key}`);
  }
  if (call.body !== undefined && !headers.has("content-type")) {
    headers.set("content-type", "application/json");
  }
  return headers;
}

function requestBody(call: CallOptions): RequestInit {
  if (call.raw !== undefined) return { body: call.raw };
  if (call.body !== undefined) return { body: JSON.stringify(call.body) };
  return {};
}

async function readAnswer(method: string, path: string, response: Response): Promise<Answer> {
  const text = await response.text();
  const contentType = mediaType(response.headers.get("content-type"));
  const cost = (name: string) => Number(response.headers.get(`x-test-${name}`) ?? Number.NaN);
  return {
    method,
    path,
    status: response.status,
    headers: response.headers,
    contentType,
    text,
    body: isJson(contentType) && text !== "" ? JSON.parse(text) : text,
    cost: {
      kvReads: cost("kv-reads"),
      kvWrites: cost("kv-writes"),
      ledgerCalls: cost("ledger-calls"),
    },
  };
}

/** A content type without its parameters, in lower case. */
export function mediaType(contentType: string | null | undefined): string {
  return (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** Whether a media type is JSON, or made of it. */
export function isJson(type: string): boolean {
  return type === "application/json" || type.endsWith("+json");
}

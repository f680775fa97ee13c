// One request to the API, and what can come of it: an answer, or a problem that a person can read.

/** The members of a problem that the console shows. */
interface Details {
  status: number;
  title: string;
  detail: string;
  code: string;
  requestId?: string | undefined;
  errors?: Record<string, string> | undefined;
  /** The seconds that the service asked to be left alone for. */
  retryAfter?: number | undefined;
}

/** Why there is no answer. `status` is 0 where nothing came back. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code: string;
  readonly requestId: string | undefined;
  readonly errors: Record<string, string>;
  readonly retryAfter: number | undefined;

  constructor({ status, title, detail, code, requestId, errors, retryAfter }: Details) {
    super(title);
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.code = code;
    this.requestId = requestId;
    this.errors = errors ?? {};
    this.retryAfter = retryAfter;
  }

  /** What is thrown here and is no problem is a defect of the page's own, and is told as one. */
  static from(thrown: unknown): Problem {
    if (thrown instanceof Problem) return thrown;
    return new Problem({
      status: 0,
      title: "Something went wrong in this page",
      detail: thrown instanceof Error ? thrown.message : String(thrown),
      code: "page",
    });
  }
}

export interface Request {
  method?: "GET" | "PUT" | "POST" | "DELETE";
  path: string;
  query?: Record<string, string | undefined>;
  json?: unknown;
  /** Has the service do it once, however often it is sent. */
  idempotencyKey?: string;
  signal?: AbortSignal | undefined;
}

const PATIENCE_MS = 30_000;

/** Sends a request with this key, or without one. Rejects with a `Problem`, or with the signal's reason. */
export async function send<T>(key: string | undefined, request: Request): Promise<T> {
  const { signal } = request;
  const patience = AbortSignal.timeout(PATIENCE_MS);
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(target(request), {
      method: request.method ?? "GET",
      headers: headers(key, request),
      ...(request.json === undefined ? {} : { body: JSON.stringify(request.json) }),
      signal: signal === undefined ? patience : AbortSignal.any([signal, patience]),
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    text = await answer.text();
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    throw unreachable(patience.aborted, error);
  }
  if (!answer.ok) throw problemOf(answer, text);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

function target({ path, query = {} }: Request): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

function headers(
  key: string | undefined,
  { json, idempotencyKey }: Request,
): Record<string, string> {
  return {
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(json === undefined ? {} : { "content-type": "application/json" }),
    ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
  };
}

function unreachable(isLate: boolean, error: unknown): Problem {
  if (isLate) {
    const detail = `There was no answer within ${PATIENCE_MS / 1_000} seconds. The request may have been carried out; it is safe to repeat it.`;
    return new Problem({ status: 0, title: "No answer in time", detail, code: "timeout" });
  }
  if (error instanceof TypeError) {
    const detail = "Is this machine online, and the deployment running?";
    const title = "The deployment cannot be reached";
    return new Problem({ status: 0, title, detail, code: "unreachable" });
  }
  return Problem.from(error);
}

function problemOf(answer: Response, text: string): Problem {
  const seconds = Number(answer.headers.get("retry-after") ?? Number.NaN);
  const told = read(text);
  const word = (name: string): string | undefined =>
    typeof told[name] === "string" ? told[name] : undefined;
  return new Problem({
    status: answer.status,
    title: word("title") ?? `The answer was ${answer.status}`,
    detail: word("detail") ?? "The answer has no details.",
    code: word("code") ?? `http_${answer.status}`,
    requestId: word("request_id") ?? answer.headers.get("x-request-id") ?? undefined,
    errors: told["errors"] as Record<string, string> | undefined,
    retryAfter: Number.isFinite(seconds) ? seconds : undefined,
  });
}

/** The members of a problem; none where an answer is not the Worker's own. */
function read(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

// One call over HTTP, with its attempts.

import { errorOf, HookswitchError } from "./error.ts";
import { backoff, retryAfter } from "../client/timing.ts";

export interface CallOptions {
  /** Ends the call. The promise rejects with the reason of the signal. */
  signal?: AbortSignal | undefined;
  /** Makes a repetition of the call safe, also by another process. The default is a random key for each call. */
  idempotencyKey?: string | undefined;
}

/** How calls are sent. */
export interface Sender {
  /** The address of the deployment, which ends with a slash. */
  base: URL;
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  key: string;
  /** How many further attempts a call may have. */
  retries: number;
  /** How long an attempt may take, in milliseconds. */
  timeout: number;
  /** The longest wait between two attempts, in milliseconds: a longer `Retry-After` ends the call. */
  longestWait: number;
}

/** A request to the deployment. */
export interface ApiRequest {
  method: string;
  /** The path with its query, without a slash in front. */
  path: string;
  json?: unknown;
  /** Whether an answer that got lost is no reason against another attempt. */
  isRepeatable: boolean;
  idempotencyKey?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Sends a request until it has an answer, or no further attempt is due. */
export async function send(sender: Sender, request: ApiRequest): Promise<unknown> {
  for (let failures = 0; ; failures += 1) {
    const { value, error, wait } = await attempt(sender, request);
    if (error === undefined) return value;
    const pause = backoff(failures, Math.random(), wait);
    if (wait === undefined || failures >= sender.retries || pause > sender.longestWait) throw error;
    await sleep(pause, request.signal);
  }
}

interface Attempt {
  value?: unknown;
  error?: HookswitchError;
  /** How long to wait at least before the next attempt; undefined if there must be none. */
  wait?: number;
}

async function attempt(sender: Sender, request: ApiRequest): Promise<Attempt> {
  const { signal } = request;
  const late = AbortSignal.timeout(sender.timeout);
  let response: Response;
  let text: string;
  try {
    response = await sender.fetch(new URL(request.path, sender.base).href, {
      method: request.method,
      headers: headers(sender, request),
      // Nobody but the deployment gets the key.
      redirect: "manual",
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
      ...(request.json !== undefined && { body: JSON.stringify(request.json) }),
    });
    text = await response.text();
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    const error = late.aborted
      ? new HookswitchError({
          code: "timeout",
          message: `There was no answer within ${sender.timeout} ms.`,
        })
      : new HookswitchError({
          code: "unreachable",
          message: "The deployment cannot be reached.",
          cause,
        });
    return { error, ...(request.isRepeatable && { wait: 0 }) };
  }
  if (response.ok) return read(response, text);
  const wait = retryAfter(response.headers.get("retry-after"), Date.now());
  const error = errorOf(response, text, wait);
  return { error, ...(isWorthAnother(response.status, request) && { wait }) };
}

/** A request that was rejected at the limit had no effect; after a failure that is unknown. */
function isWorthAnother(status: number, { isRepeatable }: ApiRequest): boolean {
  return status === 429 || (isRepeatable && (status === 502 || status === 503 || status === 504));
}

function read(response: Response, text: string): Attempt {
  if (text === "") return { value: undefined };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { error: errorOf(response, text, 0) };
  }
}

function headers({ key }: Sender, { json, idempotencyKey }: ApiRequest): Record<string, string> {
  return {
    accept: "application/json",
    authorization: `Bearer ${key}`,
    ...(json !== undefined && { "content-type": "application/json" }),
    ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
  };
}

function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) return stop();
    signal?.addEventListener("abort", stop, { once: true });
  });
}

// One question over HTTP: what is the status?

import type { Environment } from "./environment.ts";
import type { FailureCode } from "./events.ts";
import { ANSWER, retryAfter } from "./timing.ts";

export type Polled =
  | { kind: "read"; text: string; etag: string | undefined }
  /** As it was when the ETag was given. */
  | { kind: "unchanged" }
  /** Asking again does not help. */
  | { kind: "refused"; code: FailureCode; message: string }
  /** The server answers, and does not let this page read the answer. */
  | { kind: "origin_refused" }
  /** Asking again may help, after so many milliseconds. */
  | { kind: "unreachable"; retryAfter: number };

export interface Question {
  url: string;
  ticket: string;
  etag: string | undefined;
}

/** Asks once. It never rejects: what goes wrong is an answer, too. */
export async function poll(
  { url, ticket, etag }: Question,
  environment: Environment,
  signal: AbortSignal,
): Promise<Polled> {
  const late = new AbortController();
  const cancel = environment.after(ANSWER, () => late.abort());
  try {
    const response = await environment.fetch(url, {
      headers: { authorization: `Bearer ${ticket}`, ...(etag && { "if-none-match": etag }) },
      // The ticket goes to nobody but the server that it was meant for.
      redirect: "manual",
      signal: AbortSignal.any([signal, late.signal]),
    });
    return await answer(response, environment.now());
  } catch {
    const stopped = AbortSignal.any([signal, late.signal]);
    if (await isOriginRefused(url, environment, stopped)) return { kind: "origin_refused" };
    return { kind: "unreachable", retryAfter: 0 };
  } finally {
    cancel();
  }
}

/**
 * Whether the server answers although the page may not read its answers. A browser reports this to the page like a
 * server that is down, so the function sends one more request, which needs no permission and does not have the ticket.
 */
async function isOriginRefused(
  url: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<boolean> {
  const { pageOrigin } = environment;
  if (pageOrigin === undefined || pageOrigin === new URL(url).origin || signal.aborted)
    return false;
  try {
    const { type } = await environment.fetch(url, {
      mode: "no-cors",
      credentials: "omit",
      cache: "no-store",
      signal,
    });
    return type === "opaque";
  } catch {
    return false;
  }
}

async function answer(response: Response, now: number): Promise<Polled> {
  const { status, headers } = response;
  if (status === 304) return { kind: "unchanged" };
  const text = await response.text();
  if (response.ok) return { kind: "read", text, etag: headers.get("etag") ?? undefined };
  const code = problemCode(headers, text);
  // A proxy or a captive portal between the page and the server answers instead.
  if (code === undefined || status >= 500 || status === 408 || status === 429) {
    return { kind: "unreachable", retryAfter: retryAfter(headers.get("retry-after"), now) };
  }
  return { kind: "refused", ...refusal(status, code) };
}

function refusal(status: number, code: string): { code: FailureCode; message: string } {
  if (code === "ticket_expired") return { code, message: "The ticket has ended." };
  if (status === 401)
    return { code: "ticket_invalid", message: "The server knows no such ticket." };
  return { code: "refused", message: `The server refused (${status} ${code}).` };
}

/** The `code` of our own problems (RFC 9457), which is a word; undefined of anything else. */
function problemCode(headers: Headers, text: string): string | undefined {
  if (!headers.get("content-type")?.startsWith("application/problem+json")) return undefined;
  try {
    const { code } = JSON.parse(text) as { code?: unknown };
    return typeof code === "string" && /^\w{1,64}$/.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

// The error class of the server client: it has no other.

import type { Connection, Problem, Verdict } from "../api/types.ts";

/** The parts of a {@link HookswitchError}. */
export interface ErrorDetails {
  code: string;
  message: string;
  status?: number;
  problem?: Problem | undefined;
  requestId?: string | undefined;
  retryAfter?: number | undefined;
  cause?: unknown;
}

/**
 * Why a call has no result, or why a webhook message is rejected.
 *
 * `code` is that of the problem document. Without one it is `unreachable` (no answer), `timeout`, `unexpected_answer` (an
 * answer that is not the deployment's), or one of the codes of `verifyWebhook`. The error never contains the key or a
 * token.
 */
export class HookswitchError extends Error {
  override readonly name = "HookswitchError";
  /** The stable name of the error: build on it. */
  readonly code: string;
  /** The HTTP status; 0 if there was no answer. */
  readonly status: number;
  /** The problem document (RFC 9457), if the deployment answered with one. */
  readonly problem: Problem | undefined;
  /** The id of the request, which finds it in the log of the deployment. */
  readonly requestId: string | undefined;
  /** For how many seconds the deployment asked to be left alone. */
  readonly retryAfter: number | undefined;

  constructor({ code, message, status, problem, requestId, retryAfter, cause }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status ?? 0;
    this.problem = problem;
    this.requestId = requestId ?? problem?.request_id;
    this.retryAfter = retryAfter;
  }

  /** The rule that each wrong value breaks, by the path of the value. */
  get errors(): Record<string, string> {
    return this.problem?.errors ?? {};
  }

  /** The verdict on the token, if it is dead. */
  get verdict(): Verdict | undefined {
    return this.problem?.verdict;
  }

  /** The connection, if its status does not allow the call. */
  get connection(): Connection | undefined {
    return this.problem?.connection;
  }
}

/** The error of an answer that is no success. */
export function errorOf(response: Response, text: string, retryAfter: number): HookswitchError {
  const { status } = response;
  const seconds = retryAfter > 0 ? retryAfter / 1_000 : undefined;
  const problem = problemIn(response, text);
  if (problem !== undefined) {
    const message = `${problem.code}: ${problem.detail}`;
    return new HookswitchError({
      code: problem.code,
      message,
      status,
      problem,
      retryAfter: seconds,
    });
  }
  return new HookswitchError({
    code: "unexpected_answer",
    message: `The answer (HTTP ${status}) is not one of a Hookswitch deployment.`,
    status,
    requestId: response.headers.get("x-request-id") ?? undefined,
    retryAfter: seconds,
  });
}

function problemIn(response: Response, text: string): Problem | undefined {
  if (!response.headers.get("content-type")?.startsWith("application/problem+json")) return;
  try {
    const problem = JSON.parse(text) as Problem;
    return typeof problem.code === "string" ? problem : undefined;
  } catch {
    return undefined;
  }
}

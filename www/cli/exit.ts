// The exit codes, and the errors that lead to them.

import { HookswitchError } from "../server/index.ts";
import { UsageError } from "./command.ts";

export const EXIT = {
  /** The token is valid, or the command has done its work. */
  ok: 0,
  /** Something went wrong in the program itself. */
  failed: 1,
  /** The arguments are wrong, or a setting is missing. */
  usage: 2,
  /** The token or connection is dead or paused. */
  dead: 3,
  /** The token is forged, or the object does not exist. */
  unknown: 4,
  /** The deployment refused the call. */
  refused: 5,
  /** The deployment did not answer, or asks to wait. */
  unavailable: 6,
} as const;

/** The lines of the help. */
export const EXIT_HELP = `Exit codes:
  0  the token is valid, or the command has done its work
  1  a defect of this program
  2  wrong arguments, or a missing setting
  3  the token or connection is dead: consumed, revoked, expired; or it is paused
  4  the token is forged, or the object does not exist
  5  the deployment refused the call
  6  the deployment did not answer, or asks to wait`;

/** The exit code of a status. */
export const exitOfStatus = (status: string): number =>
  status === "valid" || status === "active"
    ? EXIT.ok
    : status === "unknown"
      ? EXIT.unknown
      : EXIT.dead;

/** The exit code of an error. */
export function exitOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (!(error instanceof HookswitchError)) return EXIT.failed;
  const { status, code, verdict, connection } = error;
  if (verdict !== undefined || connection !== undefined) return EXIT.dead;
  if (status === 0 || status === 429 || status >= 500) return EXIT.unavailable;
  if (status === 404 && code !== "not_found") return EXIT.unknown;
  return EXIT.refused;
}

/** What to print about an error: never a secret, and no stack of an expected one. */
export function messageOf(error: unknown): string {
  if (!(error instanceof HookswitchError)) {
    return error instanceof Error ? error.message : String(error);
  }
  const lines = [error.message];
  for (const [field, rule] of Object.entries(error.errors)) lines.push(`  ${field} ${rule}`);
  if (error.retryAfter !== undefined) lines.push(`  wait ${error.retryAfter} seconds`);
  if (error.requestId !== undefined) lines.push(`  request ${error.requestId}`);
  return lines.join("\n");
}

// The core, compiled to wasm, with its types. Each entry runs the wasm in its own way before anything is asked.

import * as glue from "./glue.js";
import type {
  ConnectionStatus,
  Handle,
  HandleKind,
  Standing,
  StatusRead,
  TokenStatus,
  Words,
} from "./types.ts";

export type * from "./types.ts";

/**
 * The kind of a text by its form; undefined if it is no handle. Only a deployment knows whether it created the text.
 *
 * @throws {TypeError} for what is no string
 */
export function handleKind(text: string): HandleKind | undefined {
  return glue.handleKind(text) as HandleKind | undefined;
}

/**
 * The kind of a text by its form, with its canonical spelling; undefined if it is no handle. Every spelling that a
 * deployment accepts is accepted here.
 *
 * @throws {TypeError} for what is no string
 */
export function parseHandle(text: string): Handle | undefined {
  return glue.parseHandle(text) as Handle | undefined;
}

/**
 * The status at a time, if nothing but time has passed since it was read: what was `valid` is `expired` once its
 * `expires_at` has come. A number is in milliseconds since 1970, as `Date.now()` gives it.
 *
 * @throws {TypeError} for what is no status, and what is no time
 */
export function statusAt(status: StatusRead, at: Date | number): Standing {
  return glue.statusAt(status, at) as Standing;
}

/**
 * A status in words, in the best fitting of the four languages for a BCP 47 tag, and in English if none fits.
 *
 * @throws {TypeError} for a subject or a status that there is not
 */
export function describe(
  subject: "token" | "connection",
  status: TokenStatus | ConnectionStatus,
  locale?: string,
): Words {
  return glue.describe(subject, status, locale) as Words;
}

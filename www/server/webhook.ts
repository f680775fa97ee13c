// Verification of webhook messages (https://www.standardwebhooks.com).

import type { EventType, TokenKind } from "../api/types.ts";
import { HookswitchError } from "./error.ts";

/** A message of an event. */
export interface EventMessage {
  type: EventType;
  /** When the event happened. */
  timestamp: string;
  data: {
    /** The same in every delivery: store the ids that you have processed. */
    event_id: string;
    user_id: string;
    /** `root`, `system`, `app:` and an app id, or a user id. */
    actor: string;
    token_id: string | null;
    kind: TokenKind | null;
    connection_id: string | null;
    details: Record<string, unknown>;
  };
}

/** The message of `testWebhook`. */
export interface TestMessage {
  type: "webhook.test";
  timestamp: string;
  data: { event_id: string; endpoint: string };
}

export type WebhookMessage = EventMessage | TestMessage;

export interface WebhookToVerify {
  /** The body as it arrived, which the signature covers. */
  body: string | Uint8Array;
  /** The headers of the request: `Headers`, or the object that Node has. */
  headers: Headers | Record<string, string | readonly string[] | undefined>;
  /** The secret of the endpoint, `whsec_…`; or several, while one replaces another. */
  secret: string | readonly string[];
  /** By how many seconds the time of the message and the present time may differ. The default is 300. */
  tolerance?: number;
  /** The present time, in milliseconds since 1970. The default is `Date.now()`. */
  now?: number;
}

/**
 * Verifies a message and returns its content. The comparison takes constant time.
 *
 * @throws HookswitchError with the code `webhook_headers_missing`, `webhook_too_old`, `webhook_too_new` or
 *   `webhook_signature_invalid`: answer 400
 * @throws TypeError if `secret` is not a signing secret
 */
export async function verifyWebhook(message: WebhookToVerify): Promise<WebhookMessage> {
  const { tolerance = 300, now = Date.now(), secret } = message;
  const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map((name) =>
    header(message.headers, `webhook-${name}`),
  );
  if (!id || !signatures || !timestamp || !/^\d{1,12}$/.test(timestamp)) {
    throw rejection("headers_missing", "A header of the webhook message is missing or malformed.");
  }
  const age = now / 1_000 - Number(timestamp);
  if (age > tolerance) throw rejection("too_old", "The webhook message was sent too long ago.");
  if (-age > tolerance) throw rejection("too_new", "The webhook message is from the future.");

  const encoder = new TextEncoder();
  const body = typeof message.body === "string" ? encoder.encode(message.body) : message.body;
  const signed = concat(encoder.encode(`${id}.${timestamp}.`), body);
  const claims = signatures
    .split(" ")
    .filter((text) => text.startsWith("v1,"))
    .map((text) => bytesOf(text.slice(3)));
  for (const text of typeof secret === "string" ? [secret] : secret) {
    const key = await signingKey(text);
    for (const claim of claims) {
      if (claim && (await crypto.subtle.verify("HMAC", key, claim, signed))) {
        return JSON.parse(new TextDecoder().decode(body)) as WebhookMessage;
      }
    }
  }
  throw rejection("signature_invalid", "No signature of the webhook message is valid.");
}

function rejection(code: string, message: string): HookswitchError {
  return new HookswitchError({ code: `webhook_${code}`, message });
}

function signingKey(secret: string): Promise<CryptoKey> {
  const bytes = bytesOf(secret.replace(/^whsec_/, ""));
  if (!bytes?.length) throw new TypeError("`secret` must be a signing secret, `whsec_…`");
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, [
    "verify",
  ]);
}

function header(headers: WebhookToVerify["headers"], name: string): string | null | undefined {
  if (headers instanceof Headers) return headers.get(name);
  const [, value] = Object.entries(headers).find(([key]) => key.toLowerCase() === name) ?? [];
  return typeof value === "string" || value === undefined ? value : value.join(" ");
}

/** The bytes of a text in base64; undefined if it is none. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function concat(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

// What the service answered, in the words in which the core's replay says it.

import type { Event } from "../shapes.ts";
import type { Move } from "./moves.ts";
import type { Names } from "./names.ts";
import type { Step } from "./play.ts";

export type Seen = Record<string, unknown>;
type Body = Record<string, unknown>;

/** The answer of a request. */
export function seen({ move, status, body }: Step, names: Names): Seen {
  if (status === 409) return refusal(body, names);
  if (status >= 400) return { refused: body["error"] ?? body["code"] };
  switch (move.do) {
    case "mint":
      return { minted: names.of(body["token_id"]), ...minted(body, names) };
    case "connect":
    case "get":
      return { connection: connection(body, names) };
    case "consume":
      return { consumed: verdict(body, names), connection: maybe(body["connection"], names) };
    case "check":
      return { checked: verdict(body, names) };
    case "revoke":
      return { revoked: verdict(body, names), previous: body["previous"] };
    case "close":
    case "disable":
    case "enable":
      return { changed: connection(body, names), previous: body["previous"] };
    case "issue":
    case "exchange":
    case "refresh":
      return {
        access: names.of(body["access_token"]),
        // OAuth's answer has the refresh token of a confidential client again, which stays.
        refresh: isPresented(move, body["refresh_token"]) ? null : names.of(body["refresh_token"]),
        scope: body["scope"] ?? null,
      };
    case "introspect":
      return body["active"] === true
        ? { active: names.of(body["jti"]), scope: body["scope"] ?? null }
        : { active: null };
    case "retract":
    case "leave":
      return { done: true };
    case "purge":
      return { purged: body["revoked"] };
  }
}

const isPresented = (move: Move, token: unknown): boolean =>
  move.do === "refresh" && token === move.secret;

function refusal(body: Body, names: Names): Seen {
  const code = String(body["code"]);
  if (body["verdict"] !== undefined) {
    return { refused: code, verdict: verdict(body["verdict"] as Body, names) };
  }
  return { refused: code, connection: maybe(body["connection"], names) };
}

function minted(body: Body, names: Names): Seen {
  return {
    connection: names.of(body["connection_id"]),
    scope: body["scope"],
    expires_at: body["expires_at"],
  };
}

function verdict(body: Body, names: Names): Seen {
  return {
    token: names.of(body["token_id"]),
    kind: body["kind"],
    status: body["status"],
    created_at: body["created_at"],
    created_by: body["created_by"],
    expires_at: body["expires_at"],
    died_at: body["consumed_at"] ?? body["revoked_at"] ?? null,
    by: body["by"],
    reason: body["reason"],
    scope: body["scope"],
    app_id: body["app_id"],
    connection: names.of(body["connection_id"]),
  };
}

function maybe(body: unknown, names: Names): Seen | null {
  return body === null || body === undefined ? null : connection(body as Body, names);
}

function connection(body: Body, names: Names): Seen {
  return {
    id: names.of(body["id"]),
    app_id: body["app_id"],
    status: body["status"],
    status_reason: body["status_reason"],
    scope: body["scope"],
    created_at: body["created_at"],
    created_by: body["created_by"],
    expires_at: body["expires_at"],
    activated_at: body["activated_at"],
    changed_at: body["changed_at"],
    changed_by: body["changed_by"],
    revoked_at: body["revoked_at"],
  };
}

/** An event as a line, so that two lists of them can be compared. */
export function told({ type, at, actor, token_id, kind, ...more }: Event, names: Names): string {
  const connectionId = (more as { connection_id?: string | null }).connection_id;
  const [token, link] = [names.of(token_id), names.of(connectionId)];
  return [at, type, actor, token ?? "-", kind ?? "-", link ?? "-"].join(" ");
}

// Statuses, as a server says them.

import type { Status, StatusOfConnection, StatusOfToken } from "../../../www/package/types.ts";

const SECOND = 1_000;
const HEX = "0123456789abcdef".repeat(3);

/** RFC 3339 with microseconds, so many seconds from now. */
export function fromNow(seconds: number): string {
  return new Date(Date.now() + seconds * SECOND).toISOString().replace("Z", "000Z");
}

function common() {
  return {
    app_id: "crm",
    scope: "contacts.read",
    as_of: fromNow(0),
    source: "ledger" as const,
    created_at: fromNow(-7_260),
    expires_at: null,
    activated_at: null,
    consumed_at: null,
    revoked_at: null,
    provider_revocation: null,
    ticket_expires_at: fromNow(3_600),
  };
}

/** What a server says of a connection now. */
export function connection(
  status: StatusOfConnection["status"],
  more: Partial<StatusOfConnection> = {},
): Status {
  const ends = status === "initiated" ? { expires_at: fromNow(754) } : {};
  const expired = status === "expired" ? { expires_at: fromNow(-60) } : {};
  const active = ["active", "inactive"].includes(status) ? { activated_at: fromNow(-7_200) } : {};
  const revoked = ["revoked", "revoking"].includes(status) ? { revoked_at: fromNow(-60) } : {};
  const times = { ...ends, ...expired, ...active, ...revoked };
  const what = { subject: "connection" as const, id: `ca_${HEX}`, kind: null, status };
  return { ...common(), ...what, ...times, ...more };
}

/** What a server says of a token now. */
export function token(status: StatusOfToken["status"], more: Partial<StatusOfToken> = {}): Status {
  const left = status === "expired" ? -60 : 754;
  const consumed = status === "consumed" ? { consumed_at: fromNow(-60) } : {};
  const revoked = status === "revoked" ? { revoked_at: fromNow(-60) } : {};
  const times = { expires_at: fromNow(left), ...consumed, ...revoked };
  const what = { subject: "token" as const, id: `tok_${HEX}`, kind: "connection_token" as const };
  return { ...common(), ...what, status, ...times, ...more };
}

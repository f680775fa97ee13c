// The types of the parameters and results of the package's functions.

import type {
  ConnectionStatus,
  ProviderRevocation,
  Source,
  Status as TokenStatus,
  TokenKind,
} from "../api/types.ts";

export type { ConnectionStatus, ProviderRevocation, TokenKind, TokenStatus };

/** The purpose of a handle. */
export type HandleKind =
  | "connection_token"
  | "access_token"
  | "refresh_token"
  | "api_key"
  | "connection_id"
  | "token_id"
  | "client_secret"
  | "status_ticket";

/** A text that is a handle by its form. Any deployment, or none, may have created it. */
export interface Handle {
  kind: HandleKind;
  /** The canonical spelling: the prefix of its kind and small hex digits. */
  text: string;
  /** Whether who has it can do something with it. An id only names something. */
  secret: boolean;
}

/** The members that both have. Times are RFC 3339 in UTC, with microseconds. */
interface AnyStatus {
  /** The public id: `tok_…` or `ca_…`. */
  id: string;
  app_id: string | null;
  scope: string | null;
  /** When this was true. */
  as_of: string;
  /** The source: the ledger, or a copy of a final status. */
  source: Source;
  created_at: string;
  /** Until when a token lives; until when a connection has to be authorized. */
  expires_at: string | null;
  /** When a connection was first authorized. */
  activated_at: string | null;
  /** When a token was used. */
  consumed_at: string | null;
  revoked_at: string | null;
  /**
   * How far the revocation at the provider is, while a connection is `revoking`: `in_progress`, or `unconfirmed` if the
   * provider did not confirm it and an operator has to decide.
   */
  provider_revocation: ProviderRevocation | null;
  /** Until when the ticket that this was read with is good. */
  ticket_expires_at: string;
}

/** The answer of `GET /v1/status` for a token. */
export interface StatusOfToken extends AnyStatus {
  subject: "token";
  kind: TokenKind;
  status: TokenStatus;
}

/** The answer of `GET /v1/status` for a connection. */
export interface StatusOfConnection extends AnyStatus {
  subject: "connection";
  kind: null;
  status: ConnectionStatus;
}

/** The answer of `GET /v1/status`; `subject` is its kind. */
export type Status = StatusOfToken | StatusOfConnection;

/** The members of a {@link Status} that `statusAt` needs. */
export interface StatusRead {
  subject: "token" | "connection";
  status: TokenStatus | ConnectionStatus;
  as_of: string;
  created_at: string;
  expires_at?: string | null;
  activated_at?: string | null;
  consumed_at?: string | null;
  revoked_at?: string | null;
}

/** A status at a time. */
export interface Standing {
  status: TokenStatus | ConnectionStatus;
  /** Since when, if the times that were read have it: there is no time of disabling or of failure. */
  since: string | null;
  /** Whether it never changes again. */
  terminal: boolean;
  /** When it expires by itself; null where it does not. */
  endsAt: string | null;
  /** Whole seconds until then, rounded down. */
  secondsLeft: number | null;
}

/** The languages that there are words in. */
export type Locale = "en" | "fr" | "de" | "es";

/** A status in words, for the person whose connection it is. */
export interface Words {
  /** A word or a few, as on a badge. */
  label: string;
  /** One sentence. */
  sentence: string;
  /** How it feels. A colour may follow it, and never stands alone. */
  tone: "good" | "waiting" | "paused" | "ended";
  /** The language of both. */
  locale: Locale;
}

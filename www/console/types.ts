// The types of the API under the names that the console uses. They are generated from the Worker's own types.

import type {
  AppWithSecret,
  ChangedConnection,
  EventType,
  ProviderCall,
  RevokedToken,
  User,
  WebhookWithSecret,
} from "../api/types.ts";

export type {
  Connection,
  ConnectionStatus,
  Counts,
  Credential,
  CredentialState,
  Delivery,
  Event as AuditEvent,
  Provider,
  Revocation,
  Role,
  Status as TokenStatus,
  TokenKind,
  UpstreamTokenType as TokenType,
  User,
  UserRevoked,
  Verdict as Token,
  WebhookTest as Tested,
} from "../api/types.ts";

/** A page of a list. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** The part of a user that an administrator sets. */
export type Profile = Omit<User, "user_id" | "created_at" | "updated_at">;

/** The result of a change. */
export type Changed = Pick<RevokedToken | ChangedConnection, "changed" | "previous" | "status">;

/** An app, with its client secret if one was created just now. */
export type App = AppWithSecret;

/** The part of an app that an administrator sets. */
export type AppOrder = Omit<App, "app_id" | "created_at" | "updated_at" | "client_secret">;

/** How tokens are revoked at a provider. What is left out has its default. */
export type RevocationCall = Pick<ProviderCall, "method" | "url" | "auth"> & Partial<ProviderCall>;

/** A webhook endpoint, with its signing secret if one was created just now. */
export type Webhook = WebhookWithSecret;

/** Every type of event, in the order in which they happen. */
export const EVENT_TYPES = [
  "user.created",
  "user.updated",
  "user.revoked",
  "token.created",
  "token.consumed",
  "token.revoked",
  "token.expired",
  "token.replayed",
  "connection.created",
  "connection.activated",
  "connection.disabled",
  "connection.enabled",
  "connection.revoking",
  "connection.revoked",
  "connection.expired",
  "revocation.abandoned",
] as const satisfies readonly EventType[];

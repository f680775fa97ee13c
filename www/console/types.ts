// The API's answers, as far as the console reads them. `/openapi.json` says what each member means.

export type Role = "admin" | "manager" | "member" | "none";
export type TokenKind = "connection_token" | "access_token" | "refresh_token" | "api_key";
export type TokenStatus = "valid" | "inactive" | "consumed" | "revoked" | "expired";
export type ConnectionStatus =
  "initiated" | "active" | "inactive" | "revoking" | "revoked" | "expired" | "failed";
export type TokenType = "refresh_token" | "access_token";
export type CredentialState =
  "held" | "revoking" | "revoked" | "gone" | "unsupported" | "abandoned" | "dismissed";

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Profile {
  role: Role;
  groups: string[];
  external_id: string | null;
  connectable: boolean;
}

export interface User extends Profile {
  user_id: string;
  created_at: string;
  updated_at: string;
}

export interface Token {
  status: TokenStatus;
  user_id: string;
  token_id: string;
  kind: TokenKind;
  created_at: string;
  created_by: string;
  expires_at: string | null;
  consumed_at: string | null;
  revoked_at: string | null;
  reason: string | null;
  by: string | null;
  app_id: string | null;
  connection_id: string | null;
  scope: string | null;
  redirect_uri: string | null;
  label: string | null;
  metadata: Record<string, unknown> | null;
}

export interface Credential {
  token_type: TokenType;
  expires_at: string | null;
  revocation_id: string | null;
  state: CredentialState;
  attempts: number;
  next_attempt_at: string | null;
  error: string | null;
  changed_at: string;
}

export interface Connection {
  id: string;
  user_id: string;
  app_id: string;
  status: ConnectionStatus;
  status_reason: string | null;
  as_of: string;
  scope: string | null;
  created_at: string;
  created_by: string;
  expires_at: string | null;
  activated_at: string | null;
  changed_at: string;
  changed_by: string | null;
  revoked_at: string | null;
  metadata: Record<string, unknown> | null;
  upstream: { provider: string; credentials: Credential[] } | null;
}

/** A change that was asked for, and whether it changed anything. */
export interface Changed {
  changed: boolean;
  previous: string;
  status: string;
}

export interface AuditEvent {
  id: string;
  type: string;
  at: string;
  actor: string;
  user_id: string;
  token_id: string | null;
  kind: TokenKind | null;
  connection_id: string | null;
  data: Record<string, unknown>;
}

export interface Counts {
  connection_token: number;
  access_token: number;
  refresh_token: number;
  api_key: number;
  connection: number;
}

/** What a user's revocation has ended, or would end. */
export interface UserRevoked {
  user_id: string;
  dry_run: boolean;
  before: string;
  revoked: Counts;
  total: number;
}

export interface AppOrder {
  name: string;
  description: string | null;
  redirect_uris: string[];
  scopes: string[];
  client_type: "public" | "confidential";
  logo_url: string | null;
  provider: string | null;
}

export interface App extends AppOrder {
  app_id: string;
  created_at: string;
  updated_at: string;
  client_secret?: string;
}

/** How tokens are revoked at a provider. */
export interface RevocationCall {
  method: "rfc7009" | "post" | "delete" | "get";
  url: string;
  auth: "basic" | "post" | "bearer" | "none";
  body?: "form" | "json" | "query" | "none";
  parameter?: string;
  tokens?: TokenType[];
  gone_errors?: string[];
  gone_statuses?: number[];
}

export interface Provider {
  slug: string;
  name: string;
  revocation: RevocationCall | null;
  client_id: string | null;
  has_client_secret: boolean;
  source: "operator" | "shipped";
  created_at: string | null;
  updated_at: string | null;
}

export interface Revocation extends Omit<Credential, "expires_at" | "revocation_id"> {
  id: string;
  user_id: string;
  connection_id: string;
  app_id: string;
  provider: string | null;
}

export interface Webhook {
  name: string;
  url: string;
  events: string[];
  disabled: boolean;
  disabled_reason: string | null;
  disabled_at: string | null;
  previous_secret_expires_at: string | null;
  created_at: string;
  updated_at: string;
  secret?: string;
}

export interface Tested {
  delivered: boolean;
  status: number | null;
  error: string | null;
  event_id: string;
}

export interface Delivery {
  event_id: string;
  type: string;
  at: string;
  attempt: number;
  delivered: boolean;
  status: number | null;
  error: string | null;
  next_attempt_at: string | null;
}

/** What can happen to a user, in the order of its life. */
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
] as const;

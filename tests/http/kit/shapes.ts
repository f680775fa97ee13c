// The bodies of the API, as far as the tests look into them. The description of the API checks them whole.

export type Status = "valid" | "consumed" | "revoked" | "expired" | "inactive";
export type Kind = "connection_token" | "access_token" | "refresh_token" | "api_key";
export type Role = "admin" | "manager" | "member" | "none";

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

export interface Verdict {
  status: Status;
  as_of: string;
  source: "ledger" | "lease" | "replica";
  user_id: string;
  token_id: string;
  kind: Kind;
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

export type Consumed = Verdict & { user: User; connection: Connection | null };
export type Revoked = Verdict & { changed: boolean; previous: Status };
export type Unknown = { status: "unknown"; as_of: string; source: "codec" | "ledger" };
export type Batch = { items: (Verdict | Unknown)[] };

export interface Order {
  ttl?: number;
  app_id?: string;
  scope?: string;
  redirect_uri?: string;
  code_challenge?: string;
  code_challenge_method?: string;
  metadata?: Record<string, unknown>;
  label?: string;
}

export interface Minted {
  token: string;
  token_id: string;
  user_id: string;
  kind: "connection_token";
  status: "valid";
  created_at: string;
  created_by: string;
  expires_at: string;
  app_id: string | null;
  connection_id: string | null;
  scope: string | null;
  redirect_uri: string | null;
  label: string | null;
  metadata: Record<string, unknown> | null;
}

export interface NewApiKey {
  api_key: string;
  token_id: string;
  user_id: string;
  created_at: string;
  expires_at: string | null;
  label: string | null;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id: string;
  verdict?: Verdict;
  connection?: Connection;
  errors?: Record<string, string>;
}

/** Of a consume: at 200 the members of a verdict, otherwise those of a problem. */
export type Attempt = Omit<Consumed, "status"> & Omit<Problem, "status" | "connection">;

export interface Counts {
  connection_token: number;
  access_token: number;
  refresh_token: number;
  api_key: number;
  connection: number;
}

export interface UserRevoked {
  user_id: string;
  dry_run: boolean;
  before: string;
  revoked: Counts;
  total: number;
}

export interface Event {
  id: string;
  type: string;
  at: string;
  actor: string;
  actor_type: "root" | "system" | "app" | "user";
  user_id: string;
  token_id: string | null;
  kind: Kind | null;
  connection_id: string | null;
  data: Record<string, unknown>;
}

export interface Registration {
  name: string;
  description: string | null;
  redirect_uris: string[];
  scopes: string[];
  client_type: "public" | "confidential";
  logo_url: string | null;
  provider: string | null;
}

export interface App extends Registration {
  app_id: string;
  created_at: string;
  updated_at: string;
  /** In the answer that made it, and in no other. */
  client_secret?: string;
}

export type ConnectionStatus =
  "initiated" | "active" | "inactive" | "expired" | "revoking" | "revoked";

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
}

export type ChangedConnection = Connection & {
  changed: boolean;
  previous: ConnectionStatus;
  effective_at: string;
};

export interface Issued {
  access_token: string;
  token_type: "Bearer";
  expires_in: number;
  refresh_token?: string;
  scope?: string;
  token_id: string;
  refresh_token_id?: string;
  connection_id: string;
  user_id: string;
  app_id: string;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface PartooChecked {
  token: string;
  expiration_date: string;
  generated_by: string;
  creation_date: string;
  consumption_date?: string;
  status: Status;
}

export type PartooErrors = {
  errors: {
    json?: string | Record<string, string>;
    authentication?: string;
    authorization?: string;
  };
};

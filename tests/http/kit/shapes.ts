// The bodies of the API, as far as the tests look into them. The description of the API checks them whole.

export type Status = "valid" | "consumed" | "revoked" | "expired";
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
  source: "ledger" | "replica";
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
  scope: string | null;
  redirect_uri: string | null;
  label: string | null;
  metadata: Record<string, unknown> | null;
}

export type Consumed = Verdict & { user: User };
export type Revoked = Verdict & { changed: boolean; previous: Status };
export type Unknown = { status: "unknown"; as_of: string; source: "codec" | "ledger" };
export type Batch = { items: (Verdict | Unknown)[] };

export interface Order {
  ttl?: number;
  scope?: string;
  redirect_uri?: string;
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
  errors?: Record<string, string>;
}

/** Of a consume: at 200 the members of a verdict, otherwise those of a problem. */
export type Attempt = Omit<Consumed, "status"> & Omit<Problem, "status">;

export interface Counts {
  connection_token: number;
  access_token: number;
  refresh_token: number;
  api_key: number;
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
  user_id: string;
  token_id: string | null;
  kind: Kind | null;
  data: Record<string, unknown>;
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
  consumption_date: string | null;
  status: Status;
}

export type PartooErrors = {
  errors: {
    json?: string | Record<string, string>;
    authentication?: string;
    authorization?: string;
  };
};

// What the tests of providers do: put one, have connections hold its credentials, and see what became of them.

import { randomUUID } from "node:crypto";

import { everyPage, newUser } from "./actions.ts";
import type { Api } from "./api.ts";
import { newApp } from "./connections.ts";
import type { App, Connection } from "./shapes.ts";
import { until } from "./wait.ts";

export type TokenType = "refresh_token" | "access_token";

export type CredentialState =
  "held" | "revoking" | "revoked" | "gone" | "unsupported" | "abandoned" | "dismissed";

/** How far the revocation of a credential is. */
export interface Progress {
  token_type: TokenType;
  state: CredentialState;
  attempts: number;
  next_attempt_at: string | null;
  error: string | null;
  changed_at: string;
}

export interface Credential extends Progress {
  expires_at: string | null;
  revocation_id: string | null;
}

export interface Revocation extends Progress {
  id: string;
  user_id: string;
  connection_id: string;
  app_id: string;
  provider: string | null;
}

export type Holder = Connection & {
  upstream: { provider: string; credentials: Credential[] } | null;
};

/** What comes in: at least one of the tokens. */
export interface Upstream {
  provider?: string;
  access_token?: string;
  refresh_token?: string;
  expires_at?: string;
  expires_in?: number;
}

/** How tokens are revoked at a provider. */
export interface Call {
  method: "rfc7009" | "post" | "delete" | "get";
  url: string;
  auth: "basic" | "post" | "bearer" | "none";
  body?: "form" | "json" | "query" | "none";
  parameter?: string;
  tokens?: TokenType[];
  gone_errors?: string[];
  gone_statuses?: number[];
  headers?: Record<string, string>;
  answers?: {
    status: number;
    body?: Record<string, boolean | number | string>;
    means: "revoked" | "gone" | "retry" | "rejected";
  }[];
}

export interface ProviderOrder {
  name?: string;
  revocation?: Call | { method: "none" };
  client_id?: string | null;
  client_secret?: string;
}

export interface ShownProvider {
  slug: string;
  name: string;
  revocation: (Required<Omit<Call, "headers" | "answers">> & Call) | null;
  client_id: string | null;
  has_client_secret: boolean;
  source: "shipped" | "operator";
  created_at: string | null;
  updated_at: string | null;
}

export function providerPath(slug: string): string {
  return `/v1/providers/${slug}`;
}

/** Puts a provider that no other test knows. Gives its slug. */
export async function newProvider(root: Api, order: ProviderOrder): Promise<string> {
  const slug = `p-${randomUUID()}`;
  await root.put(providerPath(slug), order, 201);
  return slug;
}

/** An app whose connections hold the provider's credentials. */
export function appOf(root: Api, provider: string): Promise<App> {
  return newApp(root, { provider, scopes: ["read"] });
}

/** A connection, of a new user unless one is given, that holds these credentials. */
export async function hold(
  root: Api,
  app: App,
  upstream: Upstream,
  userId?: string,
): Promise<Holder> {
  const user_id = userId ?? (await newUser(root));
  const json = { user_id, app_id: app.app_id, upstream };
  return (await root.post<Holder>("/v1/connections", json, 201)).body;
}

/** What became of each of its credentials, as `type state attempts`. */
export function statesOf({ upstream }: Holder): string[] {
  return (upstream?.credentials ?? []).map(
    ({ token_type, state, attempts }) => `${token_type} ${state} ${attempts}`,
  );
}

export async function readHolder(api: Api, id: string): Promise<Holder> {
  return (await api.get<Holder>(`/v1/connections/${id}`)).body;
}

/** The connection, once none of its credentials is being revoked any more. */
export function settled(api: Api, id: string, deadlineMs?: number): Promise<Holder> {
  const ask = async (): Promise<Holder | undefined> => {
    const holder = await readHolder(api, id);
    const isUnderWay = ({ state }: Credential): boolean => state === "held" || state === "revoking";
    return holder.upstream?.credentials.some(isUnderWay) === true ? undefined : holder;
  };
  return until("every credential has come to its end", ask, deadlineMs);
}

/** All revocations that wait for an operator. */
export function abandoned(api: Api): Promise<Revocation[]> {
  return everyPage<Revocation>(api, "/v1/revocations", { limit: "100" });
}

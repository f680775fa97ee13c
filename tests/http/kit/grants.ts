// Apps, connections, and what is issued under them: the steps that a test takes before it looks at anything.

import { createHash, randomBytes, randomUUID } from "node:crypto";

import type { Answer, Api } from "./api.ts";

/** An app as an OAuth client. */
export interface Client {
  app_id: string;
  /** None, for a public one. */
  secret: string | undefined;
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
}

export type ConnectionStatus =
  "initiated" | "active" | "inactive" | "expired" | "revoking" | "revoked";

export type Changed = Connection & { changed: boolean; previous: ConnectionStatus };

/** What is issued under a connection natively. */
export interface Issued {
  access_token: string;
  token_type: string;
  expires_in: number;
  refresh_token?: string;
  scope?: string;
  token_id: string;
  refresh_token_id?: string;
  connection_id: string;
  user_id: string;
  app_id: string;
}

export interface Registration {
  client_type?: "public" | "confidential";
  scopes?: string[];
  redirect_uris?: string[];
}

/** Registers an app that no other test knows. */
export async function newApp(root: Api, registration: Registration = {}): Promise<Client> {
  const app_id = `app-${randomUUID()}`;
  const { body } = await root.put<{ client_secret?: string }>(
    `/v1/apps/${app_id}`,
    { name: "An app", ...registration },
    201,
  );
  return { app_id, secret: body.client_secret };
}

/** A connection of the user to the app, active at once. */
export async function connect(
  api: Api,
  userId: string,
  appId: string,
  more: { scope?: string } = {},
): Promise<Connection> {
  const json = { user_id: userId, app_id: appId, ...more };
  return (await api.post<Connection>("/v1/connections", json, 201)).body;
}

/** An access token under the connection, with a refresh token where one is wanted. */
export async function issue(api: Api, connectionId: string, more: object = {}): Promise<Issued> {
  return (await api.post<Issued>(connectionPath(connectionId, "/tokens"), more, 201)).body;
}

export async function changeConnection(
  api: Api,
  connectionId: string,
  verb: "revoke" | "disable" | "enable",
  json: object = {},
): Promise<Changed> {
  return (await api.post<Changed>(connectionPath(connectionId, `/${verb}`), json)).body;
}

export function connectionPath(connectionId: string, rest = ""): string {
  return `/v1/connections/${connectionId}${rest}`;
}

/** HTTP Basic of a client, or of whatever else has a name and a secret. */
export function basic(name: string, secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}` };
}

/** POST of a form, as a client: by Basic where it has a secret, else by its name in the body. */
export function postForm<T = unknown>(
  api: Api,
  path: string,
  fields: Record<string, string>,
  client?: Client,
): Promise<Answer<T>> {
  const named = client?.secret === undefined && client ? { client_id: client.app_id } : {};
  const authorized = client?.secret === undefined ? {} : basic(client.app_id, client.secret);
  return api.as(undefined).send<T>("POST", path, {
    body: new URLSearchParams({ ...fields, ...named }).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded", ...authorized },
  });
}

/** A verifier and its S256 challenge (RFC 7636). */
export function newProof(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

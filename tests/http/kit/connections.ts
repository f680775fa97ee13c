// What the tests of apps and connections do: register an app, connect a user to it, issue tokens, take it all back.

import { randomUUID } from "node:crypto";

import { everyPage } from "./actions.ts";
import { userPath, type Api } from "./api.ts";
import type { App, ChangedConnection, Connection, Issued, Registration } from "./shapes.ts";

/** The path of an app, and of what belongs to it. */
export function appPath(appId: string, rest = ""): string {
  return `/v1/apps/${encodeURIComponent(appId)}${rest}`;
}

/** The path of a connection, and of what is done to it. */
export function connectionPath(id: string, rest = ""): string {
  return `/v1/connections/${id}${rest}`;
}

/** Registers an app that no other test knows; with its secret, where it is confidential. */
export async function newApp(root: Api, more: Partial<Registration> = {}): Promise<App> {
  const json = { name: "An app", ...more };
  return (await root.put<App>(appPath(`app-${randomUUID()}`), json, 201)).body;
}

/** Makes a connection that is active at once. */
export async function connect(
  api: Api,
  userId: string,
  appId: string,
  more: { scope?: string; metadata?: Record<string, unknown> } = {},
): Promise<Connection> {
  const json = { user_id: userId, app_id: appId, ...more };
  return (await api.post<Connection>("/v1/connections", json, 201)).body;
}

/** A user, an app, and a connection between them. */
export async function newConnection(
  root: Api,
  userId: string,
  more: Partial<Registration> = {},
): Promise<Connection> {
  return connect(root, userId, (await newApp(root, more)).app_id);
}

export async function readConnection(api: Api, id: string): Promise<Connection> {
  return (await api.get<Connection>(connectionPath(id))).body;
}

export function connectionsOf(
  api: Api,
  userId: string,
  query: Record<string, string> = {},
): Promise<Connection[]> {
  return everyPage<Connection>(api, userPath(userId, "/connections"), { limit: "100", ...query });
}

export function revokeConnection(
  api: Api,
  id: string,
  reason?: string,
): Promise<ChangedConnection> {
  return change(api, id, "/revoke", reason);
}

export function disable(api: Api, id: string, reason?: string): Promise<ChangedConnection> {
  return change(api, id, "/disable", reason);
}

export function enable(api: Api, id: string, reason?: string): Promise<ChangedConnection> {
  return change(api, id, "/enable", reason);
}

async function change(
  api: Api,
  id: string,
  rest: string,
  reason: string | undefined,
): Promise<ChangedConnection> {
  const json = reason === undefined ? {} : { reason };
  return (await api.post<ChangedConnection>(connectionPath(id, rest), json)).body;
}

export interface IssueOrder {
  scope?: string;
  ttl?: number;
  refresh_token?: boolean;
  refresh_token_ttl?: number;
}

/** Issues an access token and, unless told otherwise, a refresh token. */
export async function issue(api: Api, id: string, order: IssueOrder = {}): Promise<Issued> {
  return (await api.post<Issued>(connectionPath(id, "/tokens"), order, 201)).body;
}

/** The access token and the refresh token of one issue. */
export async function issuePair(api: Api, id: string): Promise<[string, string]> {
  const { access_token, refresh_token = "" } = await issue(api, id);
  return [access_token, refresh_token];
}

// What the tests of OAuth, and of the dialects that speak it, do: register an app, mint a code, be its client.

import { createHash, randomBytes, randomUUID } from "node:crypto";

import type { Answer, Api } from "./api.ts";
import type { Minted } from "./shapes.ts";

/** The redirect URI of every app that a test makes, unless it says otherwise. */
export const CALLBACK = "https://app.example/callback";

/** An app as its registration answered. */
export interface Registered {
  app_id: string;
  name: string;
  client_type: "public" | "confidential";
  scopes: string[];
  client_secret?: string;
}

/** A token endpoint's answer: what was issued, or the error. */
export interface Granted {
  access_token: string;
  token_type: string;
  expires_in: number;
  refresh_token: string;
  scope?: string;
  error: string;
  error_description: string;
}

/** An introspection's answer. */
export interface Introspected {
  active: boolean;
  scope?: string;
  client_id?: string;
  token_type?: string;
  exp?: number;
  iat?: number;
  nbf?: number;
  sub?: string;
  iss?: string;
  jti?: string;
  aud?: string[];
  error?: string;
  error_description?: string;
}

/** A code as it was minted. */
export type Code = Minted & { connection_id: string };

/** The parameters of a form; undefined leaves one out. */
export type Params = Record<string, string | undefined>;

/** How a client says who it is. */
export type Authentication = "basic" | "post" | "none";

/** Registers an app that no other test knows. */
export async function newApp(root: Api, more: Record<string, unknown> = {}): Promise<Registered> {
  const app_id = typeof more["app_id"] === "string" ? more["app_id"] : `app-${randomUUID()}`;
  const json = { name: "An app", redirect_uris: [CALLBACK], scopes: ["read", "write"], ...more };
  delete (json as Record<string, unknown>)["app_id"];
  return (await root.put<Registered>(appPath(app_id), json, 201)).body;
}

export function newPublicApp(root: Api, more: Record<string, unknown> = {}): Promise<Registered> {
  return newApp(root, { client_type: "public", ...more });
}

export function appPath(appId: string, rest = ""): string {
  return `/v1/apps/${encodeURIComponent(appId)}${rest}`;
}

/** A verifier of RFC 7636, and the challenge that goes into the code. */
export function pkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

/** A code of the app: a connection token minted for it. */
export async function newCode(
  api: Api,
  userId: string,
  app: Registered,
  more: Record<string, unknown> = {},
): Promise<Code> {
  const json = { user_id: userId, app_id: app.app_id, ...more };
  return (await api.post<Code>("/v1/tokens", json, 201)).body;
}

/** Basic credentials as RFC 6749 has them, each part form-encoded as far as may be. */
export function encodedBasic(clientId: string, secret: string): string {
  const strict = (text: string): string =>
    encodeURIComponent(text).replace(
      /[-_.!~*'()]/g,
      (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  return rawBasic(strict(clientId).replaceAll("%20", "+"), strict(secret));
}

/** Basic credentials as RFC 7617 has them. */
export function rawBasic(clientId: string, secret: string): string {
  return `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}`;
}

export function form(params: Params): string {
  const given = Object.entries(params).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return new URLSearchParams(given).toString();
}

/** POST of a form. */
export function postForm<T = Granted>(
  api: Api,
  path: string,
  body: Params | string,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  return api.send<T>("POST", path, {
    body: typeof body === "string" ? body : form(body),
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
  });
}

/** A client of an authorization server: it knows its app, and where the endpoints are. */
export class Client {
  readonly app: Registered;
  readonly #api: Api;
  readonly #base: string;
  readonly #authentication: Authentication;

  constructor(api: Api, app: Registered, authentication?: Authentication, base = "/oauth") {
    this.#api = api.as(undefined);
    this.app = app;
    this.#base = base;
    this.#authentication = authentication ?? (app.client_type === "public" ? "none" : "post");
  }

  /** POST to an endpoint, with the client's credentials. */
  post<T = Granted>(
    endpoint: string,
    params: Params,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const { app_id: client_id, client_secret = "" } = this.app;
    const path = `${this.#base}/${endpoint}`;
    if (this.#authentication === "basic") {
      const authorization = rawBasic(client_id, client_secret);
      return postForm(this.#api, path, params, { authorization, ...headers });
    }
    const credentials = this.#authentication === "none" ? { client_id } : { client_id, client_secret };
    return postForm(this.#api, path, { ...credentials, ...params }, headers);
  }

  exchange(
    code: string,
    more: Params = {},
    headers: Record<string, string> = {},
  ): Promise<Answer<Granted>> {
    return this.post("token", { grant_type: "authorization_code", code, ...more }, headers);
  }

  refresh(
    refresh_token: string,
    more: Params = {},
    headers: Record<string, string> = {},
  ): Promise<Answer<Granted>> {
    return this.post("token", { grant_type: "refresh_token", refresh_token, ...more }, headers);
  }

  introspect(token: string, more: Params = {}): Promise<Answer<Introspected>> {
    return this.post("introspect", { token, ...more });
  }

  revoke(token: string, more: Params = {}): Promise<Answer<Granted>> {
    return this.post("revoke", { token, ...more });
  }
}

/** What a client holds after an authorization: of a public one, by a code with a challenge. */
export async function authorized(
  root: Api,
  userId: string,
  client: Client,
  more: Record<string, unknown> = {},
): Promise<Granted & { code: Code }> {
  const { verifier, challenge } = pkce();
  const isPublic = client.app.client_type === "public";
  const order = isPublic ? { code_challenge: challenge, ...more } : more;
  const code = await newCode(root, userId, client.app, order);
  const answer = await client.exchange(code.token, isPublic ? { code_verifier: verifier } : {});
  if (answer.status !== 200) throw new Error(`no tokens: ${answer.status} ${answer.text}`);
  return { ...answer.body, code };
}

/** Whether an introspection by root calls the token active. */
export async function isActive(root: Api, token: string): Promise<boolean> {
  const answer = await postForm<Introspected>(root, "/oauth/introspect", { token });
  if (answer.status !== 200) throw new Error(`no introspection: ${answer.status} ${answer.text}`);
  return answer.body.active;
}

/** The connection, as far as these tests look into it. */
export interface Link {
  id: string;
  user_id: string;
  app_id: string;
  status: string;
  scope: string | null;
  changed: boolean;
}

export async function connectionOf(root: Api, id: string): Promise<Link> {
  return (await root.get<Link>(`/v1/connections/${id}`)).body;
}

/** POST to `…/revoke`, `…/disable` or `…/enable` of the connection. */
export async function connectionTo(root: Api, id: string, what: string): Promise<Link> {
  return (await root.post<Link>(`/v1/connections/${id}/${what}`, {})).body;
}

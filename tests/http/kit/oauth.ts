// What the tests of OAuth, and of the dialects that speak it, do: register an app, mint a code, be its client.

import { createHash, randomBytes, randomUUID } from "node:crypto";

import { mint } from "./actions.ts";
import type { Answer, Api } from "./api.ts";
import { appPath } from "./connections.ts";
import type { App, Minted, Order, Registration, Verdict } from "./shapes.ts";

/** The redirect URI of every app that a test makes, unless it says otherwise. */
export const CALLBACK = "https://app.example/callback";

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

/** Registers an app that no other test knows, with a redirect URI and scopes. */
export async function newClientApp(
  root: Api,
  { app_id = `app-${randomUUID()}`, ...more }: Partial<App> = {},
): Promise<App> {
  const json: Partial<Registration> = {
    name: "An app",
    redirect_uris: [CALLBACK],
    scopes: ["read", "write"],
    ...more,
  };
  return (await root.put<App>(appPath(app_id), json, 201)).body;
}

export function newPublicApp(root: Api, more: Partial<App> = {}): Promise<App> {
  return newClientApp(root, { client_type: "public", ...more });
}

/** A verifier of RFC 7636, and the challenge that goes into the code. */
export function pkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

/** A code of the app: a connection token minted for it. */
export async function newCode(api: Api, userId: string, app: App, more: Order = {}): Promise<Code> {
  const minted = await mint(api, userId, { app_id: app.app_id, ...more });
  return { ...minted, connection_id: minted.connection_id ?? "" };
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
  const given = Object.entries(params).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
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
  readonly app: App;
  readonly #api: Api;
  readonly #base: string;
  readonly #authentication: Authentication;

  constructor(api: Api, app: App, authentication?: Authentication, base = "/oauth") {
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
    const credentials =
      this.#authentication === "none" ? { client_id } : { client_id, client_secret };
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
  more: Order = {},
): Promise<Granted & { code: Code; proof: Record<string, string> }> {
  const { verifier, challenge } = pkce();
  const isPublic = client.app.client_type === "public";
  const order = isPublic ? { code_challenge: challenge, ...more } : more;
  const code = await newCode(root, userId, client.app, order);
  // What whoever exchanges the code has to come with.
  const proof: Record<string, string> = isPublic ? { code_verifier: verifier } : {};
  const answer = await client.exchange(code.token, proof);
  if (answer.status !== 200) throw new Error(`no tokens: ${answer.status} ${answer.text}`);
  return { ...answer.body, code, proof };
}

/** Whether a check by root calls the token valid. Introspection by root hides refresh tokens. */
export async function isActive(root: Api, token: string): Promise<boolean> {
  const answer = await root.send<Verdict>("POST", "/v1/tokens/check", { json: { token } });
  if (answer.status === 404) return false;
  if (answer.status !== 200) throw new Error(`no check: ${answer.status} ${answer.text}`);
  return answer.body.status === "valid";
}

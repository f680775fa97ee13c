// What a call can be about: things of one user and one app that are there, each made for the request that names it; and
// things that look like them and are not there.

import { randomUUID } from "node:crypto";

import { check, forge, mint } from "./actions.ts";
import type { Api, Options } from "./api.ts";
import { connect, connectionPath, issue, type Client, type Connection } from "./grants.ts";
import type { Holder } from "./upstream.ts";

/** A request, but for the credentials. */
export interface Asked {
  target: string;
  json?: Record<string, unknown>;
  form?: Record<string, string>;
}

export interface Things {
  readonly user: string;
  readonly app: Client;
  /** Stytch's name for the deployment. */
  readonly project: string;
  token(): Promise<{ token: string; token_id: string }>;
  connection(): Promise<string>;
  /** A connection token for the app, as its client exchanges it. */
  code(): Promise<string>;
  accessToken(): Promise<string>;
  provider(): Promise<string>;
  endpoint(): Promise<string>;
  /** A revocation that was abandoned. */
  revocation(): Promise<string>;
}

/** What does nothing but refuse: this service itself, at a path that it has not. */
const refusing = (root: Api): string => `${root.url}/nothing`;

/** Things that are there. It keeps in mind what it made, so that it can be looked at afterwards. */
export class Held implements Things {
  readonly #root: Api;
  readonly user: string;
  readonly app: Client;
  readonly project: string;
  #tokens: string[] = [];
  #connections: string[] = [];
  /** Whatever names them, and may not be told. */
  readonly names: string[];

  constructor(root: Api, user: string, app: Client, project: string) {
    this.#root = root;
    this.user = user;
    this.app = app;
    this.project = project;
    this.names = [user, app.app_id, app.secret ?? ""];
  }

  async token(): Promise<{ token: string; token_id: string }> {
    const { token, token_id } = await mint(this.#root, this.user);
    this.#remember(token, token_id);
    return { token, token_id };
  }

  async connection(): Promise<string> {
    const { id } = await connect(this.#root, this.user, this.app.app_id);
    this.#connections.push(id);
    this.names.push(id);
    return id;
  }

  async code(): Promise<string> {
    const order = { app_id: this.app.app_id } as object;
    const { token, token_id } = await mint(this.#root, this.user, order);
    this.#remember(token, token_id);
    return token;
  }

  async accessToken(): Promise<string> {
    const issued = await issue(this.#root, await this.connection(), { refresh_token: false });
    this.#remember(issued.access_token, issued.token_id);
    return issued.access_token;
  }

  async provider(): Promise<string> {
    const slug = "acme";
    const revocation = { method: "rfc7009", url: refusing(this.#root), auth: "none" };
    await this.#root.send("PUT", `/v1/providers/${slug}`, { json: { revocation } });
    return slug;
  }

  async endpoint(): Promise<string> {
    const name = "hook";
    const json = { url: refusing(this.#root), disabled: true };
    await this.#root.send("PUT", `/v1/webhooks/${name}`, { json });
    return name;
  }

  async revocation(): Promise<string> {
    const upstream = { provider: await this.provider(), access_token: "granted" };
    const order = { user_id: this.user, app_id: this.app.app_id, upstream };
    const { id } = (await this.#root.post<Holder>("/v1/connections", order, 201)).body;
    const { body } = await this.#root.post<Holder>(connectionPath(id, "/revoke"), {});
    const revocation = body.upstream?.credentials[0]?.revocation_id ?? "";
    this.names.push(id, revocation);
    return revocation;
  }

  #remember(token: string, tokenId: string): void {
    this.#tokens.push(token);
    this.names.push(token, token.slice(4), tokenId);
  }

  /** Whether nothing has happened to what was made. */
  async isUntouched(): Promise<boolean> {
    for (const token of this.#tokens) {
      if ((await check(this.#root, token)).status !== "valid") return false;
    }
    for (const id of this.#connections) {
      const { body } = await this.#root.get<Connection>(connectionPath(id));
      if (body.status !== "active") return false;
    }
    return true;
  }
}

/** The same things, with names that nothing has. */
export class Absent implements Things {
  readonly user = `nobody-${randomUUID()}`;
  readonly app: Client;
  readonly project: string;
  readonly #held: Held;

  constructor(held: Held) {
    this.#held = held;
    this.app = { app_id: `nothing-${randomUUID()}`, secret: held.app.secret };
    this.project = held.project;
  }

  async token(): Promise<{ token: string; token_id: string }> {
    const { token, token_id } = await this.#held.token();
    return { token: forge(token), token_id: forge(token_id) };
  }

  async connection(): Promise<string> {
    return forge(await this.#held.connection());
  }

  async code(): Promise<string> {
    return forge(await this.#held.code());
  }

  async accessToken(): Promise<string> {
    return forge(await this.#held.accessToken());
  }

  provider(): Promise<string> {
    return Promise.resolve(`nothing-${randomUUID()}`);
  }

  endpoint(): Promise<string> {
    return Promise.resolve(`nothing-${randomUUID()}`);
  }

  async revocation(): Promise<string> {
    return `${(await this.#held.revocation()).slice(0, -8)}ffffffff`;
  }
}

/** The body of a request as it is sent. */
export function options({ json, form }: Asked, headers: Record<string, string>): Options {
  if (json !== undefined) return { json, headers };
  if (form === undefined) return { headers };
  const type = { "content-type": "application/x-www-form-urlencoded" };
  return { body: new URLSearchParams(form).toString(), headers: { ...type, ...headers } };
}

// Stytch's calls as its clients make them: Basic with the project and a key, each id percent-encoded in the path.

import assert from "node:assert/strict";

import type { Answer, Api, Options } from "./api.ts";
import { rawBasic } from "./oauth.ts";

/** What any of its answers may hold. */
export interface StytchAnswer {
  status_code: number;
  request_id: string;
  connected_apps: ConnectedApp[];
  error_type?: string;
  error_message?: string;
  error_url?: string;
}

export interface ConnectedApp {
  connected_app_id: string;
  name: string;
  description: string;
  client_type: string;
  scopes_granted: string;
  logo_url: string | null;
}

export class Stytch {
  readonly #api: Api;
  readonly #authorization: string | undefined;

  /** With `projectId` and `secret`, or as nobody. */
  constructor(api: Api, projectId?: string, secret = "") {
    this.#api = api.as(undefined);
    this.#authorization = projectId === undefined ? undefined : rawBasic(projectId, secret);
  }

  send(method: string, target: string, options: Options = {}): Promise<Answer<StytchAnswer>> {
    const authorization = this.#authorization;
    const headers = {
      ...(authorization === undefined ? {} : { authorization }),
      ...options.headers,
    };
    return this.#api.send(method, target, { ...options, headers });
  }

  list(userId: string, options: Options = {}): Promise<Answer<StytchAnswer>> {
    return this.send("GET", appsPath(userId), options);
  }

  /** With the body `{}`, as Stytch's own client sends it, unless another is given. */
  revoke(
    userId: string,
    appId: string,
    options: Options = { json: {} },
  ): Promise<Answer<StytchAnswer>> {
    return this.send("POST", revokePath(userId, appId), options);
  }

  /** The ids of the apps that the user is connected to. */
  async appIds(userId: string): Promise<string[]> {
    const { status, text, body } = await this.list(userId);
    assert.equal(status, 200, text);
    return body.connected_apps.map(({ connected_app_id }) => connected_app_id);
  }
}

export function appsPath(userId: string): string {
  return `/v1/users/${encodeURIComponent(userId)}/connected_apps`;
}

export function revokePath(userId: string, appId: string): string {
  return `${appsPath(userId)}/${encodeURIComponent(appId)}/revoke`;
}

/** Each byte of the text percent-encoded but letters and digits, as some clients do. */
export function encodedWhole(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (/[0-9A-Za-z]/.test(character)) return character;
      return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

/** A success, whole, but for what is given. */
export function assertDone(answer: Answer<object>, members: object = {}): void {
  assert.deepEqual(
    [answer.status, answer.body],
    [200, { ...members, status_code: 200, request_id: requestId(answer) }],
  );
}

/** A failure of a call about users, whole. */
export function assertFailed(
  answer: Answer<object>,
  status: number,
  error_type: string,
  error_message?: string,
): void {
  const { error_message: message = "", ...rest } = answer.body as { error_message?: string };
  assert.deepEqual(
    [answer.status, rest],
    [
      status,
      {
        status_code: status,
        request_id: requestId(answer),
        error_type,
        error_url: errorUrl(status, error_type),
      },
    ],
  );
  if (error_message === undefined) assert.notEqual(message, "");
  else assert.equal(message, error_message);
}

/** A failure of one of the OAuth calls, whole. */
export function assertRefused(answer: Answer<object>, status: number, error: string): void {
  const { error_description = "", ...rest } = answer.body as { error_description?: string };
  const error_uri = errorUrl(status, error);
  const common = { status_code: status, request_id: requestId(answer) };
  assert.deepEqual([answer.status, rest], [status, { ...common, error, error_uri }]);
  assert.notEqual(error_description, "");
}

function requestId({ headers }: Answer<unknown>): string {
  return `request-id-test-${headers.get("x-request-id")}`;
}

function errorUrl(status: number, type: string): string {
  return `https://stytch.com/docs/api/errors/${status}#${type}`;
}

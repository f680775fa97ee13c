// The authorization server as a browser and the operator's backend use it.

import { fields, sent, type Page } from "./link.ts";
import type { Api } from "./api.ts";
import { CALLBACK, form, type Params } from "./oauth.ts";

/** The operator's sign-in page of the tests. */
export const LOGIN_URL = "https://operator.example/login";

/** A request of an app, for the authorize endpoint. */
export function request(clientId: string, challenge: string, more: Params = {}): Params {
  return {
    response_type: "code",
    client_id: clientId,
    redirect_uri: CALLBACK,
    code_challenge: challenge,
    code_challenge_method: "S256",
    scope: "read",
    state: "s t&",
    ...more,
  };
}

/** A browser that keeps cookies and follows no redirect by itself. */
export class Browser {
  readonly #api: Api;
  readonly cookies = new Map<string, string>();

  constructor(api: Api) {
    this.#api = api.as(undefined);
  }

  async send(
    method: string,
    target: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await this.#api.send<string>(method, target, {
      ...(body === undefined ? {} : { body }),
      headers: {
        ...(body === undefined ? {} : type),
        ...(cookie === "" ? {} : { cookie }),
        ...headers,
      },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const at = pair.indexOf("=");
      this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  }

  /** Follows an app to the authorize endpoint, and returns the login challenge. */
  async authorize(params: Params): Promise<string> {
    const { to, query } = sent(await this.send("GET", `/oauth/authorize?${form(params)}`));
    if (to !== LOGIN_URL) throw new Error(`sent to ${to} with ${JSON.stringify(query)}`);
    return query["challenge"] ?? "";
  }

  /** Opens an address of the deployment. */
  open(url: string): Promise<Page> {
    const { pathname, search } = new URL(url);
    return this.send("GET", `${pathname}${search}`);
  }

  /** Presses a button of the consent page. */
  press(page: Page, consent: "approve" | "decline" = "approve"): Promise<Page> {
    return this.send("POST", "/oauth/consent", form({ ...fields(page), consent }));
  }
}

/** The operator's backend accepts a request for a user; the address of the consent page. */
export async function accept(
  api: Api,
  challenge: string,
  userId: string,
  more: object = {},
): Promise<string> {
  const target = `/v1/authorizations/${challenge}/accept`;
  const { body } = await api.post<{ redirect_to: string }>(target, { user_id: userId, ...more });
  return body.redirect_to;
}

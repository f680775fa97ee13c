// `@cloudflare/workers-oauth-provider` in workerd, with its state in KV: access tokens, used and revoked.

import { inParallel, send, type Call } from "./load.ts";
import type { Route } from "./native.ts";

const LANES = 16;
const REDIRECT_URI = "https://client.example/callback";

export async function oauthProviderRoutes(url: string): Promise<Route[]> {
  const json = (path: string, body: object): Call => ({
    method: "POST",
    path,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const read = async (call: Call): Promise<Record<string, string>> => {
    const { status, text } = await send(url, call);
    if (status !== 200) throw new Error(`${call.path} answered ${status}: ${text}`);
    return JSON.parse(text) as Record<string, string>;
  };
  const { clientId = "", clientSecret = "" } = await read(json("/bench/client", {}));
  const form = (body: Record<string, string>): Call => ({
    method: "POST",
    path: "/oauth/token",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      client_id: clientId,
      client_secret: clientSecret,
      ...body,
    }).toString(),
  });
  const issue = async (index: number): Promise<string> => {
    const { code = "" } = await read(
      json("/bench/code", { clientId, userId: `user-${index % 500}` }),
    );
    const grant = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI };
    return (await read(form(grant))).access_token ?? "";
  };
  const issueMany = (count: number): Promise<string[]> =>
    inParallel(Array.from({ length: count }), LANES, (_, index) => issue(index));
  const use = (token: string): Call => ({
    method: "GET",
    path: "/api",
    headers: { authorization: `Bearer ${token}` },
  });
  const revoke = (token: string): Call => form({ token, token_type_hint: "access_token" });
  const cycle = (tokens: readonly string[]) => async (count: number) =>
    Array.from({ length: count }, (_, index) => use(tokens[index % tokens.length] ?? ""));
  const live = await issueMany(500);
  const dead = await issueMany(50);
  await inParallel(dead, LANES, (token) => send(url, revoke(token)));
  return [
    { name: "use live", twin: "check live", status: 200, prepare: cycle(live) },
    { name: "use dead", twin: "check dead", status: 401, prepare: cycle(dead) },
    {
      name: "revoke",
      twin: "revoke",
      status: 200,
      prepare: async (count) => (await issueMany(count)).map(revoke),
    },
  ];
}

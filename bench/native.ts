// The routes that Hookswitch and its twin share.

import { inParallel, send, type Call } from "./load.ts";

/** A route of a target that can be measured. */
export interface Route {
  name: string;
  /** The route of the twin that does the same job. */
  twin: string;
  status: number;
  /** Prepares calls, untimed. */
  prepare: (count: number) => Promise<Call[]>;
}

const USERS = 500;
const LANES = 16;

/** The routes of the native API, at the paths that the twin has too. */
export async function nativeRoutes(url: string, rootKey: string): Promise<Route[]> {
  const headers = { authorization: `Bearer ${rootKey}`, "content-type": "application/json" };
  const post = (path: string, body: object): Call => ({
    method: "POST",
    path: `/v1/tokens${path}`,
    headers,
    body: JSON.stringify(body),
  });
  const users = Array.from({ length: USERS }, (_, index) => `user-${index}`);
  await inParallel(users, LANES, (user) =>
    send(url, { method: "PUT", path: `/v1/users/${user}`, headers, body: "{}" }),
  );
  const userOf = (index: number): string => users[index % USERS] ?? "";
  const mint = (count: number): Promise<string[]> =>
    inParallel(Array.from({ length: count }), LANES, async (_, index) => {
      const { text } = await send(url, post("", { user_id: userOf(index) }));
      return (JSON.parse(text) as { token: string }).token;
    });
  const live = await mint(2 * USERS);
  const dead = await mint(100);
  await inParallel(dead, LANES, (token) => send(url, post("/revoke", { token })));
  const cycle = (tokens: readonly string[], count: number): string[] =>
    Array.from({ length: count }, (_, index) => tokens[index % tokens.length] ?? "");
  const check = (tokens: readonly string[]) => async (count: number) =>
    cycle(tokens, count).map((token) => post("/check", { token }));
  const once = (path: string) => async (count: number) =>
    (await mint(count)).map((token) => post(path, { token }));
  const route = (name: string, status: number, prepare: Route["prepare"]): Route => ({
    name,
    twin: name,
    status,
    prepare,
  });
  return [
    route("mint", 201, async (count) =>
      Array.from({ length: count }, (_, index) => post("", { user_id: userOf(index) })),
    ),
    route("check live", 200, check(live)),
    route("check dead", 200, check(dead)),
    route("check forged", 404, check(live.map(forge))),
    route("consume", 200, once("/consume")),
    route("revoke", 200, once("/revoke")),
  ];
}

/** The token with another last digit. */
const forge = (token: string): string => token.slice(0, -1) + (token.endsWith("0") ? "1" : "0");

// What nearly every test does: make a user, mint, check, consume, revoke, read what happened.

import { randomUUID } from "node:crypto";

import { userPath, type Answer, type Api } from "./api.ts";
import type {
  Attempt,
  Batch,
  Event,
  Minted,
  NewApiKey,
  Order,
  Page,
  Profile,
  Revoked,
  Verdict,
} from "./shapes.ts";

/** Makes a user that no other test knows. */
export async function newUser(root: Api, profile: Partial<Profile> = {}): Promise<string> {
  const userId = `user-${randomUUID()}`;
  await root.put(userPath(userId), profile, 201);
  return userId;
}

/** Makes an API key of the user. */
export async function newKey(
  api: Api,
  userId: string,
  more: { ttl?: number; label?: string } = {},
): Promise<NewApiKey> {
  return (await api.post<NewApiKey>("/v1/api-keys", { user_id: userId, ...more }, 201)).body;
}

/** The API as the user sees it, by a new key. */
export async function asUser(root: Api, userId: string): Promise<Api> {
  return root.as((await newKey(root, userId)).api_key);
}

/** The API as a new user with this profile sees it. */
export async function asNew(
  root: Api,
  profile: Partial<Profile>,
): Promise<{ api: Api; userId: string }> {
  const userId = await newUser(root, profile);
  return { api: await asUser(root, userId), userId };
}

export async function mint(api: Api, userId: string, order: Order = {}): Promise<Minted> {
  return (await api.post<Minted>("/v1/tokens", { user_id: userId, ...order }, 201)).body;
}

export async function check(api: Api, token: string): Promise<Verdict> {
  return (await api.post<Verdict>("/v1/tokens/check", { token })).body;
}

export async function checkAll(api: Api, tokens: string[]): Promise<Batch["items"]> {
  return (await api.post<Batch>("/v1/tokens/check", { tokens })).body.items;
}

/** Consumes it: the verdict at 200, the problem at any other status. */
export function consume(
  api: Api,
  token: string,
  headers: Record<string, string> = {},
): Promise<Answer<Attempt>> {
  return api.send("POST", "/v1/tokens/consume", { json: { token }, headers });
}

export async function revoke(api: Api, token: string, reason?: string): Promise<Revoked> {
  const json = reason === undefined ? { token } : { token, reason };
  return (await api.post<Revoked>("/v1/tokens/revoke", json)).body;
}

/** All items of a list, page by page. */
export async function everyPage<T>(
  api: Api,
  path: string,
  query: Record<string, string> = {},
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = (
      await api.get<Page<T>>(withQuery(path, cursor === null ? query : { ...query, cursor }))
    ).body;
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return items;
}

export function withQuery(path: string, query: Record<string, string>): string {
  const text = new URLSearchParams(query).toString();
  return text === "" ? path : `${path}?${text}`;
}

/** What happened to the user, the newest first; only of this type, where one is given. */
/** A one-time code, with which a link signs in as root. */
export async function signInCode(service: { root: Api }): Promise<string> {
  const { body } = await service.root.post<{ code: string }>("/v1/sign-in-codes", undefined, 201);
  return body.code;
}

export function eventsOf(api: Api, userId: string, type?: string): Promise<Event[]> {
  return everyPage<Event>(
    api,
    userPath(userId, "/events"),
    type === undefined ? { limit: "100" } : { limit: "100", type },
  );
}

export function tokensOf(
  api: Api,
  userId: string,
  query: Record<string, string> = {},
): Promise<Verdict[]> {
  return everyPage<Verdict>(api, userPath(userId, "/tokens"), { limit: "100", ...query });
}

/** The same handle with one hex digit changed: well formed, and minted by nobody. */
export function forge(handle: string, at = -1): string {
  const index = at < 0 ? handle.length + at : at;
  const flipped = (Number.parseInt(handle.charAt(index), 16) ^ 1).toString(16);
  return handle.slice(0, index) + flipped + handle.slice(index + 1);
}

/** Partoo's spelling of a connection token. */
export function partooSpelling(token: string): string {
  return `\\x${token.replace(/^hct_/, "")}`;
}

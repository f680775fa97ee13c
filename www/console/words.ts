// The API's names of things, in words.

import type { Counts, TokenKind } from "./types.ts";

const KINDS: Record<TokenKind, string> = {
  connection_token: "Connection token",
  access_token: "Access token",
  refresh_token: "Refresh token",
  api_key: "API key",
};

export function kindName(kind: TokenKind): string {
  return KINDS[kind];
}

const COUNTED: [keyof Counts, string, string][] = [
  ["connection", "connection", "connections"],
  ["connection_token", "connection token", "connection tokens"],
  ["access_token", "access token", "access tokens"],
  ["refresh_token", "refresh token", "refresh tokens"],
  ["api_key", "API key", "API keys"],
];

const NUMBER = new Intl.NumberFormat("en");

export function number(value: number): string {
  return NUMBER.format(value);
}

/** Each kind that there is anything of, with its number. */
export function countWords(counts: Counts): { count: number; words: string }[] {
  return COUNTED.filter(([kind]) => counts[kind] > 0).map(([kind, one, many]) => ({
    count: counts[kind],
    words: counts[kind] === 1 ? one : many,
  }));
}

/** The lines or words of a field, without what is empty. */
export function listed(text: string, separator: RegExp): string[] {
  return text
    .split(separator)
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

// What the list shows, as data: worked out of what is known and of the time, without touching the page.

import type {
  ConnectionsFollower,
  ShownConnection,
  ShownConnections,
} from "../../client/connections.ts";
import type { FollowerState } from "../../client/index.ts";
import { describe } from "../core.ts";
import type { Language } from "../language.ts";
import { freshWords, rejects, type Freshness, type Lack, type Tone } from "../picture.ts";
import { TEXTS, type Texts } from "../texts.ts";
import { moment } from "../times.ts";
import { LIST_TEXTS } from "./texts.ts";

/** What is known. */
export interface Known {
  language: Language;
  label: string;
  reading: ShownConnections | undefined;
  app: ConnectionsFollower["app"];
  lack: Lack;
  state: FollowerState;
  stale: boolean;
  asOf: Date | undefined;
  /** The time by the server's clock. */
  now: number;
  /** Whether the page offers to connect anew. */
  reconnectable: boolean;
}

/** What is said in the place of rows. */
export interface Note {
  tone: Tone;
  word: string;
  hint: string;
}

export interface RowPicture {
  id: string;
  name: string;
  /** What the app is for. */
  about: string;
  logoUrl: string | undefined;
  tone: Tone;
  word: string;
  hint: string;
  scopesName: string;
  /** In the words of the app, where it describes them. */
  scopes: string[];
  since: string;
  sinceAt: string;
  lastUsedName: string;
  lastUsed: string;
  lastUsedAt: string | null;
  canEnd: boolean;
  canReconnect: boolean;
}

export interface ListPicture {
  texts: Texts;
  tag: string;
  name: string;
  rows: RowPicture[];
  note: Note | undefined;
  more: string;
  freshness: Freshness | undefined;
  fresh: string;
}

export function listPicture(known: Known): ListPicture {
  const { language, label, reading } = known;
  const texts = TEXTS[language.locale];
  const words = LIST_TEXTS[language.locale];
  const freshness = reading === undefined ? undefined : freshnessOf(known);
  return {
    texts,
    tag: language.tag,
    name: label || words.title,
    rows: reading?.connections.map((connection) => row(connection, known)) ?? [],
    note: note(known),
    more: reading?.has_more ? words.more : "",
    freshness,
    fresh: freshness === undefined ? "" : freshWords(freshness, known, texts),
  };
}

function row(connection: ShownConnection, known: Known): RowPicture {
  const { language, reading, reconnectable } = known;
  const texts = TEXTS[language.locale];
  const words = LIST_TEXTS[language.locale];
  const { app_id, status, provider_revocation, last_used_at } = connection;
  const app = known.app(app_id);
  const isRejected = rejects(connection.health, status);
  const described = describe(
    "connection",
    isRejected ? "needs_reconnect" : status,
    language.locale,
  );
  const isUnconfirmed = status === "revoking" && provider_revocation === "unconfirmed";
  const sinceAt = connection.activated_at ?? connection.created_at;
  const time = (text: string): string => moment(new Date(text), language.tag);
  return {
    id: connection.id,
    name: app?.name ?? app_id,
    about: app?.description ?? "",
    logoUrl: app?.logo_url ?? undefined,
    tone: described.tone,
    word: isUnconfirmed ? texts.endedHere : described.label,
    // That a connection is on needs no sentence; all else does.
    hint: isUnconfirmed
      ? texts.unconfirmed
      : status === "active" && !isRejected
        ? ""
        : described.sentence,
    scopesName: words.scopes,
    scopes: (connection.scope?.split(" ") ?? []).map(
      (scope) => app?.scope_descriptions[scope] ?? scope,
    ),
    since: time(sinceAt),
    sinceAt,
    lastUsedName: words.lastUsed,
    lastUsed: last_used_at === null ? words.never : time(last_used_at),
    lastUsedAt: last_used_at,
    canEnd: status !== "revoking" && (reading?.can.includes("revoke") ?? false),
    canReconnect: isRejected && reconnectable,
  };
}

function note({ reading, lack, state, language }: Known): Note | undefined {
  const texts = TEXTS[language.locale];
  const words = LIST_TEXTS[language.locale];
  if (reading !== undefined && (lack === "loading" || lack === "none")) {
    const { empty: word, emptyHint: hint } = words;
    return reading.connections.length > 0 ? undefined : { tone: "waiting", word, hint };
  }
  if (lack === "expired" || lack === "refused") {
    return { tone: "unknown", word: words[lack], hint: "" };
  }
  if (lack === "none") return { tone: "waiting", word: texts.none, hint: "" };
  return state === "offline"
    ? { tone: "unknown", word: texts.unreachable, hint: "" }
    : { tone: "waiting", word: words.loading, hint: "" };
}

function freshnessOf({ state, stale }: Known): Freshness | undefined {
  if (state === "ended" || state === "closed") return stale ? "over" : undefined;
  return stale && state !== "offline" ? "connecting" : state;
}

// What the element shows, as data: worked out of what is known and of the time, without touching the page.

import type { FollowerState } from "../client/index.ts";
import { describe, statusAt, type Standing, type Status, type Words } from "./core.ts";
import type { Language } from "./language.ts";
import { fill, TEXTS, type Texts } from "./texts.ts";
import { clock, moment, span, untilNext } from "./times.ts";

export type Tone = Words["tone"] | "unknown";
export type Freshness = "live" | "polling" | "connecting" | "offline" | "over";

/** Why there is no status to show. */
export type Lack = "none" | "loading" | "unreachable" | "expired" | "refused";

/** What is known. */
export interface Known {
  language: Language;
  /** What the host page calls it; empty where it does not. */
  label: string;
  status: Status | undefined;
  lack: Lack;
  state: FollowerState;
  stale: boolean;
  asOf: Date | undefined;
  /** The time by the server's clock. */
  now: number;
}

export interface Picture {
  texts: Texts;
  tag: string;
  tone: Tone;
  name: string;
  /** The status in one word or two. */
  word: string;
  sentence: string;
  freshness: Freshness | undefined;
  /** How fresh it is, in words. */
  fresh: string;
  standing: Standing | undefined;
  since: string;
  left: string;
  /** After how many milliseconds the picture is another one, though nothing happens. */
  next: number | undefined;
  isToken: boolean;
  /** Whether there is something that can be ended. */
  canEnd: boolean;
}

export function picture(known: Known): Picture {
  const { language, status, label } = known;
  const texts = TEXTS[language.locale];
  const shared = { texts, tag: language.tag, name: label || nameOf(status, texts) };
  if (status === undefined) return { ...shared, ...without(known, texts) };

  const { tag } = language;
  const standing = statusAt(status, known.now);
  const words = describe(status.subject, standing.status, language.locale);
  const { endsAt, secondsLeft, since } = standing;
  const freshness = freshnessOf(known, standing);
  const isUnconfirmed =
    status.provider_revocation === "unconfirmed" && standing.status === "revoking";
  return {
    ...shared,
    tone: words.tone,
    word: isUnconfirmed ? texts.endedHere : words.label,
    sentence: isUnconfirmed ? texts.unconfirmed : words.sentence,
    freshness,
    fresh: freshness === undefined ? "" : freshWords(freshness, known, texts),
    standing,
    since: since === null ? "" : moment(new Date(since), tag),
    left: secondsLeft === null ? "" : span(secondsLeft, tag),
    next: endsAt === null ? undefined : untilNext(Date.parse(endsAt) - known.now),
    isToken: status.subject === "token",
    // What is `revoking` is dead already.
    canEnd: !standing.terminal && standing.status !== "revoking",
  };
}

type Rest = Omit<Picture, "texts" | "tag" | "name">;

function without({ lack, state }: Known, texts: Texts): Rest {
  const isLoading = lack === "loading" && state !== "offline";
  return {
    tone: lack === "none" || isLoading ? "waiting" : "unknown",
    word: isLoading ? texts.loading : texts.unknown,
    sentence: isLoading ? "" : texts[lack === "loading" ? "unreachable" : lack],
    freshness: undefined,
    fresh: "",
    standing: undefined,
    since: "",
    left: "",
    next: undefined,
    isToken: false,
    canEnd: false,
  };
}

function nameOf(status: Status | undefined, texts: Texts): string {
  if (status === undefined) return "";
  if (status.subject === "connection") return status.app_id ?? texts.connection;
  return texts[status.kind as keyof Texts] ?? texts.connection_token;
}

/** How fresh it is. What can never change is as fresh as ever, and nothing is said of it. */
function freshnessOf({ state, stale }: Known, { terminal }: Standing): Freshness | undefined {
  if (state === "ended" || state === "closed") return stale ? "over" : undefined;
  if (terminal) return undefined;
  return stale && state !== "offline" ? "connecting" : state;
}

function freshWords(freshness: Freshness, { stale, asOf, now, language }: Known, texts: Texts) {
  const word = texts[freshness];
  if (!stale || asOf === undefined) return word;
  return `${word}, ${fill(texts.asOf, clock(asOf, new Date(now), language.tag))}`;
}

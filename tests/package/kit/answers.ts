// The answers that every runtime must give: the known answers of the core's own tests.

import { readFileSync } from "node:fs";

import { inProject } from "./installed.ts";

interface Vectors {
  handles: { text: string; kind: string | null; canonical?: string }[];
  statuses: { status: object; at: string; now: object }[];
  words: { label: string; tone: string; locale: string }[];
}

export const VECTORS_FILE = inProject("tests", "vectors", "page.json");
export const PROBE_FILE = inProject("tests", "package", "kit", "probe.js");

export const vectors = JSON.parse(readFileSync(VECTORS_FILE, "utf8")) as Vectors;

/** The answers of `probe` if the package works. */
export const expected = {
  handles: vectors.handles.map(({ kind, canonical }) => [kind, canonical ?? null]),
  statuses: vectors.statuses.map(({ now }) => now),
  words: vectors.words.map(({ label, tone, locale }) => ({ label, tone, locale })),
  refused: "TypeError: handleKind: the text must be a string",
  strayed: true,
  element: "function",
};

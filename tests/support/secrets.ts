// Looks for secrets in places that may have none: in the files that the Worker kept, and in what it wrote to its log.

import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

export interface Hit {
  /** The file, or `log`. */
  where: string;
  /** The name that the caller gave the secret. */
  secret: string;
  /** How it was spelt there. */
  spelling: string;
}

export interface Places {
  /** A folder, searched whole. */
  persistPath?: string;
  logs?: readonly string[];
}

/** Every place where one of the secrets is to be found, in any spelling that gives it away. */
export function findSecrets(places: Places, secrets: Readonly<Record<string, string>>): Hit[] {
  const needles = Object.entries(secrets).flatMap(([secret, text]) =>
    spellings(text).map((spelling) => ({ secret, ...spelling })),
  );
  const hits: Hit[] = [];
  const search = (where: string, content: Buffer) => {
    for (const { secret, spelling, bytes } of needles) {
      if (content.includes(bytes)) hits.push({ where, secret, spelling });
    }
  };
  if (places.persistPath !== undefined) {
    for (const file of filesUnder(places.persistPath)) search(file, readFileSync(file));
  }
  if (places.logs !== undefined) search("log", Buffer.from(places.logs.join("\n")));
  return hits;
}

interface Spelling {
  spelling: string;
  bytes: Buffer;
}

/** The ways in which a secret may have been written down. */
function spellings(text: string): Spelling[] {
  const found = [
    ...ofText(text),
    ...ofBytes("text", Buffer.from(text)),
    ...ofHex(text),
    ...ofBase64(text),
  ];
  // Fewer bytes would be found everywhere by chance.
  return found.filter(({ bytes }) => bytes.length >= 8);
}

function ofText(text: string): Spelling[] {
  return [
    { spelling: "text", bytes: Buffer.from(text) },
    { spelling: "text, URL-encoded", bytes: Buffer.from(encodeURIComponent(text)) },
    { spelling: "text in JSON", bytes: Buffer.from(JSON.stringify(text).slice(1, -1)) },
    { spelling: "text in UTF-16", bytes: Buffer.from(text, "utf16le") },
  ].filter(({ bytes }, i) => i === 0 || !bytes.equals(Buffer.from(text)));
}

/** Bytes, spelt out. `name` names the origin of the bytes. */
function ofBytes(name: string, bytes: Buffer): Spelling[] {
  const hex = bytes.toString("hex");
  return [
    { spelling: `hex of its ${name}`, bytes: Buffer.from(hex) },
    { spelling: `upper-case hex of its ${name}`, bytes: Buffer.from(hex.toUpperCase()) },
    ...base64s(bytes).map((base64) => ({ spelling: `base64 of its ${name}`, bytes: base64 })),
  ];
}

/** A handle is hexadecimal after a prefix such as `hct_` or `\x`: its bytes give it away, too. */
function ofHex(text: string): Spelling[] {
  const hex = /([0-9a-f]{16,})$/i.exec(text)?.[1];
  if (hex === undefined || hex.length % 2 !== 0) return [];
  const bytes = Buffer.from(hex, "hex");
  return [
    { spelling: "raw bytes", bytes },
    { spelling: "\\x and hex", bytes: Buffer.from(`\\x${hex.toLowerCase()}`) },
    ...ofBytes("bytes", bytes),
  ];
}

/** A key or secret may be base64 itself, after a prefix or not: the bytes that it stands for give it away, too. */
function ofBase64(text: string): Spelling[] {
  const tail = text.replace(/^[a-z]+_/, "");
  if (!/^[A-Za-z0-9+/_-]{40,}={0,2}$/.test(tail) || /^[0-9a-f]+$/i.test(tail)) return [];
  const bytes = Buffer.from(tail, "base64");
  return [{ spelling: "raw bytes", bytes }, ...ofBytes("bytes", bytes)];
}

/** The base64 of bytes, wherever in a longer text they begin; the edges, which depend on it, are cut off. */
function base64s(bytes: Buffer): Buffer[] {
  return [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
    const whole = padded.subarray(0, padded.length - (padded.length % 3));
    const text = whole.toString("base64").slice(shift === 0 ? 0 : 4);
    return [text, text.replaceAll("+", "-").replaceAll("/", "_")].map((one) => Buffer.from(one));
  });
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile());
}

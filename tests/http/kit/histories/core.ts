// The core, run natively over the lines of a script: `tests/replay/main.rs`.

import { spawn } from "node:child_process";

import { root } from "../../../support/config.ts";
import type { Seen } from "./seen.ts";

const CARGO = ["run", "--quiet", "--no-default-features", "--example", "replay"] as const;

/** One line of the script. */
export type Line =
  | { history: string; apps: object[]; grace: number; at: number }
  /** A request, decided at a time; on trial, on a copy of the ledger. */
  | { at: number; number: number; trial: boolean; move: Record<string, unknown> }
  /** All deaths are told, and all events answered. */
  | { end: number };

/** What the core says to a line. */
export interface Said {
  outcome: Seen;
  /** Whether there was an event of it. */
  told: boolean;
  /** At the end of a history. */
  events?: string[];
}

/** Runs the script, and gives what was said to each line. */
export async function replay(script: readonly Line[]): Promise<Said[]> {
  const child = spawn("cargo", CARGO, { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  child.stdin.on("error", () => {
    // It ended before it had read all: what it exits with says more.
  });
  child.stdin.end(script.map((line) => JSON.stringify(line)).join("\n"));
  const code = await ended;
  if (code !== 0) throw new Error(`the replay ended with ${code}`);
  const lines = Buffer.concat(chunks).toString("utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Said);
}

// The core, run natively over histories: `tests/replay/main.rs`.

import { spawn } from "node:child_process";

import { root } from "../../../support/config.ts";
import type { Seen } from "./seen.ts";

const CARGO = ["run", "--quiet", "--no-default-features", "--example", "replay"] as const;

/** What was seen of a history. Times are the ledger's, in microseconds since the epoch. */
export interface Script {
  history: string;
  apps: object[];
  /** How long a rotated refresh token gets the same answer, in seconds. */
  grace: number;
  /** When its user was put. */
  from: number;
  /** When all that was to run out had done so, and the last request was answered. */
  until: number;
  requests: Request[];
  events: { at: number; actor: string; line: string }[];
}

export interface Request {
  number: number;
  /** The number that what it made is named by. */
  makes: number;
  /** When it was sent and answered, by the clock of the history's clients. */
  start: number;
  end: number;
  /** When it was decided, where its answer says that. */
  at: number | null;
  move: Record<string, unknown>;
  seen: Seen;
}

/** Why the core, run alone, comes to what was seen in no order of the requests; undefined, where it does in one. */
export async function replay(scripts: readonly Script[]): Promise<(string | undefined)[]> {
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
  child.stdin.end(scripts.map((script) => JSON.stringify(script)).join("\n"));
  const code = await ended;
  if (code !== 0) throw new Error(`the replay ended with ${code}`);
  const lines = Buffer.concat(chunks).toString("utf8").trim().split("\n");
  const answers = lines.map((line) => (JSON.parse(line) as { why?: string }).why);
  if (answers.length !== scripts.length) throw new Error("the replay answered something else");
  return answers;
}

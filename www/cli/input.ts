// Secrets and confirmations: from a prompt, or from the standard input.

import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

import { UsageError } from "./command.ts";

/** Asks a question in the terminal. With `isSecret`, the answer is not shown. */
async function ask(question: string, isSecret: boolean): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  process.stderr.write(question);
  const lines = createInterface({
    input: process.stdin,
    output: isSecret ? silent : process.stderr,
    terminal: true,
  });
  try {
    return (await lines.question("")).trim();
  } finally {
    lines.close();
    if (isSecret) process.stderr.write("\n");
  }
}

/** Reads a secret from a prompt, or the first line of the standard input if that is no terminal. */
export async function readSecret(question: string): Promise<string> {
  if (process.stdin.isTTY) return ask(`${question}: `, true);
  process.stdin.setEncoding("utf8");
  let text = "";
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return (text.split("\n")[0] ?? "").trim();
}

/** The key: from the environment, or from a prompt. It is never an argument, which other users of the machine see. */
export async function readKey(environment: NodeJS.ProcessEnv): Promise<string> {
  const key = environment["HOOKSWITCH_KEY"]?.trim();
  if (key) return key;
  if (!process.stdin.isTTY) throw new UsageError("HOOKSWITCH_KEY is not set");
  const given = await ask("API key: ", true);
  if (given === "") throw new UsageError("no key was given");
  return given;
}

/** Asks whether to go on. */
export async function confirm(question: string, isConfirmed: boolean): Promise<void> {
  if (isConfirmed) return;
  if (!process.stdin.isTTY) throw new UsageError("without a terminal, this needs --yes");
  const answer = await ask(`${question} [y/N] `, false);
  if (!/^y(es)?$/i.test(answer)) throw new UsageError("nothing was done");
}

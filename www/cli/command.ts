// The shape of a command, and how its arguments are read.

import { parseArgs } from "node:util";

import type { Hookswitch } from "../server/index.ts";
import type { Output } from "./output.ts";

/** An option of a command. One without a `value` is a switch. */
export interface Option {
  /** The name of the value in the help; without it, the option is a switch. */
  value?: string;
  help: string;
  /** Whether it may come more than once. */
  many?: boolean;
}

/** The arguments of a command. */
export interface Args {
  /** The arguments that are not options. */
  words: string[];
  /** The value of an option. */
  text(name: string): string | undefined;
  /** The values of an option that may come more than once. */
  texts(name: string): string[];
  number(name: string): number | undefined;
  /** Whether a switch is set. */
  has(name: string): boolean;
}

/** The surroundings of a command. */
export interface Context {
  hookswitch: Hookswitch;
  /** The address of the deployment, without a slash at its end. */
  url: string;
  args: Args;
  output: Output;
  /** Reads a secret from a prompt, or from the standard input. */
  secret: (question: string) => Promise<string>;
  /** Asks whether to go on. Without a terminal, `--yes` is required. */
  confirm: (question: string) => Promise<void>;
}

export interface Command {
  /** The words before the options: `keys create`. */
  name: string;
  /** The words after the name: `<user>`. */
  usage?: string;
  help: string;
  options?: Record<string, Option>;
  /** Returns the exit code; 0 if it returns nothing. */
  run(context: Context): Promise<number | undefined>;
}

/** The use of a command is wrong. */
export class UsageError extends Error {}

/** Options of every command. */
export const COMMON: Record<string, Option> = {
  json: { help: "print JSON: an object, or one for each item of a list" },
  help: { help: "print this help" },
};

/** Options of lists. */
export const LISTED: Record<string, Option> = {
  limit: { value: "number", help: "the highest number of items (50)" },
  all: { help: "print all items" },
};

/** Options of commands that end something. */
export const CAREFUL: Record<string, Option> = {
  yes: { help: "do not ask for a confirmation" },
};

/** Reads the arguments of a command. */
export function readArgs(command: Command, argv: string[]): Args {
  const known = { ...command.options, ...COMMON };
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { value, many = false }]) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const), multiple: many },
    ]),
  );
  let parsed;
  try {
    parsed = parseArgs({ args: argv, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split(". ")[0] ?? "");
  }
  const values = parsed.values as Record<string, string | boolean | string[] | undefined>;
  const text = (name: string): string | undefined => values[name] as string | undefined;
  const args: Args = {
    words: parsed.positionals,
    text,
    texts: (name) => (values[name] as string[] | undefined) ?? [],
    has: (name) => values[name] === true,
    number: (name) => {
      const given = text(name);
      if (given === undefined) return undefined;
      if (!/^\d+$/.test(given)) throw new UsageError(`--${name} must be a whole number`);
      return Number(given);
    },
  };
  if (!args.has("help")) checkWords(command, args.words.length);
  return args;
}

/** Checks the number of words: those in `<>` are required, those in `[]` are not. */
function checkWords({ usage = "" }: Command, count: number): void {
  const required = usage.match(/<[^>]+>/g) ?? [];
  const optional = usage.match(/\[[^\]]+\]/g) ?? [];
  const missing = required[count];
  if (missing !== undefined) throw new UsageError(`${missing} is missing`);
  const most = usage.includes("…") ? Infinity : required.length + optional.length;
  if (count > most) throw new UsageError("there are too many arguments");
}

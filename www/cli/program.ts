// `npx hookswitch`: the command line.

import { Hookswitch } from "../server/index.ts";
import { COMMON, readArgs, UsageError, type Command, type Option } from "./command.ts";
import { EXIT, EXIT_HELP, exitOf, messageOf } from "./exit.ts";
import { confirm, readKey, readSecret } from "./input.ts";
import { LIST_COMMANDS } from "./lists.ts";
import { OPERATION_COMMANDS } from "./operations.ts";
import { Output } from "./output.ts";
import { TOKEN_COMMANDS } from "./tokens.ts";

const COMMANDS: readonly Command[] = [...TOKEN_COMMANDS, ...LIST_COMMANDS, ...OPERATION_COMMANDS];

const SETTINGS = `Settings, from the environment:
  HOOKSWITCH_URL  the address of the deployment
  HOOKSWITCH_KEY  an API key or the root key; without it, a prompt asks for it`;

/** The usage of a command: its name, its words, and whether it has options. */
const usageOf = ({ name, usage = "" }: Command): string => [name, usage].filter(Boolean).join(" ");

/** Lines with two columns. */
function twoColumns(rows: (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

function help(): string {
  const rows = COMMANDS.map(
    (command) => [usageOf(command), command.help.split(". ")[0] ?? ""] as const,
  );
  return `hookswitch <command> [options]\n\nCommands:\n${twoColumns(rows)}\n\n${SETTINGS}\n\n${EXIT_HELP}\n\nOptions of a command: hookswitch <command> --help`;
}

function helpOf(command: Command): string {
  const options: Record<string, Option> = { ...command.options, ...COMMON };
  const rows = Object.entries(options).map(
    ([name, { value, help }]) =>
      [value === undefined ? `--${name}` : `--${name} <${value}>`, help] as const,
  );
  return `hookswitch ${usageOf(command)} [options]\n\n${command.help}\n\nOptions:\n${twoColumns(rows)}\n\n${SETTINGS}\n\n${EXIT_HELP}`;
}

/** The command that the arguments name, the longest name first, and the rest of the arguments. */
function find(argv: string[]): { command: Command; rest: string[] } {
  for (const length of [2, 1]) {
    const name = argv.slice(0, length).join(" ");
    const command = COMMANDS.find((one) => one.name === name);
    if (command !== undefined) return { command, rest: argv.slice(length) };
  }
  throw new UsageError(
    `there is no command ${JSON.stringify(argv[0] ?? "")}: see hookswitch --help`,
  );
}

function addressOf(environment: NodeJS.ProcessEnv): string {
  const url = environment["HOOKSWITCH_URL"]?.trim();
  if (!url) throw new UsageError("HOOKSWITCH_URL is not set: the address of your deployment");
  return url.replace(/\/+$/, "");
}

/** Runs the command that the arguments name, and returns the exit code. */
export async function main(argv: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const [first] = argv;
  if (first === undefined || first === "--help" || first === "help" || first === "-h") {
    process.stdout.write(`${help()}\n`);
    return first === undefined ? EXIT.usage : EXIT.ok;
  }
  let isJson = false;
  try {
    const { command, rest } = find(argv);
    const args = readArgs(command, rest);
    if (args.has("help")) {
      process.stdout.write(`${helpOf(command)}\n`);
      return EXIT.ok;
    }
    isJson = args.has("json");
    const url = addressOf(environment);
    const hookswitch = new Hookswitch({ url, key: await readKey(environment) });
    const code = await command.run({
      hookswitch,
      url,
      args,
      output: new Output(process.stdout, process.stderr, isJson),
      secret: readSecret,
      confirm: (question) => confirm(question, args.has("yes")),
    });
    return code ?? EXIT.ok;
  } catch (error) {
    const { problem } = error as { problem?: unknown };
    if (isJson && problem !== undefined) process.stdout.write(`${JSON.stringify(problem)}\n`);
    process.stderr.write(`hookswitch: ${messageOf(error)}\n`);
    return exitOf(error);
  }
}

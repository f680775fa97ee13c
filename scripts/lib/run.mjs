// Runs one program to its end, and never leaves the developer without a sign of life.

import path from "node:path";
import { isStopping, startChild, stopAll, stopChild } from "./children.mjs";
import { Failure } from "./failure.mjs";
import { childEnv, root } from "./project.mjs";

/** A silent child is reported this often. */
const SIGN_OF_LIFE_MS = 15_000;

/** A child that prints nothing for this long counts as dead and is ended. */
const SILENCE_LIMIT_MS = 15 * 60_000;

/** How much of a quiet child's output is shown when it fails: causes stand first or last. */
const FIRST_LINES_SHOWN = 40;
const LAST_LINES_SHOWN = 160;

/**
 * @typedef {object} RunOptions
 * @property {string} [title] what is being done, for the signs of life
 * @property {boolean} [show] whether the child's output is passed on; otherwise it is shown only when the child fails
 * @property {Record<string, string>} [env] added to the environment
 */

/**
 * @typedef {object} RunResult
 * @property {number} code the exit code; 1 when a signal ended the child
 * @property {string} output all that the child wrote, both streams, in the order of arrival
 */

/**
 * Runs a program and answers with its exit code and its output.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export async function run(command, args, options = {}) {
  const { title, show = false, env = {} } = options;
  const name = path.basename(command);
  const started = Date.now();
  let lastSign = started;
  let lastOutput = started;
  let output = "";

  if (isStopping()) return { code: 1, output };
  const child = startChild(command, args, { cwd: root, env: childEnv(env) });

  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (/** @type {string} */ text) => {
      output += text;
      lastOutput = Date.now();
      if (show) {
        lastSign = lastOutput;
        process.stdout.write(text);
      }
    });
  }

  const watch = setInterval(() => {
    const now = Date.now();
    if (now - lastOutput > SILENCE_LIMIT_MS) {
      output += `\n${name} said nothing for ${seconds(SILENCE_LIMIT_MS)} and was ended.\n`;
      void stopChild(child);
    } else if (now - lastSign >= SIGN_OF_LIFE_MS) {
      lastSign = now;
      console.log(`  … ${title ?? name}: ${seconds(now - started)}${latest(output)}`);
    }
  }, 1_000);

  try {
    /** @type {Promise<number>} */
    const exited = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (/** @type {number | null} */ exit) => resolve(exit ?? 1));
    });
    return { code: await exited, output };
  } catch (error) {
    throw new Failure(`${name} could not be started: ${reason(error)}.`);
  } finally {
    clearInterval(watch);
  }
}

/**
 * Runs a step that must succeed; when it does not, its output and a sentence are shown.
 * @param {string} title what is being done
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} options
 * @param {(output: string) => string} options.sentence what went wrong and what to do, made from the output
 * @param {Record<string, string>} [options.env]
 */
export async function step(title, command, args, { sentence, env }) {
  const started = Date.now();
  console.log(`• ${title}`);
  const { code, output } = await run(command, args, { title, env: env ?? {} });
  // The child was ended with the script, or because another step failed: this step did not fail. The script exits.
  if (isStopping() || isAbandoned) await new Promise(() => {});
  if (code !== 0) {
    console.error(shortened(output));
    throw new Failure(sentence(output));
  }
  const took = Date.now() - started;
  if (took >= SIGN_OF_LIFE_MS) console.log(`  done in ${seconds(took)}: ${title}`);
  return output;
}

/** Whether a step failed beside others that were still running. */
let isAbandoned = false;

/**
 * Runs tasks side by side. If one fails, the children of the others are ended.
 * @param {readonly (() => Promise<unknown>)[]} tasks
 */
export async function inParallel(tasks) {
  try {
    await Promise.all(tasks.map((task) => task()));
  } catch (error) {
    isAbandoned = true;
    await stopAll();
    throw error;
  }
}

/**
 * Asks a program a quick question: its output, or `undefined` when it is not there or fails.
 * @param {string} command
 * @param {readonly string[]} args
 */
export async function ask(command, args) {
  try {
    const { code, output } = await run(command, args);
    return code === 0 ? output.trim() : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a program failed because it could not reach its registry.
 * @param {string} output
 */
export function looksOffline(output) {
  return /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|Could not resolve|Temporary failure (in name )?resol|failed to (download|fetch|get)|error trying to connect|network is unreachable/i.test(
    output,
  );
}

/** @param {number} ms */
export const seconds = (ms) => `${Math.round(ms / 1000)} s`;

/** @param {string} output */
function latest(output) {
  const lines = output.trimEnd().split("\n");
  const compiled = lines.filter((line) => /^\s+Compiling /.test(line)).length;
  const last = lines.at(-1)?.trim() ?? "";
  const text = compiled > 0 ? `${compiled} crates, ${last}` : last;
  return text === "" ? "" : ` (${text.slice(0, 100)})`;
}

/** @param {string} output */
function shortened(output) {
  const lines = output.trimEnd().split("\n");
  if (lines.length <= FIRST_LINES_SHOWN + LAST_LINES_SHOWN) return lines.join("\n");
  return [...lines.slice(0, FIRST_LINES_SHOWN), "  …", ...lines.slice(-LAST_LINES_SHOWN)].join(
    "\n",
  );
}

/** @param {unknown} error */
function reason(error) {
  const code = /** @type {NodeJS.ErrnoException} */ (error)?.code;
  if (code === "ENOENT") return "it is not installed, or not on PATH";
  if (code === "EACCES") return "it may not be executed";
  return error instanceof Error ? error.message : String(error);
}

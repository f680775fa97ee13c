// Child processes, each the head of a process group of its own, so that nothing is left behind:
// wrangler starts workerd and esbuild, cargo starts rustc, and all of them must end with us.

import { spawn } from "node:child_process";

/** How long a group may take to end by itself before it is killed. */
const GRACE_MS = 5_000;

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
let stopping = false;

/**
 * Starts a child in its own process group, with no standard input.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnOptions} options
 */
export function startChild(command, args, options) {
  const child = spawn(command, args, {
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  running.add(child);
  child.once("error", () => running.delete(child));
  child.once("exit", () => {
    // Processes that the child started and did not wait for end with it.
    signalGroup(child, "SIGTERM");
    running.delete(child);
  });
  return child;
}

/**
 * Ends a child and everything in its group: politely, then for certain.
 * @param {import("node:child_process").ChildProcess} child
 */
export async function stopChild(child) {
  if (!signalGroup(child, "SIGTERM")) return;
  const deadline = Date.now() + GRACE_MS;
  while (Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (!signalGroup(child, 0)) return;
  }
  signalGroup(child, "SIGKILL");
}

/** Ends every child that still runs. */
export async function stopAll() {
  await Promise.all([...running].map(stopChild));
}

/**
 * Sends a signal to a child's whole group; `false` when there is nobody left in it.
 * @param {import("node:child_process").ChildProcess} child
 * @param {NodeJS.Signals | 0} signal
 */
function signalGroup(child, signal) {
  if (child.pid === undefined) return false;
  try {
    process.kill(-child.pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** The exit code after the user has ended us; a server that is ended has done its work, and exits with 0. */
let exitCodeWhenStopped = 130;

/** @param {number} code */
export function exitWith(code) {
  exitCodeWhenStopped = code;
}

/** Whether the user has ended us, so that a dying child is no failure of its own. */
export const isStopping = () => stopping;

function stopAndExit() {
  if (stopping) return;
  stopping = true;
  void stopAll().then(() => process.exit(exitCodeWhenStopped));
}

process.on("SIGINT", stopAndExit);
process.on("SIGTERM", stopAndExit);
process.on("SIGHUP", stopAndExit);

// npm runs us through a shell, and a signal to npm alone ends that shell, which sends us none: only our
// parent changes.
if (process.env.npm_lifecycle_event !== undefined) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stopAndExit();
  }, 500).unref();
}

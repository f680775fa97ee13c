// Finds a process by its environment: miniflare does not report which workerd is its own.

import { readdirSync, readFileSync } from "node:fs";

/** The process whose environment has this variable with this value. */
export function findProcess(name: string, value: string): number {
  const wanted = `${name}=${value}`;
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const environment = readFileSync(`/proc/${entry}/environ`, "utf8").split("\0");
      if (environment.includes(wanted)) return Number(entry);
    } catch {
      // Ended meanwhile, or not ours to read.
    }
  }
  throw new Error(`no process has ${wanted} in its environment`);
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

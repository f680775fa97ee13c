// Waiting for what happens by itself: always with a deadline, never for an exact time.

import { setTimeout as sleep } from "node:timers/promises";

export { sleep };

const DEADLINE_MS = 20_000;
const PAUSE_MS = 100;

/** Asks again and again until there is something other than undefined. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await sleep(PAUSE_MS);
  }
}

/** Asks again and again until it is so. */
export async function untilTrue(
  what: string,
  ask: () => Promise<boolean>,
  deadlineMs?: number,
): Promise<void> {
  await until(what, async () => ((await ask()) ? true : undefined), deadlineMs);
}

/** Runs the tasks, so many at a time, and gives their results in order. */
export async function inParallel<T>(width: number, tasks: (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < tasks.length; index = next++) {
      const task = tasks[index];
      if (task) results[index] = await task();
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}

/** `count` of them, made from their index. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

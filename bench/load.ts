// Load: requests over a few connections, counted and timed by autocannon.

import { performance } from "node:perf_hooks";
import autocannon, { type Options, type Result } from "autocannon";

export interface Call {
  method: "GET" | "POST" | "PUT";
  path: string;
  headers: Record<string, string>;
  body?: string;
}

export interface Run {
  /** Answers in a second. */
  rate: number;
  /** The median time of an answer, in milliseconds. */
  p50: number;
  /** The 99th percentile, in milliseconds. */
  p99: number;
}

export interface Load {
  url: string;
  calls: readonly Call[];
  /** The status that every answer must have. */
  status: number;
  connections: number;
}

/** Sends each call once, and fails if an answer has another status than expected. */
export async function sendAll({ url, calls, status, connections }: Load): Promise<Run> {
  const queue = calls.values();
  const first = calls[0];
  if (first === undefined) throw new Error("there is nothing to send");
  const started = performance.now();
  // autocannon itself ends at a full second: the run lasts until the last answer.
  let ended = started;
  const options: Options = {
    url,
    connections,
    amount: calls.length,
    timeout: 20,
    requests: [
      {
        // autocannon adds headers of its own to the object that it gets.
        setupRequest: (request) => {
          const { headers, ...call } = queue.next().value ?? first;
          return { ...request, ...call, headers: { ...headers } };
        },
      },
    ],
  };
  const result = await new Promise<Result>((resolve, reject) => {
    const load = autocannon(options, (error: unknown, result) => {
      if (error instanceof Error) reject(error);
      else resolve(result);
    });
    load.on("response", () => {
      ended = performance.now();
    });
  });
  const wrong = Object.entries(result.statusCodeStats ?? {}).filter(
    ([code]) => code !== String(status),
  );
  if (wrong.length > 0 || result.errors > 0) {
    throw new Error(
      `${first.method} ${first.path}: ${result.errors} errors, ${JSON.stringify(wrong)}`,
    );
  }
  const { p50, p99 } = result.latency;
  return { rate: (calls.length * 1_000) / (ended - started), p50, p99 };
}

/** Sends a call and returns its answer. */
export async function send(url: string, call: Call): Promise<{ status: number; text: string }> {
  const { method, path, headers, body } = call;
  const answer = await fetch(url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, text: await answer.text() };
}

/** Runs the work for every item, a few at a time, and returns the results in the order of the items. */
export async function inParallel<T, R>(
  items: readonly T[],
  lanes: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

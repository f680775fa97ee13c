// A panic of the real Worker: the log names its file and line, and the Worker recovers.

import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";

import { startWorker, type RunningWorker } from "../support/worker.ts";

/** The Worker that the suite builds, with `entry.mjs` in front. */
const BUILD = path.resolve(import.meta.dirname, "../../build/panic");

/** How long a request may wait for its answer, in milliseconds: after a panic, it can wait forever. */
const LIMIT_MS = 5_000;

/** The log line of the panic hook: `src/panic_test.rs` with line and column. */
const LOCATION = /panicked at src\/panic_test\.rs:\d+:\d+/;

let worker: RunningWorker;
before(async () => {
  worker = await startWorker({ build: BUILD, faults: false, assets: false });
});
after(() => worker?.stop());

/** The status and the body of an answer; no status if there is no answer in time. */
interface Answer {
  status?: number;
  body?: unknown;
}

/** Sends a request as root. */
async function post(target: string, body: unknown, headers = {}): Promise<Answer> {
  const authorization = `Bearer ${worker.rootKey}`;
  try {
    const response = await fetch(`${worker.url}${target}`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const text = await response.text();
    return { status: response.status, body: response.ok ? JSON.parse(text) : text };
  } catch (error) {
    if ((error as Error).name === "TimeoutError") return {};
    throw error;
  }
}

async function mint(user: string): Promise<string> {
  await fetch(`${worker.url}/v1/users/${user}`, {
    method: "PUT",
    headers: {
      authorization: `Bearer ${worker.rootKey}`,
      "content-type": "application/json",
    },
    body: "{}",
  });
  const { status, body } = await post("/v1/tokens", { user_id: user });
  assert.equal(status, 201);
  return (body as { token: string }).token;
}

// A check reads the clock in the edge (before and after its first promise), then in the ledger.
for (const reading of [1, 2, 3]) {
  test(`a_panic_at_clock_reading_${reading}_is_logged_with_file_and_line_and_the_worker_recovers`, async () => {
    const token = await mint(`user-${reading}`);
    const linesBefore = worker.logs().length;

    const { status } = await post(
      "/v1/tokens/check",
      { token },
      { "x-test-panic": String(reading) },
    );
    assert.ok(
      status === undefined || status >= 500,
      `the check was answered ${status}: it reads the clock fewer than ${reading} times`,
    );
    const logged = worker.logs().slice(linesBefore).join("\n");
    assert.match(logged, LOCATION);

    assert.equal((await post("/v1/tokens/consume", { token })).status, 200);
    assert.equal((await post("/v1/tokens/consume", { token })).status, 409);
  });
}

// workerd killed in the middle of its work, and started again on the same storage: whatever was acknowledged is
// there, and nothing is consumed twice.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { checkAll, consume, eventsOf, mint, newUser, revoke, tokensOf } from "./kit/actions.ts";
import type { Api } from "./kit/api.ts";
import { serve } from "./kit/service.ts";
import type { Minted, Status } from "./kit/shapes.ts";
import { inParallel, times } from "./kit/wait.ts";

const ROUNDS = 4;
const USERS = 4;
const TOKENS = 120;
const LANES = 24;
/** After so many acknowledged steps of the load the kill comes; in each round as many more. */
const STEPS = 35;

const service = await serve();
after(() => service.stop());
const { root } = service;

/** What the service said of a token before it was killed. */
interface Said {
  token: string;
  /** How often a consume was answered 200. */
  consumed: number;
  /** The last status that was acknowledged. */
  status: Status;
}

/** What came of a step of the load; of one that is lost nobody knows what it did. */
type Step = "acknowledged" | "lost";

for (const round of times(ROUNDS, (index) => index + 1)) {
  test(`what_was_acknowledged_survives_a_crash (${round} of ${ROUNDS})`, async () => {
    const users = await Promise.all(times(USERS, () => newUser(root)));
    const owner = (index: number): string => users[index % USERS] ?? "";
    const ledger = new Map<string, Said>();
    const early = await inParallel(
      LANES,
      times(TOKENS, (index) => () => mint(root, owner(index))),
    );
    for (const minted of early) remember(ledger, minted);

    let acknowledged = 0;
    let kill: Promise<void> | undefined;
    const load = times(2 * TOKENS, (index) => async (): Promise<Step> => {
      const { token } = early[(index * 7) % TOKENS] ?? { token: "" };
      const step = await attempt(ledger, owner(index), token, index);
      if (step === "acknowledged") acknowledged += 1;
      if (acknowledged === STEPS * round) kill ??= service.kill();
      return step;
    });
    const steps = await inParallel(LANES, load);
    assert.ok(kill !== undefined && steps.includes("lost"), "the kill came in the middle");
    await kill;
    await service.restart();

    const said = [...ledger.values()];
    const before = await statuses(root, said);
    for (const [index, { status, token }] of said.entries()) {
      const now = before[index];
      if (status !== "valid") assert.equal(now, status, `${token.slice(0, 8)}… was acknowledged`);
      assert.ok(now !== undefined && now !== "unknown", "an acknowledged token is known");
    }

    // Whatever is left is consumed now: at most one 200 for each token, over both lives of the service.
    await inParallel(
      LANES,
      said.map((entry) => async () => {
        const { status } = await consume(root, entry.token);
        assert.ok(status === 200 || status === 409);
        if (status === 200) entry.consumed += 1;
      }),
    );
    assert.ok(said.every(({ consumed }) => consumed <= 1));
    const end = await statuses(root, said);
    for (const [index, status] of before.entries()) {
      assert.equal(end[index], status === "valid" ? "consumed" : status);
    }

    for (const user of users) await eachTransitionWasToldOnce(user);
  });
}

test("storage_survives_a_crash_of_an_idle_service", async () => {
  const user = await newUser(root);
  const { token } = await mint(root, user);
  await service.kill();
  await service.restart();
  assert.equal((await consume(root, token)).status, 200);
});

/** One step of the load: a mint, a revoke or a consume. */
async function attempt(
  ledger: Map<string, Said>,
  user: string,
  token: string,
  index: number,
): Promise<Step> {
  const entry = ledger.get(token);
  assert.ok(entry);
  try {
    if (index % 5 === 0) {
      remember(ledger, await mint(root, user));
    } else if (index % 5 === 1) {
      entry.status = (await revoke(root, token)).status;
    } else {
      const { status, body } = await consume(root, token);
      if (status === 200) entry.consumed += 1;
      else assert.equal(status, 409);
      entry.status = status === 200 ? "consumed" : (body.verdict?.status ?? "valid");
    }
    return "acknowledged";
  } catch (error) {
    if (!isBroken(error)) throw error;
    return "lost";
  }
}

/** Whether the connection broke, as against an answer that is wrong. */
function isBroken(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return (
    /^(ECONN|EPIPE|HPE_|ERR_STREAM)/.test(code ?? "") || /broke|socket|aborted/.test(message ?? "")
  );
}

function remember(ledger: Map<string, Said>, { token }: Minted): void {
  ledger.set(token, { token, consumed: 0, status: "valid" });
}

async function statuses(api: Api, said: Said[]): Promise<string[]> {
  const batches = times(Math.ceil(said.length / 100), (index) =>
    said.slice(index * 100, index * 100 + 100),
  );
  const items = await Promise.all(
    batches.map((batch) =>
      checkAll(
        api,
        batch.map(({ token }) => token),
      ),
    ),
  );
  return items.flat().map(({ status }) => status);
}

async function eachTransitionWasToldOnce(user: string): Promise<void> {
  const [events, tokens] = [await eventsOf(root, user), await tokensOf(root, user)];
  for (const { token_id, status } of tokens) {
    const types = events.filter((event) => event.token_id === token_id).map(({ type }) => type);
    const end = status === "valid" ? [] : [`token.${status}`];
    assert.deepEqual(types, [...end, "token.created"]);
  }
}

// One winner, however many run for it at the same time.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { asUser, check, consume, eventsOf, mint, newUser, partooSpelling } from "./kit/actions.ts";
import type { Api } from "./kit/api.ts";
import { serve } from "./kit/service.ts";
import type { Attempt, Minted, Revoked } from "./kit/shapes.ts";
import { times } from "./kit/wait.ts";

const RUNNERS = 64;
const ROUNDS = 5;

const service = await serve();
after(() => service.stop());
const { root } = service;

for (const round of times(ROUNDS, (index) => index + 1)) {
  test(`of_64_concurrent_consumes_exactly_one_wins (${round} of ${ROUNDS})`, async () => {
    const user = await newUser(root);
    const { token, token_id } = await mint(root, user);
    const answers = await Promise.all(
      times(RUNNERS, (index) => consume(root, index % 2 === 0 ? token : partooSpelling(token))),
    );

    const won = answers.filter(({ status }) => status === 200);
    const lost = answers.filter(
      ({ status, body }) => status === 409 && body.code === "token_consumed",
    );
    assert.deepEqual([won.length, lost.length], [1, RUNNERS - 1]);
    const at = won[0]?.body.consumed_at;
    assert.ok(lost.every(({ body }) => body.verdict?.consumed_at === at));

    const events = await eventsOf(root, user, "token.consumed");
    assert.deepEqual(
      events.map((event) => event.token_id),
      [token_id],
    );
  });

  test(`of_32_consumes_and_32_revokes_exactly_one_wins (${round} of ${ROUNDS})`, async () => {
    const user = await newUser(root);
    const minted = await mint(root, user);
    const winner = await race(root, minted);

    const verdicts = await Promise.all(times(16, () => check(root, minted.token)));
    assert.ok(verdicts.every(({ status }) => status === winner));
    const events = (await eventsOf(root, user)).filter(
      (event) => event.token_id === minted.token_id,
    );
    assert.deepEqual(
      events.map((event) => event.type),
      [`token.${winner}`, "token.created"],
    );
  });
}

test("a_race_between_principals_has_one_winner_who_is_named", async () => {
  const user = await newUser(root);
  const apis = [
    root,
    await asUser(root, user),
    await asUser(root, await newUser(root, { role: "admin" })),
  ];
  const { token } = await mint(root, user);
  const answers = await Promise.all(
    times(30, (index) => consume(apis[index % apis.length] ?? root, token)),
  );
  const won = answers.flatMap((answer) => (answer.status === 200 ? [answer.body.by] : []));
  assert.equal(won.length, 1);
  assert.equal((await check(root, token)).by, won[0]);
});

test("no_check_says_valid_after_a_revoke_was_answered", async () => {
  const user = await newUser(root);
  const minted = await Promise.all(times(10, () => mint(root, user)));
  await Promise.all(
    minted.map(async ({ token }) => {
      let revoked = false;
      const watch = async (): Promise<void> => {
        for (let seen = ""; seen !== "revoked";) {
          const sure = revoked;
          seen = (await check(root, token)).status;
          assert.ok(!sure || seen === "revoked", "asked after the answer, and still valid");
        }
      };
      const kill = async (): Promise<void> => {
        await root.post<Revoked>("/v1/tokens/revoke", { token });
        revoked = true;
      };
      await Promise.all([watch(), watch(), kill()]);
    }),
  );
});

/** Consumes and revokes at once, and says which of the two it became. */
async function race(api: Api, { token }: Minted): Promise<"consumed" | "revoked"> {
  const runners = times(RUNNERS / 2, () => ({
    consume: () => api.send<Attempt>("POST", "/v1/tokens/consume", { json: { token } }),
    revoke: () => api.send<Revoked>("POST", "/v1/tokens/revoke", { json: { token } }),
  }));
  const [consumes, revokes] = await Promise.all([
    Promise.all(runners.map((runner) => runner.consume())),
    Promise.all(runners.map((runner) => runner.revoke())),
  ]);
  assert.ok(revokes.every(({ status }) => status === 200));
  const consumed = consumes.filter(({ status }) => status === 200).length;
  const revoked = revokes.filter(({ body }) => body.changed).length;
  assert.equal(consumed + revoked, 1, `${consumed} consumed it and ${revoked} revoked it`);

  const winner = consumed === 1 ? "consumed" : "revoked";
  for (const { status, body } of consumes) {
    if (status !== 200) assert.deepEqual([status, body.code], [409, `token_${winner}`]);
  }
  assert.ok(revokes.every(({ body }) => body.status === winner));
  return winner;
}

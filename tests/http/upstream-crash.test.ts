// workerd killed while it tells providers, again and again, and started on the same storage: every credential is told of
// in the end, and of every connection everything was told once.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, test } from "node:test";

import { eventsOf, newUser } from "./kit/actions.ts";
import { connectionPath } from "./kit/connections.ts";
import { Provider } from "./kit/provider.ts";
import { serve } from "./kit/service.ts";
import type { ChangedConnection } from "./kit/shapes.ts";
import { appOf, hold, newProvider, settled, statesOf, type Holder } from "./kit/upstream.ts";
import { inParallel, sleep, times } from "./kit/wait.ts";

const CONNECTIONS = 100;
const USERS = 10;
const LANES = 16;
const KILLS = 4;
/** The ledger goes on, at the latest, so long after the edge died: its lease, and what it takes to get through. */
const DEADLINE_MS = 45_000;

const service = await serve({ vars: { UPSTREAM_RETRY_MS: "200" } });
after(() => service.stop());
const { root } = service;
const provider = await Provider.start();
after(() => provider.stop());

interface Made {
  held: Holder;
  tokens: string[];
}

/** Whether the request was lost with the service, as against an answer that is wrong. */
function isBroken(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return (
    /^(ECONN|EPIPE|HPE_|ERR_STREAM)/.test(code ?? "") || /broke|socket|aborted/.test(message ?? "")
  );
}

test("every_provider_is_told_in_the_end_whenever_the_service_dies", async () => {
  const url = `${provider.origin}/revoke`;
  const revocation = { method: "rfc7009", url, auth: "none" } as const;
  const app = await appOf(root, await newProvider(root, { revocation }));
  const users = await Promise.all(times(USERS, () => newUser(root)));
  const make = (index: number) => async (): Promise<Made> => {
    const tokens = [provider.token(), provider.token()];
    const [refresh_token = "", access_token = ""] = tokens;
    const held = await hold(root, app, { refresh_token, access_token }, users[index % USERS]);
    return { held, tokens };
  };
  const all = await inParallel(LANES, times(CONNECTIONS, make));

  let lost = 0;
  const revoke = async ({ held }: Made): Promise<void> => {
    try {
      await root.post<ChangedConnection>(connectionPath(held.id, "/revoke"), {});
    } catch (error) {
      if (!isBroken(error)) throw error;
      lost += 1;
    }
  };
  const share = CONNECTIONS / KILLS;
  for (const round of times(KILLS, (index) => index)) {
    const batch = all.slice(round * share, (round + 1) * share);
    const asked = provider.asked.length;
    // Somewhere within the first requests to the provider.
    const wanted = asked + randomInt(1, share);
    const load = inParallel(
      LANES,
      batch.map((made) => () => revoke(made)),
    );
    while (provider.asked.length < wanted) await sleep(1);
    await sleep(randomInt(5));
    await service.kill();
    await load;
    await service.restart();
  }
  assert.ok(lost > 0, "the kills came in the middle");

  // What was lost is asked for again: whether it had been done, nobody knows.
  await inParallel(
    LANES,
    all.map((made) => () => revoke(made)),
  );
  const ends = await inParallel(
    LANES,
    all.map(
      ({ held }) =>
        () =>
          settled(root, held.id, DEADLINE_MS),
    ),
  );
  for (const [index, { tokens }] of all.entries()) {
    const end = ends[index];
    assert.equal(end?.status, "revoked");
    assert.deepEqual(
      end.upstream?.credentials.map(({ state }) => state),
      ["revoked", "revoked"],
      statesOf(end).join(),
    );
    const counts = tokens.map((token) => provider.askedOf(token).length);
    assert.ok(
      counts.every((count) => count >= 1 && count <= 1 + KILLS),
      counts.join(),
    );
  }
  for (const user of users) {
    const events = await eventsOf(root, user);
    for (const { held } of all.filter(({ held: { user_id } }) => user_id === user)) {
      const types = events.filter((event) => event.connection_id === held.id);
      assert.deepEqual(
        types.map(({ type }) => type),
        ["connection.revoked", "connection.revoking", "connection.created"],
      );
    }
  }
});

// Random histories over HTTP, whose requests race for one ledger, against the core run on the order that came of it.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { eventsOf, newUser } from "./kit/actions.ts";
import { newApp, type Client } from "./kit/grants.ts";
import { replay, type Script } from "./kit/histories/core.ts";
import { lies } from "./kit/histories/lies.ts";
import { History, SCOPES, type Apps } from "./kit/histories/play.ts";
import { scriptOf, tell } from "./kit/histories/script.ts";
import { micros } from "./kit/histories/time.ts";
import { serve } from "./kit/service.ts";
import type { Event, User } from "./kit/shapes.ts";
import { inParallel, sleep, times } from "./kit/wait.ts";

const HISTORIES = 200;
const LANES = 8;
/** How many of them are told otherwise than they were, to see that it is found out. */
const LIED_ABOUT = 50;
/** Every history is the same again for the same seed, but for how its requests race. */
const SEED = Number(process.env["HISTORIES_SEED"] ?? Math.floor(Math.random() * 1e9));
/** Short, so that a rotated refresh token comes again within it and after it. */
const GRACE_SECONDS = 1;
/** Whatever was to run out soon has done so by then. */
const RUN_OUT_MS = 2_500;

const service = await serve({ vars: { REFRESH_GRACE_SECONDS: String(GRACE_SECONDS) } });
after(() => service.stop());
const { root } = service;

test("the_service_and_the_core_agree_on_200_racing_histories", async (t) => {
  t.diagnostic(`HISTORIES_SEED=${SEED}`);
  const confidential = await newApp(root, { scopes: SCOPES });
  const shown = await newApp(root, { scopes: SCOPES, client_type: "public" });
  const apps: Apps = { confidential, public: shown };

  const histories = await inParallel(
    LANES,
    times(HISTORIES, (index) => async () => {
      const history = new History(root, apps, await newUser(root), SEED + index);
      await history.play();
      return history;
    }),
  );
  await sleep(RUN_OUT_MS);
  await inParallel(
    LANES,
    histories.map((history) => () => history.look()),
  );
  const events = await allEvents(histories);
  const scripts = await Promise.all(
    histories.map((history, index) => written(history, apps, events[index] ?? [])),
  );

  const steps = histories.flatMap((history) => history.steps);
  tellWhatHappened(steps.map(({ move, status }) => `${move.do} ${status}`));
  for (const [index, why] of (await replay(scripts)).entries()) {
    if (why === undefined) continue;
    t.diagnostic(`history ${index} of HISTORIES_SEED=${SEED}`);
    assert.fail(`${why}\n${tell(scripts[index] as Script)}`);
  }

  // Without this, a comparison that finds some order for everything would pass as well.
  const told = scripts.slice(0, LIED_ABOUT).flatMap(lies);
  const found = await replay(told.map(({ script }) => script));
  const believed = told.filter((_, index) => found[index] === undefined);
  t.diagnostic(`${told.length} lies`);
  assert.equal(new Set(told.map(({ lie }) => lie)).size, 5);
  assert.deepEqual(
    believed.map(({ lie }) => lie),
    [],
  );

  /** That little of what can happen happened would make the comparison worth little. */
  function tellWhatHappened(answers: string[]): void {
    const counts = Object.entries(Object.groupBy(answers, (answer) => answer));
    const lines = counts.map(([answer, all]) => `${answer}: ${all?.length ?? 0}`);
    t.diagnostic(lines.toSorted().join(", "));
    for (const wanted of ["exchange 200", "refresh 200", "retract 200", "leave 204", "issue 409"]) {
      assert.ok(answers.includes(wanted), `${wanted} never came`);
    }
    assert.ok(answers.every((answer) => !answer.includes(" 5")));
  }
});

async function written(history: History, apps: Apps, events: Event[]): Promise<Script> {
  const { body } = await root.get<User>(`/v1/users/${history.user}`);
  const until = Math.max(...history.steps.map(({ body }) => timeIn(body))) + 1_000;
  const setting = {
    history: history.user,
    apps: [registration(apps.confidential), registration(apps.public)],
    grace: GRACE_SECONDS,
    from: micros(body.created_at),
    until,
  };
  return scriptOf(setting, history.steps, events);
}

/** The events of each history, once no more come: what the alarm has to tell it tells soon. */
async function allEvents(histories: History[]): Promise<Event[][]> {
  for (let before = -1; ;) {
    const events = await inParallel(
      LANES,
      histories.map(
        ({ user }) =>
          () =>
            eventsOf(root, user),
      ),
    );
    const count = events.flat().length;
    if (count === before) return events;
    before = count;
    await sleep(1_000);
  }
}

function timeIn(body: Record<string, unknown>): number {
  const time = body["as_of"] ?? body["created_at"] ?? body["before"];
  return typeof time === "string" ? micros(time) : 0;
}

function registration({ app_id, secret }: Client): object {
  return { app_id, scopes: SCOPES.join(" "), public: secret === undefined };
}

// The job that revokes an app for everybody, over many users and two crashes of the runtime.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { eventsOf, newUser } from "./kit/actions.ts";
import { appPath, connect, newApp, readConnection } from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import { inParallel, sleep, times, until } from "./kit/wait.ts";

const USERS = 2_000;
const LANES = 32;
/** The kills come when the job has visited so many users. */
const KILLS = [200, 1_000];
const JOB_DEADLINE_MS = 120_000;

interface Job {
  id: string;
  status: string;
  users: number;
  visited: number;
  retrying: number;
  affected: number;
  revoked: { connection: number };
}

const service = await serve();
after(() => service.stop());
const { root } = service;

test("job_over_2000_users_survives_two_crashes_and_counts_exactly", async () => {
  const { app_id: appId } = await newApp(root);
  const users = await inParallel(
    LANES,
    times(USERS, () => () => newUser(root)),
  );
  const ids = await inParallel(
    LANES,
    users.map((user) => async () => (await connect(root, user, appId)).id),
  );
  const dead = ids.slice(0, 10);
  await inParallel(
    LANES,
    dead.map((id) => () => root.post(`/v1/connections/${id}/revoke`, {})),
  );

  const begun = (await root.post<Job>(appPath(appId, "/revoke"), { reason: "a breach" }, 202)).body;
  assert.deepEqual([begun.status, begun.users], ["running", USERS]);
  const read = async (): Promise<Job> => (await root.get<Job>(`/v1/jobs/${begun.id}`)).body;

  for (const visited of KILLS) {
    const job = await until(
      `${visited} users visited`,
      async () => {
        const now = await read();
        return now.visited >= visited ? now : undefined;
      },
      JOB_DEADLINE_MS,
    );
    assert.equal(job.status, "running", "the kill comes in the middle");
    await service.kill();
    await service.restart();
  }

  const done = await until(
    "the job is done",
    async () => {
      const now = await read();
      return now.status === "done" ? now : undefined;
    },
    JOB_DEADLINE_MS,
  );
  assert.deepEqual(
    [done.users, done.visited, done.retrying, done.affected, done.revoked.connection],
    [USERS, USERS, 0, USERS - dead.length, USERS - dead.length],
  );
  const statuses = await inParallel(
    LANES,
    ids.map((id) => async () => (await readConnection(root, id)).status),
  );
  assert.deepEqual(new Set(statuses), new Set(["revoked"]));
  const told = await inParallel(
    LANES,
    users.slice(0, 200).map((user) => async () => {
      return (await eventsOf(root, user, "user.revoked")).length;
    }),
  );
  assert.deepEqual(told, [...times(10, () => 0), ...times(190, () => 1)]);
  // The app works again.
  await sleep(100);
  await connect(root, users[0] ?? "", appId);
});

test("disabled_app_gets_no_connection_until_it_is_enabled", async () => {
  const { app_id: appId } = await newApp(root);
  const user = await newUser(root);
  await root.post(appPath(appId, "/disable"), {});
  const json = { user_id: user, app_id: appId };
  assert.equal((await root.send("POST", "/v1/connections", { json })).status, 409);
  await root.post(appPath(appId, "/enable"), {});
  await connect(root, user, appId);
});

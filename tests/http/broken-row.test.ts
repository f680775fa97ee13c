// A row that no longer makes sense, or cannot be read: what can be done without it is done.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";

import { check, consume, eventsOf, mint, newUser } from "./kit/actions.ts";
import { newConnection } from "./kit/connections.ts";
import { serve } from "./kit/service.ts";
import { Follower, ticketFor } from "./kit/status.ts";
import { untilTrue } from "./kit/wait.ts";

test("a_row_that_cannot_be_read_does_not_keep_the_other_work_from_being_done", async () => {
  const service = await serve();
  try {
    const user = await newUser(service.root);
    const broken = await mint(service.root, user, { ttl: 1 });
    const sound = await mint(service.root, user, { ttl: 2 });
    await service.kill();
    breakToken(service.persistPath, broken.token_id);
    await service.restart();
    // The broken one expires before the sound one, so its event is due first.
    await untilTrue("the event of the sound token is recorded", async () => {
      const events = await eventsOf(service.root, user, "token.expired");
      return events.some(({ token_id }) => token_id === sound.token_id);
    });
  } finally {
    await service.stop();
  }
});

test("what_was_done_is_answered_though_its_followers_cannot_be_told", async () => {
  const service = await serve();
  try {
    const user = await newUser(service.root);
    const { id } = await newConnection(service.root, user);
    const { token } = await mint(service.root, user);
    await Follower.of(service.root, await ticketFor(service.root, { connection_id: id }));
    await service.setFailingSql("FROM connections WHERE id = ?");
    assert.equal((await consume(service.root, token)).status, 200);
    await service.setFailingSql("");
    assert.equal((await check(service.root, token)).status, "consumed");
  } finally {
    await service.stop();
  }
});

/** Gives a token a kind that there is not. */
function breakToken(folder: string, tokenId: string): void {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  let changed = 0;
  for (const file of files.filter((name) => name.endsWith(".sqlite"))) {
    const database = new DatabaseSync(path.join(folder, file));
    const isLedger = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'tokens'").get();
    if (isLedger) {
      const update = database.prepare("UPDATE tokens SET kind = 99 WHERE token_id = ?");
      changed += Number(update.run(tokenId).changes);
    }
    database.close();
  }
  assert.equal(changed, 1);
}

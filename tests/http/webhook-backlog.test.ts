// An endpoint that has got all there was to send: its ledger rests.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";

import { mint, newUser } from "./kit/actions.ts";
import { Receiver } from "./kit/receiver.ts";
import { serve } from "./kit/service.ts";
import { sleep, times, untilTrue } from "./kit/wait.ts";
import { newName, webhookPath } from "./kit/webhooks.ts";

/** How many events one ring of the alarm sends. */
const BATCH = 20;

test("nothing_is_due_once_a_whole_batch_was_sent", async () => {
  const service = await serve();
  const receiver = await Receiver.start();
  try {
    const { root } = service;
    const endpoint = webhookPath(newName());
    const url = receiver.url("/backlog");
    await root.put(endpoint, { url, disabled: true }, 201);
    const user = await newUser(root);
    for (const _ of times(BATCH - 2, () => 0)) await mint(root, user);
    // The ledger has looked at all of these, and sent nothing.
    await sleep(2_500);
    await root.put(endpoint, { url });
    await mint(root, user);
    await untilTrue("all have arrived", async () => receiver.at("/backlog").length === BATCH);
    await sleep(1_000);
    await service.kill();
    assert.deepEqual(dueOf(service.persistPath), [null]);
  } finally {
    await receiver.close();
    await service.stop();
  }
});

/** When each endpoint is sent more by the ledgers of users. */
function dueOf(folder: string): unknown[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files
    .filter((name) => name.endsWith(".sqlite"))
    .flatMap((file) => {
      const database = new DatabaseSync(path.join(folder, file));
      const table = "SELECT 1 FROM sqlite_master WHERE name = 'webhook_cursors'";
      const rows = database.prepare(table).get()
        ? database.prepare("SELECT due_at FROM webhook_cursors").all()
        : [];
      database.close();
      return rows.map((row) => row["due_at"]);
    });
}

// A row that no longer makes sense: what can be done without it is done.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";

import { check, consume, mint, newUser } from "./kit/actions.ts";
import { serve } from "./kit/service.ts";
import { sleep } from "./kit/wait.ts";

test("a_row_that_cannot_be_read_does_not_keep_the_other_work_from_being_done", async () => {
  const service = await serve();
  try {
    const user = await newUser(service.root);
    const broken = await mint(service.root, user, { ttl: 1 });
    const sound = await mint(service.root, user);
    await service.kill();
    breakToken(service.persistPath, broken.token_id);
    await service.restart();
    // By now the broken one has run out: its event is due before anything else.
    await sleep(1_500);
    await consume(service.root, sound.token);

    // Each look is the first of a fresh isolate: only KV can give it a copy.
    let source = "ledger";
    for (let looks = 0; source === "ledger" && looks < 6; looks += 1) {
      await sleep(1_500);
      await service.restart();
      source = (await check(service.root, sound.token)).source;
    }
    assert.equal(source, "replica");
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

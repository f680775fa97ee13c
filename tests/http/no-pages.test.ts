// The link page where its static files cannot be read.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startWorker } from "../support/worker.ts";
import { check, mint, newUser } from "./kit/actions.ts";
import { open, post } from "./kit/link.ts";
import { Service } from "./kit/service.ts";

const service = new Service(await startWorker({ assets: false }));
const { root } = service;
after(() => service.stop());

test("a_page_that_cannot_be_read_is_not_there_for_now", async () => {
  const { token } = await mint(root, await newUser(root));
  const page = await open(root, token);
  assert.deepEqual([page.status, page.headers.get("retry-after")], [503, "1"]);
  assert.match(page.text, /Reload this page/);
  assert.equal((await check(root, token)).status, "valid");
});

test("what_was_answered_is_done_all_the_same_and_only_once", async () => {
  const { token } = await mint(root, await newUser(root));
  const form = { token, consent: "approve", page: "0b0e5c1e-7a3c-4a52-9d4f-0a4b5b1c2d3e" };
  for (const answer of [await post(root, form), await post(root, form)]) {
    assert.equal(answer.status, 503);
  }
  assert.equal((await check(root, token)).status, "consumed");
});

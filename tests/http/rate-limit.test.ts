// Too many requests of one principal are refused, in the words of its dialect, and nobody else feels it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { asUser, newUser } from "./kit/actions.ts";
import { userPath, type Answer, type Api } from "./kit/api.ts";
import { serve } from "./kit/service.ts";
import type { Problem } from "./kit/shapes.ts";
import { times } from "./kit/wait.ts";

const LIMIT = 5;
const PERIOD_S = 10;

const service = await serve({ rateLimit: LIMIT });
after(() => service.stop());
const { root } = service;

let one: string;
let other: string;
let apis: [Api, Api];

before(async () => {
  // Four requests of root, out of five: it makes them all.
  [one, other] = [await newUser(root), await newUser(root)];
  apis = [await asUser(root, one), await asUser(root, other)];
});

test("too_many_requests_are_refused_until_later", async () => {
  const [api] = apis;
  const answers = await Promise.all(
    times(LIMIT * 3, () => api.send<Problem>("GET", userPath(one))),
  );
  const done = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 429);
  // The window may turn over once while they come in.
  assert.ok(done.length >= LIMIT && done.length <= 2 * LIMIT, `${done.length} were let through`);
  assert.equal(done.length + refused.length, answers.length);
  for (const answer of refused) {
    saysWhen(answer);
    assert.equal(answer.body.code, "rate_limited");
  }
});

test("partoos_clients_are_refused_in_partoos_words", async () => {
  const [api] = apis;
  const path = `/v2/connection/check_token?user_id=${one}&token=x`;
  const answers = await Promise.all(times(LIMIT * 3, () => api.partoo().send("GET", path)));
  const refused = answers.filter(({ status }) => status === 429);
  assert.ok(refused.length >= LIMIT);
  for (const answer of refused) {
    saysWhen(answer);
    assert.deepEqual(answer.body, { errors: { json: "Too many requests" } });
  }
});

test("another_principal_does_not_feel_it", async () => {
  const [, api] = apis;
  await api.get(userPath(other));
  await api.partoo().get(`/connection/check_token?user_id=${other}&token=x`, 404);
});

test("the_health_of_the_service_can_always_be_asked", async () => {
  for (const answer of await Promise.all(
    times(LIMIT * 3, () => root.as(undefined).send("GET", "/healthz")),
  )) {
    assert.equal(answer.status, 200);
  }
});

function saysWhen({ headers }: Answer<unknown>): void {
  const seconds = Number(headers.get("retry-after"));
  assert.ok(
    Number.isInteger(seconds) && seconds >= 1 && seconds <= 6 * PERIOD_S,
    `after ${seconds} s`,
  );
}

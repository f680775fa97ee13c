// Every caller makes every call: done or refused exactly as the table has it, and a refusal tells nothing.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { newUser } from "./kit/actions.ts";
import type { Answer } from "./kit/api.ts";
import { documented, paths } from "./kit/description.ts";
import { newApp, type Client } from "./kit/grants.ts";
import {
  CALLERS,
  ROWS,
  TOLD,
  anonymous,
  type Caller,
  type Expected,
  type Row,
} from "./kit/matrix.ts";
import { bare, call, newKeys, type Keys } from "./kit/matrix-callers.ts";
import { Absent, Held, type Things } from "./kit/matrix-things.ts";
import { serve } from "./kit/service.ts";

const project = `project-test-${randomUUID()}`;
const service = await serve({ vars: { PROJECT_ID: project } });
after(() => service.stop());
const { root } = service;

let user: string;
let keys: Keys;
let otherApp: Client;

before(async () => {
  user = await newUser(root, { role: "member", groups: ["paris"] });
  keys = await newKeys(root, service.secrets.rootKey, user);
  otherApp = await newApp(root);
});

/** The callers of a row: all that come with the same kind of credential are to be refused in the same words. */
const DEAD_KEYS: readonly Caller[] = ["a forged key", "an expired key", "a revoked key"];

test("the_table_has_every_call_of_the_description_and_no_other", () => {
  const described = Object.keys(paths).flatMap((template) =>
    documented(template).map((method) => anonymous(`${method} ${template}`)),
  );
  const tabled = ROWS.map((row) => anonymous(row.call));
  assert.deepEqual(tabled.toSorted(), described.toSorted());
});

for (const row of ROWS) {
  test(`each_caller_is_answered_as_the_table_has_it: ${row.call}`, async () => {
    const app = await newApp(root);
    const seen: Expected[] = [];
    const wrong: string[] = [];
    for (const [index, caller] of CALLERS.entries()) {
      const things = new Held(root, user, app, project);
      const answer = await askAs(row, caller, things);
      const outcome = outcomeOf(answer);
      seen.push(outcome);
      const expected = row.expected[index];
      if (outcome !== expected) wrong.push(`${caller}: ${outcome}, not ${expected} ${answer.text}`);
      if (!isRefusal(outcome)) continue;
      for (const name of things.names) {
        if (name === "" || name === app.app_id) continue;
        assert.ok(!answer.text.includes(name), `${caller} is told a name: ${answer.text}`);
      }
      assert.ok(await things.isUntouched(), `${caller} was refused, and it was done`);
    }
    assert.deepEqual(seen, row.expected, wrong.join("\n"));
  });

  test(`a_refusal_does_not_tell_what_is_there: ${row.call}`, async () => {
    const app = await newApp(root);
    for (const [index, caller] of CALLERS.entries()) {
      const expected = row.expected[index] ?? 0;
      if (!isRefusal(expected) || isTold(row, caller)) continue;
      const held = new Held(root, user, app, project);
      const known = await askAs(row, caller, held);
      const unknown = await askAs(row, caller, new Absent(held), app);
      assert.equal(unknown.status, known.status, `${caller}: ${unknown.text}`);
      assert.deepEqual(bare(unknown), bare(known), caller);
      const challenge = (answer: Answer<unknown>): string | null =>
        answer.headers.get("www-authenticate");
      assert.equal(challenge(unknown), challenge(known), caller);
    }
    const absent = new Absent(new Held(root, user, app, project));
    const told = await askAs(row, "root", absent, app);
    assert.equal(outcomeOf(told), row.absent, `root: ${told.text}`);
  });

  test(`dead_keys_of_all_kinds_read_the_same: ${row.call}`, async () => {
    const app = await newApp(root);
    const bodies: unknown[] = [];
    for (const caller of DEAD_KEYS) {
      const answer = await askAs(row, caller, new Held(root, user, app, project));
      bodies.push([answer.status, answer.headers.get("www-authenticate"), bare(answer)]);
    }
    assert.deepEqual(bodies[1], bodies[0]);
    assert.deepEqual(bodies[2], bodies[0]);
  });
}

/** Asks as the caller. The app's own client stays what it is, also where the app that the call names is not there. */
async function askAs(
  row: Row,
  caller: Caller,
  things: Things,
  own: Client = things.app,
): Promise<Answer<unknown>> {
  const asked = await row.ask(things);
  if (caller === "nobody") return call(root, row, asked, things, undefined);
  if (caller === "another app's client") {
    return call(root, row, asked, things, { client: otherApp, accessToken: "" });
  }
  if (caller === "the app's own client") {
    const accessToken = row.scheme === "access token" ? await things.accessToken() : "";
    return call(root, row, asked, things, { client: own, accessToken });
  }
  return call(root, row, asked, things, { key: keys[caller] ?? "" });
}

/** The status; and of an answer that says no more than that a token is not active, just that. */
function outcomeOf({ status, body }: Answer<unknown>): Expected {
  const { active } = (body ?? {}) as { active?: boolean };
  return status === 200 && active === false ? "inactive" : status;
}

function isRefusal(outcome: Expected): boolean {
  return outcome === "inactive" || outcome >= 400;
}

function isTold({ call }: Row, caller: Caller): boolean {
  return TOLD.some(([calls, who]) => calls.test(call) && who === caller);
}

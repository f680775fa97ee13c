// A deployment that lacks a secret answers 503 to everything, and says which one.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newUser } from "./kit/actions.ts";
import { PREVIOUS, ROOT_KEY, SECRET, newSecret, serve } from "./kit/service.ts";
import type { PartooErrors, Problem } from "./kit/shapes.ts";

interface Health {
  code: string;
  missing: string[];
}

const SHORT = Buffer.alloc(31, 7).toString("base64");

const CASES: [string, Record<string, string | undefined>, string[]][] = [
  ["no secret", { [SECRET]: undefined }, [SECRET]],
  ["no root key", { [ROOT_KEY]: undefined }, [ROOT_KEY]],
  ["neither", { [SECRET]: undefined, [ROOT_KEY]: undefined }, [SECRET, ROOT_KEY]],
  ["an empty secret", { [SECRET]: "" }, [SECRET]],
  ["an empty root key", { [ROOT_KEY]: "" }, [ROOT_KEY]],
  ["a secret that is not base64", { [SECRET]: "not base64! ".repeat(5) }, [SECRET]],
  ["a secret that is too short", { [SECRET]: SHORT }, [SECRET]],
  ["an earlier secret that is not base64", { [PREVIOUS]: `${newSecret()},*` }, [PREVIOUS]],
  ["an earlier secret that is too short", { [PREVIOUS]: SHORT }, [PREVIOUS]],
];

test("a_deployment_without_its_secrets_says_which_it_lacks", async (t) => {
  const service = await serve();
  try {
    const user = await newUser(service.root);
    const { secret, rootKey } = service.secrets;
    const good = { [SECRET]: secret, [ROOT_KEY]: rootKey, [PREVIOUS]: undefined };
    for (const [name, vars, missing] of CASES) {
      await t.test(name, async () => {
        await service.restart({ ...good, ...vars });
        const health = await service.root.as(undefined).get<Health>("/healthz", 503);
        assert.deepEqual([health.body.code, health.body.missing], ["misconfigured", missing]);

        for (const [method, path, json] of [
          ["POST", "/v1/tokens", { user_id: user }],
          ["POST", "/v1/tokens/check", { token: "x" }],
          ["GET", `/v1/users/${user}`, undefined],
        ] as const) {
          const { status, body, text } = await service.root.send<Problem>(
            method,
            path,
            json ? { json } : {},
          );
          assert.deepEqual([status, body.code], [503, "misconfigured"]);
          for (const one of missing) assert.ok(body.detail.includes(one), body.detail);
          showsNothing(text, vars);
        }

        const generate = "/v2/connection/generate_token";
        const partoo = await service.root
          .partoo()
          .post<PartooErrors>(generate, { user_id: user }, 503);
        for (const one of missing) assert.ok(String(partoo.body.errors.json).includes(one));
        showsNothing(partoo.text, vars);
      });
    }

    await t.test("an empty list of earlier secrets is none", async () => {
      await service.restart({ ...good, [PREVIOUS]: "" });
      await service.root.get("/healthz");
      await service.root.get(`/v1/users/${user}`);
    });
  } finally {
    await service.stop();
  }
});

function showsNothing(text: string, vars: Record<string, string | undefined>): void {
  for (const value of Object.values(vars)) {
    assert.ok(
      value === undefined || value.length < 8 || !text.includes(value),
      "it shows a secret",
    );
  }
}

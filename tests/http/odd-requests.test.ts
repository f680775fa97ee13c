// Every call, sent what nobody would send: each answer is one that the description has, and none is a defect.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { mint, newUser } from "./kit/actions.ts";
import { Api, userPath } from "./kit/api.ts";
import { connect, issue, newApp } from "./kit/connections.ts";
import { STATIC, documented, paths } from "./kit/description.ts";
import { serve } from "./kit/service.ts";

const service = await serve();
after(() => service.stop());
const { root } = service;

const FORM = "application/x-www-form-urlencoded";

/** What stands for the parameters of a path where it is to be found. */
const known: Record<string, string> = {};
/** Texts that mean something here, and texts that mean nothing. */
let texts: string[];
let apis: Api[];

before(async () => {
  const user = await newUser(root, { external_id: `crm|${randomUUID()}` });
  const app = await newApp(root, { scopes: ["a", "b"] });
  const open = await newApp(root, { client_type: "public" });
  const { id } = await connect(root, user, app.app_id);
  const issued = await issue(root, id);
  const { token, token_id } = await mint(root, user, { app_id: app.app_id });
  Object.assign(known, {
    "{user_id}": user,
    "{app_id}": app.app_id,
    "{connected_app_id}": app.app_id,
    "{connection_id}": id,
    "{project_id}": service.projectId,
  });
  const { client_secret = "" } = app;
  const { access_token, refresh_token = "" } = issued;
  const handles = [token, token_id, id, access_token, refresh_token, client_secret];
  texts = [
    user,
    app.app_id,
    open.app_id,
    ...handles,
    "authorization_code",
    "refresh_token",
    ...ODD,
  ];
  const basic = (name: string, password: string): Record<string, string> => ({
    authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`,
  });
  const schemes: Record<string, string>[] = [
    basic(service.projectId, service.secrets.rootKey),
    basic(app.app_id, client_secret),
    basic(app.app_id, "wrong"),
    basic(open.app_id, ""),
    { authorization: "Basic ***" },
    { authorization: `Bearer ${access_token}` },
  ];
  apis = [
    root,
    root.as(undefined),
    ...schemes.map((headers) => new Api(service, "", () => headers)),
  ];
});

const ODD = ["", " ", "\u0000", "ü☎😀", "a b", "x".repeat(200), "../..", "null", "-1", "*", "%"];
const VALUES = [null, true, 0, -1, 1.5, 1e300, [], {}, ["a"], [1], { a: 1 }];
const FIELDS = [
  ..."user_id app_id token tokens token_id scope ttl reason metadata redirect_uri kinds".split(" "),
  ..."grant_type code refresh_token client_id client_secret code_verifier name".split(" "),
];

/** A number below `n`, and the same ones every time. */
function dice(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

for (const [index, template] of Object.keys(paths).entries()) {
  if (STATIC.has(template)) continue;
  for (const method of documented(template)) {
    test(`${method} ${template} answers as it is described, whatever comes`, async () => {
      const roll = dice(index + 1);
      const pick = <T>(list: readonly T[]): T => list[roll(list.length)] as T;
      for (let round = 0; round < 60; round += 1) {
        const isOdd = roll(4) === 0;
        const target = template.replace(/\{[^}]+\}/g, (name) =>
          encodeURIComponent(isOdd ? pick(texts) || "x" : (known[name] ?? "x")),
        );
        const fields = Array.from({ length: roll(5) }, () => [
          pick(FIELDS),
          roll(4) === 0 ? pick(VALUES) : pick(texts),
        ]);
        const isForm = roll(2) === 0;
        const form = new URLSearchParams(
          fields.map(([name, value]) => [String(name), String(value)]),
        );
        const body = isForm ? form.toString() : JSON.stringify(Object.fromEntries(fields));
        const type = roll(5) === 0 ? "text/plain" : isForm ? FORM : "application/json";
        const headers = {
          ...(method === "GET" ? {} : { "content-type": type }),
          ...(roll(6) === 0
            ? { "idempotency-key": pick(["k", "two words", "x".repeat(256)]) }
            : {}),
        };
        const query = roll(5) === 0 ? `?${form}` : "";
        const options = method === "GET" ? { headers } : { body, headers };
        const { status } = await pick(apis).send(method, `${target}${query}`, options);
        assert.ok(status < 500, `${status}`);
      }
      // Whatever that has done, what it was done to is still there.
      await root.get(userPath(known["{user_id}"] ?? ""));
    });
  }
}

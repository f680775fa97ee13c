// Sign-in codes and the script that prints links with them.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, test } from "node:test";
import { promisify } from "node:util";

import { signInCode } from "./kit/actions.ts";
import type { Api } from "./kit/api.ts";
import { serve } from "./kit/service.ts";
import { times } from "./kit/wait.ts";

interface Session {
  session_key: string;
  expires_at: string;
}

const service = await serve();
after(() => service.stop());
const nobody = service.root.as(undefined);

const trade = (code: string, status = 201) =>
  nobody.post<Session>("/v1/sessions", { code }, status);

const readsProviders = async (api: Api): Promise<number> =>
  (await api.send("GET", "/v1/providers")).status;

test("of_16_concurrent_trades_of_a_code_exactly_one_wins", async () => {
  const code = await signInCode(service);
  const answers = await Promise.all(
    times(16, () => nobody.send("POST", "/v1/sessions", { json: { code } })),
  );
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [201, ...times(15, () => 403)]);
});

test("a_used_code_stays_used_after_a_restart_and_its_session_lasts", async () => {
  const code = await signInCode(service);
  const { body } = await trade(code);
  assert.match(body.session_key, /^hsk_[0-9a-f]{64}$/);
  await service.restart();
  await trade(code, 403);
  assert.equal(await readsProviders(service.root.as(body.session_key)), 200);
});

test("neither_code_nor_session_key_is_logged", async () => {
  const code = await signInCode(service);
  const { body } = await trade(code);
  await readsProviders(service.root.as(body.session_key));
  const logs = service.logs().join("\n");
  assert.ok(!logs.includes(code) && !logs.includes(body.session_key));
});

test("a_new_root_key_ends_codes_and_sessions", async () => {
  const code = await signInCode(service);
  const { body } = await trade(await signInCode(service));
  const { rootKey } = service.secrets;
  await service.restart({ HOOKSWITCH_ROOT_KEY: `${rootKey}-and-more` });
  await trade(code, 403);
  assert.equal(await readsProviders(service.root.as(body.session_key)), 401);
  await service.restart({ HOOKSWITCH_ROOT_KEY: rootKey });
});

test("the_script_prints_links_that_sign_in_and_never_the_root_key", async () => {
  const { rootKey } = service.secrets;
  const run = (key: string) =>
    promisify(execFile)("node", ["scripts/sign-in.mjs", `${service.url}/`], {
      env: { ...process.env, HOOKSWITCH_ROOT_KEY: key },
    });
  const { stdout, stderr } = await run(rootKey);
  const links = stdout.match(/http\S+/g) ?? [];
  assert.deepEqual(
    links.map((link) => link.replace(/hsc_[0-9a-f]{64}$/, "…")),
    [`${service.url}/#code=…`, `${service.url}/demo#code=…`],
  );
  assert.ok(!(stdout + stderr).includes(rootKey));
  for (const link of links) await trade(link.split("#code=")[1] ?? "");
  await assert.rejects(run("another-key"), /does not accept the root key/);
});

// The program `hookswitch` of the packed package, against the Worker.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import { startWorker, type RunningWorker } from "../support/worker.ts";
import { Consumer, projectBin } from "./kit/installed.ts";

let consumer: Consumer;
let worker: RunningWorker;

before(async () => {
  consumer = await Consumer.create();
  worker = await startWorker({ assets: false });
  assert.equal((await api("PUT", "/v1/users/ada", {})).status, 200);
  await api("PUT", "/v1/apps/crm", { name: "Acme CRM", scopes: ["read"] });
});
after(async () => {
  await worker?.stop();
  consumer?.remove();
});

/** Calls the API as root. */
async function api(
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: Record<string, string> }> {
  const response = await fetch(`${worker.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${worker.rootKey}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  const status = response.status === 201 ? 200 : response.status;
  return { status, body: (await response.json()) as Record<string, string> };
}

interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Runs the program as `npx hookswitch` does. */
function run(
  args: string[],
  { input = "", env = {} }: { input?: string; env?: Record<string, string> } = {},
): Promise<Ran> {
  const program = consumer.path("node_modules", ".bin", "hookswitch");
  const environment = {
    PATH: process.env["PATH"],
    HOOKSWITCH_URL: worker.url,
    HOOKSWITCH_KEY: worker.rootKey,
    ...env,
  };
  return new Promise((resolve) => {
    const child = execFile(
      projectBin("node"),
      [program, ...args],
      { env: environment, timeout: 60_000 },
      (error, out, err) =>
        resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, out, err }),
    );
    child.stdin?.end(input);
  });
}

async function mint(): Promise<{ token: string; token_id: string }> {
  const { body } = await api("POST", "/v1/tokens", { user_id: "ada" });
  return body as { token: string; token_id: string };
}

test("help_names_every_command_and_exit_code", async () => {
  const { code, out } = await run(["--help"], { env: { HOOKSWITCH_URL: "", HOOKSWITCH_KEY: "" } });
  assert.equal(code, 0);
  for (const name of [
    "check",
    "mint",
    "consume",
    "revoke",
    "revoke-all",
    "users",
    "apps",
    "connections",
    "events",
    "abandoned",
    "keys",
    "webhooks",
  ]) {
    assert.match(out, new RegExp(`^  ${name}\\b`, "m"));
    assert.match((await run([name, "--help"])).out, new RegExp(`^hookswitch ${name}`));
  }
  for (const exit of [0, 3, 4, 5, 6]) assert.match(out, new RegExp(`^  ${exit}  `, "m"));
});

test("exit_code_is_that_of_the_status", async () => {
  const { token, token_id } = await mint();
  const valid = await run(["check", token_id]);
  assert.deepEqual([valid.code, /^status +valid$/m.test(valid.out)], [0, true]);
  assert.equal((await run(["check"], { input: `${token}\n` })).code, 0, "from the standard input");
  const consumed = await run(["consume", "-"], { input: token });
  assert.deepEqual([consumed.code, /^user_id +ada$/m.test(consumed.out)], [0, true]);
  const again = await run(["consume", token]);
  assert.deepEqual([again.code, /token_consumed/.test(again.err)], [3, true]);
  assert.equal((await run(["check", token])).code, 3);
  const forged = `${token.slice(0, -1)}${token.endsWith("0") ? "1" : "0"}`;
  assert.equal((await run(["check", forged])).code, 4);
  const refused = await run(["users"], { env: { HOOKSWITCH_KEY: "hak_wrong" } });
  assert.deepEqual([refused.code, /unauthenticated/.test(refused.err)], [5, true]);
  assert.equal((await run(["mint", "ada", "--ttl", "0"])).code, 5);
  const nobody = createServer();
  await new Promise<void>((resolve) => nobody.listen(0, "127.0.0.1", resolve));
  const { port } = nobody.address() as AddressInfo;
  await new Promise((resolve) => nobody.close(resolve));
  assert.equal(
    (await run(["check", token], { env: { HOOKSWITCH_URL: `http://127.0.0.1:${port}` } })).code,
    6,
  );
});

test("wrong_use_is_exit_code_2_and_sends_nothing", async () => {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const args of [
    [],
    ["nothing"],
    ["mint"],
    ["mint", "a", "b"],
    ["mint", "a", "--key", "k"],
    ["mint", "a", "--ttl", "soon"],
    ["mint", "a", "--metadata", "{"],
    ["abandoned", "retry"],
    ["users", "delete", "a"],
  ]) {
    assert.equal((await run(args, { env: { HOOKSWITCH_URL: url } })).code, 2, args.join(" "));
  }
  for (const env of [{ HOOKSWITCH_URL: "" }, { HOOKSWITCH_KEY: "" }]) {
    assert.equal((await run(["users"], { env: { HOOKSWITCH_URL: url, ...env } })).code, 2);
  }
  assert.deepEqual(asked, []);
  server.close();
});

test("minted_token_is_printed_alone_or_as_a_link_or_as_json", async () => {
  const { out } = await run(["mint", "ada", "--label", "door", "--ttl", "600"]);
  assert.match(out, /^hct_[\da-f]{48}\n$/);
  const link = await run(["mint", "ada", "--app", "crm", "--link"]);
  assert.match(link.out, new RegExp(`^${worker.url}/connect\\?token=hct_[\\da-f]{48}\\n$`));
  const json = JSON.parse(
    (await run(["mint", "ada", "--json", "--metadata", '{"a":1}'])).out,
  ) as Record<string, unknown>;
  assert.deepEqual(json["metadata"], { a: 1 });
});

test("user_is_revoked_after_a_dry_run_and_a_confirmation", async () => {
  await api("PUT", "/v1/users/grace", {});
  await api("POST", "/v1/connections", { user_id: "grace", app_id: "crm" });
  const counted = await run(["revoke-all", "grace", "--dry-run"]);
  assert.deepEqual([counted.code, /^total +1$/m.test(counted.out)], [0, true]);
  assert.equal(
    (await run(["revoke-all", "grace"])).code,
    2,
    "without a terminal, --yes is required",
  );
  const revoked = await run(["revoke-all", "grace", "--yes", "--reason", "left", "--json"]);
  assert.equal((JSON.parse(revoked.out) as { total: number }).total, 1);
  assert.match((await run(["revoke-all", "grace", "--dry-run"])).out, /^total +0$/m);
});

test("connection_is_checked_and_revoked_by_its_id", async () => {
  const { body } = await api("POST", "/v1/connections", { user_id: "ada", app_id: "crm" });
  const id = body["id"] ?? "";
  assert.equal((await run(["check", id])).code, 0);
  assert.match((await run(["revoke", id])).out, /^status +revoked$/m);
  assert.equal((await run(["check", id])).code, 3);
});

test("keys_are_created_listed_and_revoked", async () => {
  const created = await run(["keys", "create", "ada", "--label", "backend"]);
  assert.match(created.out, /^hak_[\da-f]{48}\n$/);
  assert.match(
    (await run(["whoami"], { env: { HOOKSWITCH_KEY: created.out.trim() } })).out,
    /^actor +ada$/m,
  );
  const listed = (await run(["keys", "ada", "--json"])).out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, string>);
  const key = listed.find(({ label }) => label === "backend");
  assert.equal(key?.["status"], "valid");
  assert.match((await run(["keys", "revoke", key?.["token_id"] ?? ""])).out, /^status +revoked$/m);
  assert.match((await run(["keys", "ada"])).out, /^token_id +status +label/);
});

test("lists_are_tables_or_lines_of_json", async () => {
  const until = async (args: string[], pattern: RegExp): Promise<string> => {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const { out } = await run(args);
      if (pattern.test(out)) return out;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    assert.fail(`${args.join(" ")} did not show ${pattern}`);
  };
  assert.match(await until(["users"], /^ada\b/m), /^user_id +status +role/);
  await until(["users", "--prefix", "ad"], /^ada\b/m);
  await until(["apps"], /^crm +Acme CRM/m);
  await until(["connections", "--app", "crm"], /^ca_[\da-f]+ +/m);
  const events = await until(["events", "--json", "--limit", "2"], /"type"/);
  assert.equal(events.trim().split("\n").length, 2);
  assert.match((await run(["abandoned"])).err, /There are none/);
  assert.equal((await run(["webhooks"])).code, 0);
});

test("events_are_followed_until_the_program_is_ended", async () => {
  const program = consumer.path("node_modules", ".bin", "hookswitch");
  const env = {
    PATH: process.env["PATH"],
    HOOKSWITCH_URL: worker.url,
    HOOKSWITCH_KEY: worker.rootKey,
  };
  const child = spawn(
    projectBin("node"),
    [program, "events", "--follow", "--json", "--type", "user.created"],
    { env },
  );
  let out = "";
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  try {
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await api("PUT", "/v1/users/new-one", {});
    for (let attempt = 0; attempt < 30 && !out.includes("new-one"); attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    assert.equal(out.split("\n").filter((line) => line.includes('"new-one"')).length, 1);
  } finally {
    child.kill();
  }
});

test("texts_of_others_do_not_reach_the_terminal_as_commands", async () => {
  await api("PUT", "/v1/apps/odd", { name: "Odd \u001b[31mred" });
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const { out } = await run(["apps"]);
    assert.ok(!out.includes("\u001b"));
    if (/^odd\b/m.test(out)) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
});

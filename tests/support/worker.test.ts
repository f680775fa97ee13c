import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createClient } from "./client.ts";
import { isAlive } from "./process.ts";
import { startWorker, type StartOptions } from "./worker.ts";

const build = fileURLToPath(new URL("fixture", import.meta.url));
const start = (options: StartOptions = {}) => startWorker({ build, assets: false, ...options });

describe("a worker under test", () => {
  test("keeps across a SIGKILL every row that it acknowledged", async () => {
    await using worker = await start();
    const call = createClient(worker);
    const writes = 25;
    for (let i = 0; i < writes; i++) {
      assert.equal((await call("POST", "/ledger/write")).status, 200);
    }
    const { pid, url } = worker;

    await worker.kill();
    assert.equal(isAlive(pid), false);
    await worker.restart();

    assert.notEqual(worker.pid, pid);
    assert.equal(worker.url, url);
    assert.deepEqual((await call("GET", "/ledger/read")).body, { rows: writes });
  });

  test("keeps its folder where the caller named it, and deletes its own", async () => {
    const persist = mkdtempSync(path.join(os.tmpdir(), "hookswitch-test-"));
    try {
      const first = await start({ persist });
      await createClient(first)("POST", "/ledger/write");
      await first.stop();

      const second = await start({ persist });
      assert.deepEqual((await createClient(second)("GET", "/ledger/read")).body, { rows: 1 });
      await second.stop();
      assert.ok(existsSync(persist));
    } finally {
      rmSync(persist, { recursive: true });
    }
    const third = await start();
    await third.stop();
    assert.equal(existsSync(third.persistPath), false);
  });

  test("starts beside others, each with its own runtime", async () => {
    const workers = await Promise.all([start(), start(), start()]);
    try {
      assert.equal(new Set(workers.map((worker) => worker.pid)).size, 3);
      assert.equal(new Set(workers.map((worker) => worker.url)).size, 3);
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()));
    }
  });

  test("has the variables given, and others after a restart", async () => {
    await using worker = await start({ vars: { A: "1", B: "2", HOOKSWITCH_SECRET: undefined } });
    const call = createClient(worker);
    const read = async (name: string) => (await call("GET", `/var/${name}`)).text;
    assert.equal(await read("A"), "1");
    assert.equal(await read("HOOKSWITCH_SECRET"), "undefined");
    assert.equal(await read("HOOKSWITCH_ROOT_KEY"), worker.rootKey);

    await worker.restart({ A: "3", B: undefined });
    assert.equal(await read("A"), "3");
    assert.equal(await read("B"), "undefined");
    assert.equal(await read("HOOKSWITCH_ROOT_KEY"), worker.rootKey);
  });

  test("counts what a request costs", async () => {
    await using worker = await start();
    const call = createClient(worker);
    const cost = async (url: string) => (await call("GET", url)).cost;
    assert.deepEqual(await cost("/none"), { kvReads: 0, kvWrites: 0, ledgerCalls: 0 });
    assert.deepEqual(await cost("/kv/a"), { kvReads: 1, kvWrites: 0, ledgerCalls: 0 });
    assert.deepEqual(await cost("/store/a"), { kvReads: 0, kvWrites: 1, ledgerCalls: 0 });
    assert.deepEqual(await cost("/ledger/read"), { kvReads: 0, kvWrites: 0, ledgerCalls: 1 });
  });

  test("reports how many rows a request wrote", async () => {
    await using worker = await start();
    const call = createClient(worker);
    const rows = async (url: string) =>
      Number((await call("GET", url)).headers.get("x-test-rows-written"));
    assert.equal(await rows("/none"), 0);
    assert.equal(await rows("/ledger/write"), 1);
    assert.equal(await rows("/ledger/read"), 0);
    assert.equal(await rows("/ledger/write"), 1, "each request by itself");
  });

  test("passes on the answer of a ledger that another ledger calls", async () => {
    await using worker = await start();
    const answer = await createClient(worker)("GET", "/ledger/relay");
    assert.deepEqual(answer.body, { rows: 1 });
    assert.equal(answer.cost.ledgerCalls, 1, "calls of ledgers are not calls of the request");
  });

  test("breaks what a request asks to be broken, and nothing else", async () => {
    await using worker = await start();
    const call = createClient(worker);
    const broken = (fault: string, url: string) =>
      call("GET", url, { headers: { "x-test-fault": fault } });

    assert.equal((await broken("kv", "/kv/a")).status, 503);
    assert.equal((await broken("kv", "/ledger/write")).status, 200);
    const before = await broken("ledger", "/ledger/write");
    assert.equal(before.status, 503);
    assert.equal(before.headers.get("retryable"), "true");
    assert.equal((await broken("ledger-lost", "/ledger/write")).status, 503);

    const { body } = await call("GET", "/ledger/read");
    assert.deepEqual(body, { rows: 2 }, "the one answered and the one whose answer was lost");
  });

  test("makes a call of a ledger at once whose answer it delays", async () => {
    await using worker = await start();
    const call = createClient(worker);
    const began = Date.now();
    let isAnswered = false;
    const slow = call("GET", "/ledger/write", { headers: { "x-test-fault": "ledger-late" } });
    void slow.then(() => (isAnswered = true));
    for (let rows = 0; rows === 0;) rows = (await call("GET", "/ledger/read")).body.rows;
    assert.equal(isAnswered, false, "the row is there before the answer is");

    assert.equal((await slow).status, 200);
    assert.ok(Date.now() - began >= 490);
  });

  test("takes KV away from the Worker and from its ledgers", async () => {
    await using worker = await start();
    const call = createClient(worker);
    await worker.setKvOutage(true);
    assert.equal((await call("GET", "/kv/record")).status, 503);
    assert.equal((await call("GET", "/ledger/record")).status, 503);

    await worker.setKvOutage(false);
    assert.equal((await call("GET", "/ledger/record")).status, 200);
    assert.equal((await call("GET", "/kv/record")).text, "from the ledger");
  });

  test("stands alone when no faults are wanted", async () => {
    await using worker = await start({ faults: false });
    const answer = await createClient(worker)("GET", "/kv/a", {
      headers: { "x-test-fault": "kv" },
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("x-test-kv-reads"), null);
  });

  test("lets a WebSocket of a ledger through", async () => {
    await using worker = await start();
    const socket = new WebSocket(`${worker.url.replace("http", "ws")}/live`);
    const heard: string[] = [];
    await new Promise<void>((resolve, reject) => {
      socket.onerror = () => reject(new Error("the socket failed"));
      socket.onmessage = ({ data }) => {
        heard.push(String(data));
        if (heard.length === 1) socket.send("second");
        else resolve();
      };
    });
    socket.close();
    assert.deepEqual(heard, ["first", "heard second"]);
  });

  test("limits requests as configured", async () => {
    await using worker = await start({ rateLimit: { limit: 2, period: 60 } });
    const call = createClient(worker);
    const allowed: boolean[] = [];
    for (let i = 0; i < 3; i++) allowed.push((await call("GET", "/limit/x")).body.success);
    assert.deepEqual(allowed, [true, true, false]);
  });

  test("reaches this machine and nothing else", async () => {
    await using worker = await start();
    const call = createClient(worker);
    const server = http.createServer((_request, response) => response.end("here"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;

    assert.equal((await call("GET", `/reach/127.0.0.1%3A${port}`)).text, "here");
    assert.equal((await call("GET", "/reach/10.1.2.3")).status, 503);
    server.close();
  });

  test("returns the log", async () => {
    await using worker = await start();
    await createClient(worker)("GET", "/say/something");
    for (let i = 0; i < 100 && worker.logs().length === 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.ok(worker.logs().includes("said something"));
  });
});

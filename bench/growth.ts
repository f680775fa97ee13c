// Growth: what calls cost in a ledger with few and with many tokens or connections.

import { rmSync } from "node:fs";
import { startWorker } from "../tests/support/worker.ts";
import { inParallel, send, sendAll, type Call } from "./load.ts";
import { median, table } from "./report.ts";
import { newFolder } from "./targets.ts";

const SIZES = [1, 1_000, 100_000];
const CONNECTIONS = 10_000;
const SAMPLES = 300;
const LANES = 16;

/** Measures checks and revocations in ledgers of different sizes, and calls of connections in a large one. */
export async function measureGrowth(connections: number): Promise<string> {
  const persist = newFolder();
  const worker = await startWorker({ assets: false, faults: false, persist, rateLimit: "none" });
  const headers = { authorization: `Bearer ${worker.rootKey}`, "content-type": "application/json" };
  const call = (method: Call["method"], path: string, body?: object): Call => ({
    method,
    path,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const read = async (request: Call): Promise<Record<string, string>> =>
    JSON.parse((await send(worker.url, request)).text) as Record<string, string>;
  const mint = async (user: string, count: number): Promise<string[]> =>
    inParallel(
      Array.from({ length: count }),
      LANES,
      async () => (await read(call("POST", "/v1/tokens", { user_id: user }))).token ?? "",
    );
  const time = async (calls: readonly Call[]): Promise<number> =>
    (await sendAll({ url: worker.url, calls, status: 200, connections })).p50;
  try {
    const rows: Record<string, string>[] = [];
    for (const size of SIZES) {
      const user = `grown-${size}`;
      await read(call("PUT", `/v1/users/${user}`, {}));
      await mint(user, size);
      const [checks, revokes]: [number[], number[]] = [[], []];
      for (let round = 0; round < 3; round += 1) {
        const tokens = await mint(user, SAMPLES);
        checks.push(await time(tokens.map((token) => call("POST", "/v1/tokens/check", { token }))));
        revokes.push(
          await time(tokens.map((token) => call("POST", "/v1/tokens/revoke", { token }))),
        );
      }
      rows.push({
        "Tokens in the ledger": String(size),
        "Check, p50 (ms)": median(checks).toFixed(2),
        "Revoke, p50 (ms)": median(revokes).toFixed(2),
      });
    }
    const user = "connected";
    await read(call("PUT", `/v1/users/${user}`, {}));
    await read(call("PUT", "/v1/apps/app-1", { name: "App", scopes: "read" }));
    const create = call("POST", "/v1/connections", { user_id: user, app_id: "app-1" });
    const few = await inParallel(Array.from({ length: SAMPLES }), LANES, () => read(create));
    const list = call("GET", `/v1/users/${user}/connections`);
    const cost = async (ids: readonly string[]): Promise<Record<string, string>> => ({
      "List, p50 (ms)": (await time(Array.from({ length: SAMPLES }, () => list))).toFixed(2),
      "Revoke, p50 (ms)": (
        await time(ids.map((id) => call("POST", `/v1/connections/${id}/revoke`, {})))
      ).toFixed(2),
    });
    const idsOf = (created: readonly Record<string, string>[]): string[] =>
      created.map(({ connection_id }) => connection_id ?? "");
    const small = await cost(idsOf(few));
    const many = await inParallel(Array.from({ length: CONNECTIONS }), LANES, () => read(create));
    const large = await cost(idsOf(many.slice(0, SAMPLES)));
    return `${table(rows)}\n\n${table([
      { "Connections of the user": String(SAMPLES), ...small },
      { "Connections of the user": String(SAMPLES + CONNECTIONS), ...large },
    ])}`;
  } finally {
    await worker.stop();
    rmSync(persist, { recursive: true, force: true });
  }
}

// Following a ticket outside of a page, Node and workerd, and until the ticket itself ends: all with a real deployment.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { Miniflare } from "miniflare";

import type { Follower } from "../../www/client/index.ts";
import type * as Package from "../../www/package/index.ts";
import { newUser } from "../http/kit/actions.ts";
import { disable, newConnection, revokeConnection } from "../http/kit/connections.ts";
import { serve, type Service } from "../http/kit/service.ts";
import { ticketFor } from "../http/kit/status.ts";
import { untilTrue } from "../http/kit/wait.ts";
import { config } from "../support/config.ts";

const PACKAGE = path.resolve("build", "package");

/** The shortest life of a ticket, in seconds. */
const SHORTEST = 60;

let service: Service;
let follow: typeof Package.follow;

before(async () => {
  service = await serve();
  const entry = pathToFileURL(path.join(PACKAGE, "node.js")).href;
  ({ follow } = (await import(entry)) as typeof Package);
});
after(() => service?.stop());

async function active(ttl?: number): Promise<{ id: string; ticket: string }> {
  const { id } = await newConnection(service.root, await newUser(service.root));
  return { id, ticket: await ticketFor(service.root, { connection_id: id }, ttl) };
}

const untilIs = (follower: Follower, status: string, state: string, deadline?: number) =>
  untilTrue(
    `${status} ${state}`,
    async () => follower.status?.status === status && follower.state === state,
    deadline,
  );

test("a_program_in_node_follows_as_a_page_does", async () => {
  const { id, ticket } = await active();
  const follower = follow({ ticket, server: service.url });
  await untilIs(follower, "active", "live");
  await revokeConnection(service.root, id);
  await untilIs(follower, "revoked", "ended", 2_000);
});

test("a_program_in_workerd_follows_as_a_page_does", async () => {
  const program = `
    import { follow } from "./workerd.js";
    export default {
      async fetch(request) {
        const { ticket, server, polls } = await request.json();
        const follower = follow({ ticket, server }, polls ? { WebSocket: undefined } : {});
        const told = [];
        follower.addEventListener("state", ({ state }) => told.push(state));
        await new Promise((resolve) => follower.addEventListener("state", ({ state }) => {
          if (["live", "polling", "ended"].includes(state)) resolve();
        }));
        follower.close();
        return Response.json({ told, status: follower.status?.status });
      },
    };`;
  const shared =
    readFileSync(path.join(PACKAGE, "workerd.js"), "utf8").match(/shared-\w+\.js/g) ?? [];
  const files = ["workerd.js", ...new Set(shared)];
  const worker = new Miniflare({
    modulesRoot: "/",
    modules: [
      { type: "ESModule", path: "/program.mjs", contents: program },
      ...files.map((name) => ({
        type: "ESModule" as const,
        path: `/${name}`,
        contents: readFileSync(path.join(PACKAGE, name), "utf8"),
      })),
      {
        type: "CompiledWasm",
        path: "/hookswitch.wasm",
        contents: readFileSync(path.join(PACKAGE, "hookswitch.wasm")),
      },
    ],
    compatibilityDate: config.compatibility_date,
    outboundService: { network: { allow: ["local"] } },
    telemetry: { enabled: false },
    cf: false,
  } as ConstructorParameters<typeof Miniflare>[0]);
  try {
    const { ticket } = await active();
    for (const [polls, state] of [
      [false, "live"],
      [true, "polling"],
    ] as const) {
      const answer = await worker.dispatchFetch("http://program.example/", {
        method: "POST",
        body: JSON.stringify({ ticket, server: service.url, polls }),
      });
      assert.deepEqual(await answer.json(), { told: [state, "closed"], status: "active" });
    }
  } finally {
    await worker.dispose();
  }
});

test("a_ticket_that_ends_is_renewed_or_told", { timeout: 2 * SHORTEST * 1_000 }, async () => {
  const { id, ticket } = await active(SHORTEST);
  let renewals = 0;
  const renewed = follow({
    ticket,
    server: service.url,
    renew: () => {
      renewals += 1;
      return ticketFor(service.root, { connection_id: id });
    },
  });
  const told: string[] = [];
  const others = [{}, { WebSocket: undefined }].map((world) => {
    const follower = follow({ ticket, server: service.url }, world);
    follower.addEventListener("error", ({ code, final }) => told.push(`${code} ${final}`));
    return follower;
  });
  await untilIs(renewed, "active", "live");
  // One is told by the end of its socket, the other one by a poll.
  const deadline = (SHORTEST + 20) * 1_000;
  await untilTrue("ended", async () => others.every(({ state }) => state === "ended"), deadline);
  assert.deepEqual(told, ["ticket_expired true", "ticket_expired true"]);
  assert.ok(others.every(({ stale, status }) => stale && status?.status === "active"));

  await untilTrue("renewed", async () => renewals === 1 && renewed.state === "live");
  await disable(service.root, id);
  await untilIs(renewed, "inactive", "live", 2_000);
  renewed.close();
  assert.ok(!service.logs().some((line) => line.includes(ticket)));
});

// The package in Node, as an ES module.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";

import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import webpack from "webpack";

import { expected, PROBE_FILE, vectors, VECTORS_FILE } from "./kit/answers.ts";
import { Consumer, projectBin, run } from "./kit/installed.ts";

let consumer: Consumer;
before(async () => {
  consumer = await Consumer.create();
});
after(() => consumer?.remove());

/** Runs a program of the consumer's and reads what it writes. */
async function said(program: string, ...args: string[]): Promise<unknown> {
  const file = consumer.write("main.js", program);
  return JSON.parse(await consumer.run(projectBin("node"), [file, ...args]));
}

test("node_imports_it_and_gets_the_known_answers", async () => {
  consumer.copy(PROBE_FILE, "probe.js");
  consumer.copy(VECTORS_FILE, "page.json");
  const found = await said(`
    import { mkdtempSync, readFileSync, rmSync } from "node:fs";
    import { probe } from "./probe.js";
    console.log(JSON.stringify(probe(JSON.parse(readFileSync("page.json", "utf8")))));
  `);
  assert.deepEqual(found, expected);
});

test("a_program_of_older_ways_may_require_it", async () => {
  const found = await said(`
    import { createRequire } from "node:module";
    const { handleKind } = createRequire(import.meta.url)("hookswitch");
    console.log(JSON.stringify(handleKind("ca_" + "0".repeat(48))));
  `);
  assert.equal(found, "connection_id");
});

test("a_page_that_is_rendered_in_node_may_import_the_element", async () => {
  const found = await said(`
    import * as element from "hookswitch/element";
    console.log(JSON.stringify([Object.keys(element), typeof globalThis.customElements]));
  `);
  assert.deepEqual(found, [["HookswitchStatus"], "undefined"]);
});

test("the_readme_says_what_comes_of_its_first_program", async () => {
  const readme = readFileSync(path.join(consumer.installed, "README.md"), "utf8");
  const program = /```js\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const promised = [...program.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(
    ([, line]) => line,
  );
  assert.equal(promised.length, 7);
  const file = consumer.write("readme.js", program);
  const written = await consumer.run(projectBin("node"), [file]);
  assert.deepEqual(written.trimEnd().split("\n"), promised);
});

test("node_finds_the_wasm_and_the_manifests_by_their_subpaths", async () => {
  const found = await said(`
    import { mkdtempSync, readFileSync, rmSync } from "node:fs";
    import { fileURLToPath } from "node:url";
    import manifest from "hookswitch/package.json" with { type: "json" };
    import elements from "hookswitch/custom-elements.json" with { type: "json" };
    const wasm = readFileSync(fileURLToPath(import.meta.resolve("hookswitch/hookswitch.wasm")));
    console.log(JSON.stringify([manifest.name, elements.schemaVersion !== undefined, WebAssembly.validate(wasm)]));
  `);
  assert.deepEqual(found, ["hookswitch", true, true]);
});

test("nothing_else_of_it_can_be_imported", async () => {
  for (const path of ["node.js", "index.js", "types/package/core.d.ts"]) {
    const found = await said(`
      console.log(JSON.stringify(await import("hookswitch/${path}").catch(({ code }) => code)));
    `);
    assert.equal(found, "ERR_PACKAGE_PATH_NOT_EXPORTED", path);
  }
});

test("a_program_in_node_follows_a_ticket", async () => {
  const status = { ...vectors.statuses[0]?.status, expires_at: null, ticket_expires_at: null };
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(status));
  });
  // No live status here: the client has to do without.
  server.on("upgrade", (_, socket) => {
    // The client may be gone before the answer.
    socket.on("error", () => {});
    socket.end("HTTP/1.1 503 Service Unavailable\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const ticket = `hst_${"0".repeat(90)}`;
  try {
    const found = await said(
      `
        import { follow } from "hookswitch";
        const [ticket, server] = process.argv.slice(2);
        const follower = follow({ ticket, server });
        follower.addEventListener("status", () => {
          console.log(JSON.stringify(follower.status));
          follower.close();
        });
      `,
      ticket,
      `http://127.0.0.1:${port}`,
    );
    assert.deepEqual(found, status);
    assert.deepEqual(asked, [`GET /v1/status Bearer ${ticket}`]);
  } finally {
    server.close();
  }
});

/** The known answers, as a program of one file writes them from a folder that has no package in it. */
const ONE_FILE = `
  import { probe } from "./probe.js";
  import vectors from "./page.json";
  console.log(JSON.stringify(probe(vectors)));
`;

/** Puts the program and all that it imports into one file. */
const BUNDLERS: Record<string, (from: string, to: string) => Promise<unknown>> = {
  "esbuild, as an ES module": (from, to) =>
    esbuild({ entryPoints: [from], outfile: to, bundle: true, platform: "node", format: "esm" }),
  "esbuild, as CommonJS": (from, to) =>
    esbuild({ entryPoints: [from], outfile: to, bundle: true, platform: "node", format: "cjs" }),
  "Vite for servers": (from, to) =>
    vite({
      root: path.dirname(from),
      logLevel: "error",
      configFile: false,
      ssr: { noExternal: true },
      build: {
        ssr: from,
        outDir: path.dirname(to),
        rolldownOptions: { output: { entryFileNames: path.basename(to) } },
      },
    }),
  webpack: (from, to) =>
    new Promise<void>((resolve, reject) => {
      webpack(
        {
          mode: "production",
          target: "node",
          context: path.dirname(from),
          entry: from,
          output: { path: path.dirname(to), filename: path.basename(to) },
        },
        (error, stats) => {
          if (error) reject(error);
          else if (stats?.hasErrors()) reject(new Error(stats.toString({ colors: false })));
          else resolve();
        },
      );
    }),
};

for (const [name, bundle] of Object.entries(BUNDLERS)) {
  test(`a_program_of_one_file_needs_no_other (${name})`, async () => {
    consumer.copy(PROBE_FILE, "probe.js");
    consumer.copy(VECTORS_FILE, "page.json");
    const from = consumer.write("one-file.js", ONE_FILE);
    const elsewhere = mkdtempSync(path.join(os.tmpdir(), "hookswitch-one-file-"));
    try {
      const isModule = !/CommonJS|webpack/.test(name);
      const to = path.join(elsewhere, isModule ? "program.mjs" : "program.cjs");
      await bundle(from, to);
      const written = await run(elsewhere, projectBin("node"), [to]);
      assert.deepEqual(JSON.parse(written), expected);
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });
}

// Every `bash` block of the documentation runs, in the order of its page, against a started Worker, and prints what the
// `text` block below it shows. A block marked `sh` is not run: see `NOT_RUN`.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { root } from "../support/config.ts";
import { startWorker } from "../support/worker.ts";
import { blocks, pages, readPage, type Block } from "./kit/markdown.ts";

const run = promisify(execFile);

/** The pages whose `sh` blocks no test can run, because they install, deploy or build. Only these may have any. */
const NOT_RUN = /^(README\.md|CONTRIBUTING\.md|docs\/(operations|contributing)\/|www\/package\/)/;
/** Pages that must be runnable. */
const MUST_RUN = ["README.md", "docs/tutorial.md"];

const LOCAL = "http://127.0.0.1:8787";
/** The ports that programs of the pages listen on. */
const PORTS = [9000, 9001];
const MARK = "=== end of block ===";

/** Starts a Worker for one page, and makes a folder that has what the pages expect of the repository's folder. */
async function started() {
  const worker = await startWorker({ faults: false });
  const folder = mkdtempSync(path.join(os.tmpdir(), "hookswitch-docs-"));
  writeFileSync(path.join(folder, ".dev.vars"), `HOOKSWITCH_ROOT_KEY="${worker.rootKey}"\n`);
  symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  const stop = async () => {
    rmSync(folder, { recursive: true, force: true });
    await worker.stop();
  };
  return { worker, folder, stop };
}

const runnable = pages()
  .map(({ file }) => file)
  .filter((file) => blocks(readPage(file)).some(({ language }) => language === "bash"));

for (const file of runnable) {
  test(`shell_blocks_of_${file}_print_what_the_page_shows`, async () => {
    const all = blocks(readPage(file));
    const shell = all.filter(({ language }) => language === "bash");
    const { worker, folder, stop } = await started();
    try {
      const addresses: [string, string][] = [[LOCAL, worker.url]];
      for (const port of PORTS) {
        addresses.push([`127.0.0.1:${port}`, `127.0.0.1:${await freePort()}`]);
      }
      const script = shell.map(({ text }) => `${text}\nprintf '%s\\n' '${MARK}'\n`).join("");
      const { stdout, stderr } = await run(
        "bash",
        ["-u", "-c", `${addressed(script, addresses)}\nkill $(jobs -p) 2>/dev/null || :`],
        { cwd: folder, timeout: 60_000 },
      );
      assert.doesNotMatch(stderr, /command not found|unbound variable|syntax error|Error/);
      const back = addresses.map(([shown, real]): [string, string] => [real, shown]);
      const outputs = addressed(stdout, back).split(`${MARK}\n`);
      for (const [index, block] of shell.entries()) {
        checkOutput(`${file}:${block.line}`, expectedAfter(all, block), outputs[index] ?? "");
      }
    } finally {
      await stop();
    }
  });
}

/** A text with one set of addresses in the place of another. Programs name a port without its host: `listen(9000, …)`. */
function addressed(text: string, addresses: readonly [string, string][]): string {
  return addresses.reduce((result, [from, to]) => {
    const [fromPort, toPort] = [from, to].map((address) =>
      address.slice(address.lastIndexOf(":") + 1),
    );
    return result.replaceAll(from, to).replaceAll(`listen(${fromPort}`, `listen(${toPort}`);
  }, text);
}

test("readme_and_tutorial_have_shell_blocks", () => {
  for (const file of MUST_RUN) assert.ok(runnable.includes(file), file);
});

test("blocks_that_are_not_run_are_only_on_pages_about_installing_and_deploying", () => {
  const others = pages().filter(
    ({ file, text }) =>
      !NOT_RUN.test(file) &&
      blocks({ file, text }).some(({ language }) => ["sh", "shell", "console"].includes(language)),
  );
  assert.deepEqual(
    others.map(({ file }) => file),
    [],
  );
});

test("npm_scripts_that_the_pages_name_exist", async () => {
  const { default: manifest } = (await import("../../package.json", {
    with: { type: "json" },
  })) as { default: { scripts: Record<string, string> } };
  const unknown: string[] = [];
  for (const { file, text } of pages()) {
    if (file.startsWith("www/")) continue;
    for (const [, script = ""] of text.matchAll(/npm run (?:--\S+ )?([\w:-]+)/g)) {
      if (!(script in manifest.scripts)) unknown.push(`${file}: npm run ${script}`);
    }
  }
  assert.deepEqual(unknown, []);
});

/** The lines of the `text` block that directly follows a block. */
function expectedAfter(all: Block[], block: Block): string[] {
  const next = all[all.indexOf(block) + 1];
  if (next?.language !== "text" || !next.followsBlock) return [];
  return next.text.split("\n").filter((line) => line !== "");
}

/** Checks that each expected line is in the output, and that no answer is an error that the page does not show. */
function checkOutput(where: string, expected: string[], output: string): void {
  const rest = output.split("\n");
  for (const line of expected) {
    const index = rest.findIndex((actual) => pattern(line).test(actual));
    assert.ok(index >= 0, `${where}: no line of the output is like\n${line}\n\n${output}`);
    rest.splice(index, 1);
  }
  const error = rest.find((line) => /"status":[45]\d\d[,}]|"error":/.test(line));
  if (error !== undefined && !/"delivered":|"error":null/.test(error)) {
    assert.fail(`${where}: an error that the page does not show\n${error}`);
  }
}

/** A line of a page as a pattern: `…` is any text; ids, digests and times are those of another run. */
function pattern(line: string): RegExp {
  const escaped = line.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const open = escaped
    .replaceAll(/,? ?…,? ?/g, ".*")
    .replaceAll(/[0-9a-f]{16,}/g, "[0-9a-f]+")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+\\\.\d+/g, String.raw`[\d:T-]+\.\d+`)
    .replaceAll(/"(exp|iat|valid_until)":\d+/g, String.raw`"$1":\d+`);
  return new RegExp(`^${open}$`);
}

/** A port of this machine that nothing listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}

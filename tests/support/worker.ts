// Starts the built Worker in a real workerd, with real local KV and ledgers, on the loopback interface.

import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Miniflare } from "miniflare";
import { assetsFolder } from "./assets.ts";
import { buildFolder, config } from "./config.ts";
import { miniflareOptions, type Setting } from "./miniflare-options.ts";
import { findProcess, isAlive } from "./process.ts";

export interface StartOptions {
  /** Where KV and the ledgers are kept; without it, in a folder that `stop` deletes. */
  persist?: string;
  /** Variables and secrets over those of `wrangler.toml`; `undefined` takes one away. */
  vars?: Record<string, string | undefined>;
  /** The limit of requests; without it, none that a test could reach; `none` leaves the binding out. */
  rateLimit?: { limit: number; period: 10 | 60 } | "none";
  /** Whether `entry.mjs` stands in front, which counts and injects faults (yes). */
  faults?: boolean;
  /** Whether the static files stand in front of the Worker, as they do when it is deployed (yes). */
  assets?: boolean;
  /** The folder of the built Worker, where it is not the product's. */
  build?: string;
}

const TAG = "HOOKSWITCH_TEST_RUNTIME";
const NO_LIMIT = { limit: 1_000_000_000, period: 60 } as const;

export class RunningWorker {
  readonly persistPath: string;
  /** The values of the Worker's variables and secrets; those that `wrangler.toml` has not are random. */
  vars: Record<string, string>;

  readonly #setting: Omit<Setting, "port" | "tag" | "vars">;
  readonly #isOwnFolder: boolean;
  readonly #lines: string[] = [];
  #miniflare: Miniflare | undefined;
  #port = 0;
  #pid = 0;

  constructor(options: StartOptions) {
    this.#isOwnFolder = options.persist === undefined;
    this.persistPath = options.persist ?? mkdtempSync(path.join(os.tmpdir(), "hookswitch-test-"));
    this.vars = variables(options.vars ?? {});
    this.#setting = {
      build: options.build ?? buildFolder,
      persistPath: this.persistPath,
      rateLimit: options.rateLimit === "none" ? undefined : (options.rateLimit ?? NO_LIMIT),
      faults: options.faults ?? true,
      assets: options.assets ?? existsSync(assetsFolder),
      onLog: (line) => this.#lines.push(line),
    };
  }

  /** Where the Worker answers; a restart keeps it. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The process id of its workerd. */
  get pid(): number {
    return this.#pid;
  }

  /** The root key that this Worker was given. */
  get rootKey(): string {
    return this.vars.HOOKSWITCH_ROOT_KEY ?? "";
  }

  /** Every line that the Worker and its runtime have written, over all restarts. */
  logs(): string[] {
    return [...this.#lines];
  }

  /** Starts it; `startWorker` has done that already. */
  async start(): Promise<void> {
    const tag = randomUUID();
    const miniflare = new Miniflare(
      miniflareOptions({
        ...this.#setting,
        vars: this.vars,
        port: this.#port,
        tag: { [TAG]: tag },
      }),
    );
    this.#miniflare = miniflare;
    await miniflare.ready;
    this.#port = Number((await miniflare.unsafeGetDirectURL()).port);
    this.#pid = findProcess(TAG, tag);
  }

  /** Ends it, and deletes what it kept unless the caller named the place. */
  async stop(): Promise<void> {
    await this.#end();
    if (this.#isOwnFolder) rmSync(this.persistPath, { recursive: true, force: true });
  }

  /** Ends its workerd as a crash does: at once, with no chance to finish anything. */
  async kill(): Promise<void> {
    process.kill(this.#pid, "SIGKILL");
    await this.#end();
  }

  /** Starts it again on what it kept, at the same address; variables given replace the old ones. */
  async restart(vars: Record<string, string | undefined> = {}): Promise<void> {
    await this.#end();
    this.vars = merged(this.vars, vars);
    await this.start();
  }

  /** Takes KV away from the Worker and from its ledgers, or gives it back. */
  async setKvOutage(isOut: boolean): Promise<void> {
    if (!this.#setting.faults) throw new Error("a KV outage needs `faults`");
    await fetch(`${this.url}/__test__/kv-outage`, { method: "POST", body: isOut ? "on" : "off" });
  }

  /** Has every statement of a ledger fail that has this in it; with nothing, none does any more. */
  async setFailingSql(part: string): Promise<void> {
    if (!this.#setting.faults) throw new Error("failing SQL needs `faults`");
    await fetch(`${this.url}/__test__/failing-sql`, { method: "POST", body: part });
  }

  async #end(): Promise<void> {
    const miniflare = this.#miniflare;
    if (miniflare === undefined) return;
    this.#miniflare = undefined;
    await miniflare.dispose();
    while (isAlive(this.#pid)) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Starts the built Worker and answers when it listens. */
export async function startWorker(options: StartOptions = {}): Promise<RunningWorker> {
  const worker = new RunningWorker(options);
  await worker.start();
  return worker;
}

function variables(given: Record<string, string | undefined>): Record<string, string> {
  const random = {
    HOOKSWITCH_SECRET: randomBytes(32).toString("base64"),
    HOOKSWITCH_ROOT_KEY: `root_${randomBytes(32).toString("base64url")}`,
    PROJECT_ID: `project-test-${randomUUID()}`,
  };
  return merged({ ...config.vars, ...random }, given);
}

function merged(
  old: Record<string, string>,
  given: Record<string, string | undefined>,
): Record<string, string> {
  const all = Object.entries({ ...old, ...given });
  return Object.fromEntries(
    all.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

// A real workerd with the Worker in it, and the root key to it.

import { randomBytes } from "node:crypto";

import { startWorker, type RunningWorker } from "../../support/worker.ts";
import { Api } from "./api.ts";

export interface ServiceOptions {
  /** A folder of an earlier service, whose storage this one goes on with. */
  persist?: string;
  /** Variables and secrets; a secret and a root key are made where none is given. Undefined takes one away. */
  vars?: Record<string, string | undefined>;
  /** Requests per ten seconds and principal; without it, none that a test could reach. */
  rateLimit?: number;
}

export const SECRET = "HOOKSWITCH_SECRET";
export const PREVIOUS = "HOOKSWITCH_SECRETS_PREVIOUS";
export const ROOT_KEY = "HOOKSWITCH_ROOT_KEY";

/** As an operator would make one: 32 random bytes in base64. */
export function newSecret(): string {
  return randomBytes(32).toString("base64");
}

export class Service {
  readonly #worker: RunningWorker;
  /** The API as root. */
  readonly root: Api;

  constructor(worker: RunningWorker) {
    this.#worker = worker;
    this.root = new Api(this, worker.rootKey);
  }

  get url(): string {
    return this.#worker.url;
  }

  get persistPath(): string {
    return this.#worker.persistPath;
  }

  /** The secrets that this service runs with. */
  get secrets(): { secret: string; rootKey: string } {
    return { secret: this.#worker.vars[SECRET] ?? "", rootKey: this.#worker.rootKey };
  }

  /** The project id, as Stytch's clients know it. */
  get projectId(): string {
    return this.#worker.vars["PROJECT_ID"] ?? "";
  }

  /** Every line that was written to the log, over all restarts. */
  logs(): string[] {
    return this.#worker.logs();
  }

  /** Ends workerd, and starts it on the same storage: all that an isolate remembers is gone. */
  restart(vars: Record<string, string | undefined> = {}): Promise<void> {
    return this.#worker.restart(vars);
  }

  /** SIGKILL: no chance to finish anything. */
  kill(): Promise<void> {
    return this.#worker.kill();
  }

  /** Takes KV away from everybody, or gives it back. */
  setKvOutage(isOut: boolean): Promise<void> {
    return this.#worker.setKvOutage(isOut);
  }

  /** Has every statement of a ledger fail that has this in it; with nothing, none does any more. */
  setFailingSql(part: string): Promise<void> {
    return this.#worker.setFailingSql(part);
  }

  stop(): Promise<void> {
    return this.#worker.stop();
  }
}

export async function serve({ persist, vars, rateLimit }: ServiceOptions = {}): Promise<Service> {
  const secrets = {
    [SECRET]: newSecret(),
    [ROOT_KEY]: `root_${randomBytes(24).toString("base64url")}`,
  };
  const worker = await startWorker({
    // Ledgers learn of a new webhook endpoint with the next event, so that no test waits for it.
    vars: { ...secrets, WEBHOOK_CACHE_SECONDS: "0", ...vars },
    ...(rateLimit === undefined ? {} : { rateLimit: { limit: rateLimit, period: 10 } }),
    ...(persist === undefined ? {} : { persist }),
  });
  return new Service(worker);
}

// A real Chromium, and what every page is held to.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Where screenshots are kept. */
const SHOTS = path.resolve("build", "screenshots");

/** The width of a small telephone, in CSS pixels. */
export const NARROW = { width: 360, height: 740 };
/** A laptop's. */
export const WIDE = { width: 1280, height: 800 };

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROME_PATH"] || "/usr/bin/chromium",
    args: [
      // Chromium refuses its sandbox to root, as whom containers run.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // A page that a test makes up comes from no address, and would be kept from this machine's.
      "--disable-features=LocalNetworkAccessChecks",
    ],
  });
}

/** What went wrong in a page that nobody looked at: errors, refusals of the policy, requests to others. */
export class Watch {
  readonly errors: string[] = [];
  readonly strangers: string[] = [];
  readonly #context: BrowserContext;

  /** Watches every page of a context; `own` are the origins that it may speak to. */
  constructor(context: BrowserContext, own: string[]) {
    this.#context = context;
    context.on("weberror", (error) => this.errors.push(String(error.error())));
    context.on("console", (message) => {
      if (message.type() === "error") this.errors.push(message.text());
    });
    context.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol.startsWith("http") && !own.includes(origin)) this.strangers.push(request.url());
    });
  }

  /** Forgets what was expected to go wrong. */
  forgive(part: RegExp): void {
    const left = this.errors.filter((error) => !part.test(error));
    this.errors.splice(0, this.errors.length, ...left);
  }

  /** The context that is watched. */
  get context(): BrowserContext {
    return this.#context;
  }
}

/** What axe has to say against a page as it is now: `rule: where`. */
export async function axeFindings(page: Page): Promise<string[]> {
  // Through the protocol, since the page's own policy lets no such script in.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    interface Results {
      violations: { id: string; nodes: { target: unknown[]; failureSummary?: string }[] }[];
    }
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<Results> } };
    const { violations } = await axe.run({ resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")} ${failureSummary}`),
    );
  });
}

/** Keeps a screenshot of the whole page, to be looked at. */
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true });
}

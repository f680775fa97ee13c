// Followers in a page, and what they told.

import type { BrowserContext, Page } from "playwright-core";

import type { Follower } from "../../../www/client/index.ts";
import type * as Package from "../../../www/package/index.ts";
import { until } from "../../http/kit/wait.ts";
import { POLICY } from "./status-server.ts";

/** What the page keeps of its follower. */
interface Followed {
  follower: Follower;
  /** Each event in order: `live`, `offline, stale`, `status: active`, `error: ticket_expired`. */
  told: string[];
  renewals: number;
}

export interface Order {
  ticket: string;
  /** The deployment, where it is not the page's. */
  server?: string;
  /** By how much waits are shorter than they are. */
  speed?: number;
  /** Without WebSockets. */
  polls?: boolean;
  /** What `renew` gives. */
  next?: string;
}

/** An empty page of this origin, under the policy of a deployment's own pages. */
export async function blankPage(
  context: BrowserContext,
  origin: string,
  body = "",
  policy = POLICY,
): Promise<Page> {
  const page = await context.newPage();
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>A page</title><link rel="stylesheet" href="/style.css"><script type="module" src="/hookswitch/element.js"></script></head><body><main><h1>A page</h1>${body}</main></body></html>`;
  const headers = { "content-security-policy": policy };
  await page.route(`${origin}/a-page`, (route) =>
    route.fulfill({ body: html, contentType: "text/html", headers }),
  );
  await page.goto(`${origin}/a-page`);
  await page.evaluate(() => customElements.whenDefined("hookswitch-status").then(() => {}));
  return page;
}

/** Has the page follow a ticket. */
export async function follow(page: Page, order: Order): Promise<void> {
  await page.evaluate(async ({ ticket, server, speed = 1, polls, next }) => {
    const entry = "/hookswitch/index.js";
    const { follow } = (await import(entry)) as typeof Package;
    const followed = { told: [], renewals: 0 } as unknown as Followed;
    const renew = () => {
      followed.renewals += 1;
      return Promise.resolve(next);
    };
    const follower = follow(
      { ticket, server, ...(next === undefined ? {} : { renew }) },
      {
        after: (milliseconds, task) => {
          const timer = setTimeout(task, milliseconds / speed);
          return () => clearTimeout(timer);
        },
        ...(polls ? { WebSocket: undefined } : {}),
      },
    );
    const { told } = followed;
    follower.addEventListener("status", ({ status }) => told.push(`status: ${status.status}`));
    follower.addEventListener("state", ({ state, stale }) =>
      told.push(stale ? `${state}, stale` : state),
    );
    follower.addEventListener("error", ({ code }) => told.push(`error: ${code}`));
    Object.assign(globalThis, { followed: Object.assign(followed, { follower }) });
  }, order);
}

/** All that the page was told. */
export function told(page: Page): Promise<string[]> {
  return page.evaluate(() => (globalThis as unknown as { followed: Followed }).followed.told);
}

/** What the follower of the page knows: the status, the state, and whether it is stale. */
export function known(page: Page): Promise<[string | undefined, string, boolean]> {
  return page.evaluate(() => {
    const { follower } = (globalThis as unknown as { followed: Followed }).followed;
    return [follower.status?.status, follower.state, follower.stale];
  });
}

/** Waits until the follower knows this. */
export async function untilKnown(
  page: Page,
  status: string | undefined,
  state: string,
  deadline?: number,
): Promise<void> {
  let last: unknown[] = [];
  try {
    await until(
      `${status} ${state}`,
      async () => {
        last = await known(page);
        return last[0] === status && last[1] === state ? true : undefined;
      },
      deadline,
    );
  } catch (error) {
    throw new Error(`it knows ${last.join()}, and was told ${(await told(page)).join("; ")}`, {
      cause: error,
    });
  }
}

/** Has the page think that nobody sees it, or that somebody does again. */
export async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(
    (state) => {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
      document.dispatchEvent(new Event("visibilitychange"));
    },
    isHidden ? "hidden" : "visible",
  );
}

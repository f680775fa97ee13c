// A list that comes in pages, and goes back as well as on.

import type { ReactiveControllerHost } from "lit";

import { Loader } from "./loader.ts";
import type { Page } from "./types.ts";

/** How many items a page has. */
const PAGE_SIZE = 25;
/** A filtered page may be short, or empty: so many are asked for before a person is asked whether to go on. */
const MOST_REQUESTS = 10;
/** The most that the API gives at once. */
const LARGEST_PAGE = 100;

type Read<T> = (
  query: { cursor: string | undefined; limit: string },
  signal: AbortSignal,
) => Promise<Page<T>>;

export class Pager<T> extends Loader<Page<T>> {
  readonly #turned: { before: (string | undefined)[]; at: string | undefined };

  /** `keep` leaves out what the API cannot filter. */
  constructor(
    host: ReactiveControllerHost,
    read: Read<T>,
    keep: (item: T) => boolean = () => true,
  ) {
    const turned: { before: (string | undefined)[]; at: string | undefined } = {
      before: [],
      at: undefined,
    };
    super(host, (signal) => fill(read, keep, turned.at, signal));
    this.#turned = turned;
  }

  get isFirst(): boolean {
    return this.#turned.before.length === 0;
  }

  get number(): number {
    return this.#turned.before.length + 1;
  }

  /** Begins anew at the newest. */
  first(): Promise<void> {
    this.#turned.before.length = 0;
    this.#turned.at = undefined;
    return this.load();
  }

  older(): Promise<void> {
    const next = this.value?.next_cursor ?? undefined;
    if (next === undefined) return Promise.resolve();
    this.#turned.before.push(this.#turned.at);
    this.#turned.at = next;
    return this.load();
  }

  newer(): Promise<void> {
    if (this.isFirst) return Promise.resolve();
    this.#turned.at = this.#turned.before.pop();
    return this.load();
  }
}

/** Reads on until there is a page to show, or no more. */
async function fill<T>(
  read: Read<T>,
  keep: (item: T) => boolean,
  from: string | undefined,
  signal: AbortSignal,
): Promise<Page<T>> {
  const items: T[] = [];
  let cursor: string | null | undefined = from;
  let looked = 0;
  for (let request = 0; request < MOST_REQUESTS; request += 1) {
    const limit = stepFor(PAGE_SIZE - items.length, items.length, looked);
    const page: Page<T> = await read({ cursor: cursor ?? undefined, limit: `${limit}` }, signal);
    items.push(...page.items.filter(keep));
    cursor = page.next_cursor;
    looked += limit;
    if (cursor === null || items.length >= PAGE_SIZE) break;
  }
  return { items, next_cursor: cursor ?? null };
}

/** How many to look at next, so that as many as are left will be found, if it goes on as it went so far. */
function stepFor(left: number, found: number, looked: number): number {
  if (looked === 0) return left;
  return Math.min(Math.ceil((left * looked) / Math.max(found, 1)), LARGEST_PAGE);
}

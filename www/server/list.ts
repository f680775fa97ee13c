// Lists: a page as a promise, and all items of all pages as an async iterator.

/** A page of a list. */
export interface Page<Item> {
  items: Item[];
  /** The `cursor` of the next page; null or absent on the last page. */
  next_cursor?: string | null;
}

/** Reads the page after a cursor; undefined stands for the first page. */
type Read<P> = (cursor: string | undefined) => Promise<P>;

/**
 * The answer of a list. With `await` it is one page; with `for await` it is every item from there on, page after page.
 * Nothing is requested before one of the two.
 */
export class List<P extends Page<unknown>> implements PromiseLike<P>, AsyncIterable<ItemOf<P>> {
  readonly #read: Read<P>;
  #first: Promise<P> | undefined;

  /** By the client. */
  constructor(read: Read<P>) {
    this.#read = read;
  }

  then<A = P, B = never>(
    onfulfilled?: ((page: P) => A | PromiseLike<A>) | null,
    onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#first ??= this.#read(undefined);
    return this.#first.then(onfulfilled, onrejected);
  }

  /** The pages, one after another. */
  async *pages(): AsyncGenerator<P, void, undefined> {
    let page: P = await this;
    for (;;) {
      yield page;
      const { next_cursor: cursor } = page;
      if (cursor === null || cursor === undefined) return;
      page = await this.#read(cursor);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ItemOf<P>, void, undefined> {
    for await (const { items } of this.pages()) yield* items as ItemOf<P>[];
  }
}

/** The type of the items of a page. */
export type ItemOf<P extends Page<unknown>> = P["items"][number];

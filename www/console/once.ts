// The keys that make a POST safe to repeat.

/** One intent of a person: the same body, sent again after a failure, is the same request to the service. */
export class Once {
  #body: string | undefined;
  #key = "";

  /** The key for this body: the one before where it is the same, else a fresh one. */
  keyFor(body: unknown): string {
    const text = JSON.stringify(body);
    if (text !== this.#body) {
      this.#body = text;
      this.#key = crypto.randomUUID();
    }
    return this.#key;
  }
}

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
      this.#key = random();
    }
    return this.#key;
  }
}

/** 128 random bits; `randomUUID` is only there where the page came by https. */
function random(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

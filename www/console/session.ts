// The session of this tab: its key is in memory only, and a reload forgets it. A sign-in link gives a session key.

import { Problem, send, type Request } from "./http.ts";

/** `operator` is root or an admin, who sees everything; a `user` sees whom it may write. */
type Standing = "operator" | "user";

class Session extends EventTarget {
  #key: string | undefined;
  #standing: Standing = "user";
  /** Why the last session ended by itself. */
  endedBecause: Problem | undefined;

  get isSignedIn(): boolean {
    return this.#key !== undefined;
  }

  get isOperator(): boolean {
    return this.#standing === "operator";
  }

  /** Whose key it is, as far as it says so itself. */
  get who(): string {
    if (this.#key?.startsWith("hsk_") === true) return "Root session";
    if (this.#key?.startsWith("hak_") !== true) return "Root key";
    return this.isOperator ? "Admin’s API key" : "API key";
  }

  /** Tries a key. Rejects with a `Problem`, and keeps nothing, where it does not open anything. */
  async signIn(key: string): Promise<void> {
    const standing = await standingOf(key);
    this.#key = key;
    this.#standing = standing;
    this.endedBecause = undefined;
    this.dispatchEvent(new Event("change"));
  }

  signOut(because?: Problem): void {
    this.#key = undefined;
    this.#standing = "user";
    this.endedBecause = because;
    this.dispatchEvent(new Event("change"));
  }

  /** Sends a request as whoever is signed in. A key that is refused ends the session. */
  async send<T>(request: Request): Promise<T> {
    const key = this.#key;
    if (key === undefined) throw signedOut();
    try {
      return await send<T>(key, request);
    } catch (error) {
      const isRefused = error instanceof Problem && error.status === 401;
      if (isRefused && this.#key === key) this.signOut(error);
      throw error;
    }
  }
}

/** There is no call that says who one is: only root and admins may read this list, and anyone else is told 403. */
async function standingOf(key: string): Promise<Standing> {
  try {
    await send(key, { path: "/v1/revocations", query: { limit: "1" } });
    return "operator";
  } catch (error) {
    if (error instanceof Problem && error.status === 403) return "user";
    throw error;
  }
}

function signedOut(): Problem {
  const detail = "Sign in to go on.";
  return new Problem({ status: 401, title: "Signed out", detail, code: "signed_out" });
}

export const session = new Session();

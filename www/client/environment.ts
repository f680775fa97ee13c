// The environment that a follower needs. Tests replace it.

/** Something that happened to the page, or to the network. */
export type Signal = "hidden" | "visible" | "gone" | "online" | "offline";

/** The page that a follower serves; there is none in Node and in workerd. */
export interface Attention {
  /** Whether nobody can see the page at the moment. */
  hidden(): boolean;
  /** Reports changes of the page and network until the returned function is called. */
  watch(listener: (signal: Signal) => void): () => void;
}

export interface Environment {
  /** Milliseconds since 1970. */
  now: () => number;
  /** At least 0, and less than 1. */
  random: () => number;
  /** Does something after so many milliseconds, unless the function that it answers is called before. */
  after(milliseconds: number, task: () => void): () => void;
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** The WebSocket; without one, statuses are polled. */
  WebSocket: (new (url: string) => WebSocket) | undefined;
  attention: Attention | undefined;
  /** The origin of the page; there is none in Node and in workerd. */
  pageOrigin: string | undefined;
}

/** The world as it is: the standard globals of browsers, Node and workerd. */
export function standardEnvironment(): Environment {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    after: (milliseconds, task) => {
      const timer = setTimeout(task, milliseconds);
      return () => clearTimeout(timer);
    },
    // Called through the global object: runtimes refuse a `fetch` that was taken off it.
    fetch: (url, init) => globalThis.fetch(url, init),
    WebSocket: globalThis.WebSocket,
    attention: globalThis.document && pageAttention(document, window),
    pageOrigin: globalThis.document && globalThis.location?.origin,
  };
}

function pageAttention(document: Document, window: Window): Attention {
  return {
    hidden: () => document.visibilityState === "hidden",
    watch(listener) {
      const watching = new AbortController();
      const on = (target: EventTarget, type: string, signal: () => Signal): void =>
        target.addEventListener(type, () => listener(signal()), { signal: watching.signal });
      on(document, "visibilitychange", () =>
        document.visibilityState === "hidden" ? "hidden" : "visible",
      );
      // A page that goes into the back/forward cache must not keep a socket open there.
      on(window, "pagehide", () => "gone");
      on(window, "pageshow", () => "visible");
      on(window, "online", () => "online");
      on(window, "offline", () => "offline");
      return () => watching.abort();
    },
  };
}

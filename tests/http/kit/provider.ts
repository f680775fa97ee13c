// A provider: a real HTTP server that is asked to revoke tokens, remembers what it was asked, and does with each token as
// the test says.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** What it does with a request: answers, or fails to. */
export type Reaction =
  | number
  | { status: number; headers?: Record<string, string>; body?: string }
  /** Never says anything. */
  | "hangs"
  /** Says a status, and never anything more. */
  | "stalls"
  /** Breaks the connection within its answer. */
  | "dies";

/** A request, as it came. */
export interface Asked {
  method: string;
  /** The path and query. */
  target: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** When it came, in milliseconds since the epoch. */
  at: number;
}

export class Provider {
  readonly #server: Server;
  /** What each token's requests meet, in order; the last one stays. */
  readonly #scripts = new Map<string, Reaction[]>();
  /** All requests, in order. */
  readonly asked: Asked[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Provider> {
    const server = createServer();
    const provider = new Provider(server);
    server.on("request", (request, response) => {
      const { method = "", url: target = "", headers } = request;
      const at = Date.now();
      let body = "";
      request.on("data", (chunk) => (body += String(chunk)));
      request.on("end", () => {
        const asked = { method, target, headers, body, at };
        provider.asked.push(asked);
        react(provider.#next(asked), response);
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return provider;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A new token of this provider's. Its nth request meets the nth reaction, and those after all of them the last. */
  token(...script: Reaction[]): string {
    const token = `tok.${randomUUID()}`;
    this.#scripts.set(token, script.length === 0 ? [200] : script);
    return token;
  }

  /** What it was asked of a token, wherever in the request that stood. */
  askedOf(token: string): Asked[] {
    return this.asked.filter((asked) => mentions(asked, token));
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #next(asked: Asked): Reaction {
    for (const [token, script] of this.#scripts) {
      if (!mentions(asked, token)) continue;
      const [next = 200] = script;
      if (script.length > 1) script.shift();
      return next;
    }
    return 404;
  }
}

function mentions({ target, headers, body }: Asked, token: string): boolean {
  return [target, headers.authorization ?? "", body].some((text) => text.includes(token));
}

function react(reaction: Reaction, response: ServerResponse): void {
  if (reaction === "hangs") return;
  if (reaction === "stalls" || reaction === "dies") {
    response.writeHead(200, { "content-length": "1000" });
    response.write("{");
    if (reaction === "dies") setTimeout(() => response.socket?.destroy(), 20);
    return;
  }
  const {
    status,
    headers = {},
    body = "",
  } = typeof reaction === "number" ? { status: reaction } : reaction;
  response.writeHead(status, headers).end(body);
}

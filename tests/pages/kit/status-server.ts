// A server of statuses for what no real one can be made to do: hang, be mute, refuse WebSockets, ask for patience.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { readFileSync } from "node:fs";
import type { AddressInfo, Socket } from "node:net";
import path from "node:path";
import type { Duplex } from "node:stream";

import type { Status } from "../../../www/package/types.ts";
import { Frames } from "./frames.ts";

const FILES = path.resolve("build", "www");

/** The policy of the deployment's own pages. */
export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'";

/** What happens to whoever asks for a WebSocket: it is served, refused, or hears nothing at all. */
export type Live = "served" | "refused" | "hanging";

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface Seen {
  path: string;
  headers: IncomingMessage["headers"];
  at: number;
}

export class StatusServer {
  live: Live = "served";
  /** How many of the next WebSockets are refused. */
  refusals = 0;
  /** Whether pings are answered. */
  pongs = true;
  /** What polls are answered with instead of a status; `hanging`: not at all. */
  poll: Answer | "hanging" | undefined;
  /** What was asked under `/v1`, in order. */
  readonly seen: Seen[] = [];
  readonly #server: Server;
  readonly #statuses = new Map<string, Status>();
  readonly #sockets = new Map<Frames, string>();
  readonly #connections = new Set<Socket>();
  #html = "";

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on("upgrade", (request, stream) => this.#upgrade(request, stream));
    this.#server.on("connection", (socket) => {
      this.#connections.add(socket);
      socket.on("close", () => this.#connections.delete(socket));
    });
  }

  static async start(port = 0): Promise<StatusServer> {
    const server = new StatusServer();
    await server.listen(port);
    return server;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** How many are followed live. */
  get followers(): number {
    return this.#sockets.size;
  }

  /** What was asked of `/v1/status` by HTTP. */
  get polls(): Seen[] {
    return this.seen.filter((request) => request.path === "/v1/status");
  }

  /** The page at `/`. */
  page(body: string, head = ""): void {
    this.#html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A page</title>${head}<link rel="stylesheet" href="/style.css"></head><body><main>${body}</main></body></html>`;
  }

  /** This is the status of a ticket from now on, and all that follow it live are told. */
  say(ticket: string, status: Status): void {
    this.#statuses.set(ticket, status);
    for (const [frames, of] of this.#sockets) {
      if (of === ticket) frames.text(JSON.stringify(status));
    }
  }

  /** Sends text to all that follow live, whatever it is. */
  blurt(text: string): void {
    for (const frames of this.#sockets.keys()) frames.text(text);
  }

  /** Closes what is followed live, with a code. */
  close(code: number): void {
    for (const frames of this.#sockets.keys()) frames.close(code);
  }

  /** Ends each connection without a word. */
  cut(): void {
    for (const frames of this.#sockets.keys()) frames.cut();
  }

  async stop(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", this.url);
    if (!url.pathname.startsWith("/v1/")) return this.#file(url.pathname, response);
    this.#note(request, url);
    const ticket = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    const status = this.#statuses.get(ticket);
    if (this.poll === "hanging") return;
    if (this.poll) return send(response, this.poll);
    if (status === undefined) return send(response, problem(401, "ticket_invalid"));
    const etag = `"${status.status}"`;
    if (request.headers["if-none-match"] === etag) return send(response, { status: 304 });
    const headers = { "content-type": "application/json", etag };
    send(response, { status: 200, headers, body: JSON.stringify(status) });
  }

  #upgrade(request: IncomingMessage, stream: Duplex): void {
    const url = new URL(request.url ?? "/", this.url);
    this.#note(request, url);
    const ticket = url.searchParams.get("ticket") ?? "";
    const status = this.#statuses.get(ticket);
    stream.on("error", () => {});
    if (this.live === "hanging") return;
    const isRefused = this.live === "refused" || this.refusals > 0;
    this.refusals = Math.max(0, this.refusals - 1);
    if (isRefused || status === undefined) {
      stream.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const frames = new Frames(request, stream);
    this.#sockets.set(frames, ticket);
    frames.onEnd = () => this.#sockets.delete(frames);
    frames.onText = (text) => {
      if (text === "ping" && this.pongs) frames.text("pong");
    };
    frames.text(JSON.stringify(status));
  }

  #note(request: IncomingMessage, url: URL): void {
    this.seen.push({ path: url.pathname, headers: request.headers, at: Date.now() });
  }

  /** The page, and what the pages of a deployment are served with. */
  #file(name: string, response: ServerResponse): void {
    const type = TYPES[path.extname(name)];
    if (name === "/") {
      const headers = { "content-type": "text/html", "content-security-policy": POLICY };
      return send(response, { status: 200, headers, body: this.#html });
    }
    if (type === undefined) return send(response, { status: 404 });
    response.writeHead(200, { "content-type": type });
    response.end(readFileSync(path.join(FILES, path.normalize(name))));
  }
}

const TYPES: Record<string, string> = {
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".css": "text/css",
};

/** An error, as a deployment writes it. */
export function problem(status: number, code: string, more: Record<string, string> = {}): Answer {
  const headers = { "content-type": "application/problem+json", ...more };
  return { status, headers, body: JSON.stringify({ type: "about:blank", status, code }) };
}

function send(response: ServerResponse, { status, headers = {}, body = "" }: Answer): void {
  response.writeHead(status, headers);
  response.end(body);
}

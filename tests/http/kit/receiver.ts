// Whoever is told what happens: a server on this machine that keeps every message it gets, each held against the
// signature with the verifier of Standard Webhooks.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { Webhook } from "standardwebhooks";

/** What a message says. */
export interface Told {
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

/** A message as it arrived. */
export interface Message {
  id: string;
  /** When it arrived, in milliseconds since the epoch. */
  at: number;
  path: string;
  method: string;
  headers: Record<string, string>;
  /** Its body, byte by byte. */
  text: string;
  told: Told;
}

/** How a message is answered: a status, with headers; or the response itself, to do with it what one likes. */
export type Manner = (
  message: Message,
  response: ServerResponse,
) => number | { status: number; headers: Record<string, string> } | undefined;

const DONE: Manner = () => 204;

export class Receiver {
  readonly #server: Server = createServer(
    (request, response) => void this.#take(request, response),
  );
  #port = 0;
  readonly #messages: Message[] = [];
  readonly #manners = new Map<string, Manner>();

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await receiver.listen();
    return receiver;
  }

  /** Listens, at the same port as before where there is one. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Ends it at once, with all that is under way. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.#port}${path}`;
  }

  /** Answers like this there from now on; as if all were well, where nothing is given. */
  answer(path: string, manner: Manner = DONE): void {
    this.#manners.set(path, manner);
  }

  /** What arrived there so far, in order. */
  at(path: string): Message[] {
    return this.#messages.filter((message) => message.path === path);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    request.on("error", () => undefined);
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const headers = request.headers as Record<string, string>;
    const { method = "", url: path = "" } = request;
    const id = headers["webhook-id"] ?? "";
    const told = (text === "" ? {} : JSON.parse(text)) as Told;
    const message = { id, at: Date.now(), path, method, headers, text, told };
    this.#messages.push(message);
    const answered = (this.#manners.get(path) ?? DONE)(message, response);
    if (answered === undefined) return;
    const { status, headers: more } =
      typeof answered === "number" ? { status: answered, headers: {} } : answered;
    response.writeHead(status, more).end();
  }
}

/** Whether the message is signed with this secret, as the verifier of Standard Webhooks sees it. */
export function isSigned({ text, headers }: Message, secret: string): boolean {
  try {
    assert.ok(new Webhook(secret).verify(text, headers));
    return true;
  } catch {
    return false;
  }
}

/** That each is a message of Standard Webhooks with this secret, and that one id has one body. */
export function assertGenuine(messages: Message[], secret: string): void {
  const bodies = new Map<string, string>();
  for (const message of messages) {
    const { id, method, headers, text, told } = message;
    assert.ok(isSigned(message, secret), `${id} is not signed with its secret`);
    assert.equal(method, "POST");
    assert.equal(headers["content-type"], "application/json");
    assert.deepEqual(Object.keys(told), ["type", "timestamp", "data"]);
    assert.equal(told.data["event_id"], id);
    assert.equal(bodies.get(id) ?? text, text, `${id} has two bodies`);
    bodies.set(id, text);
  }
}

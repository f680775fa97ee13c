// Status tickets, what they show, and who follows it.

import type { Api } from "./api.ts";

export interface NewTicket {
  ticket: string;
  expires_at: string;
  subject: "connection" | "token";
  id: string;
}

export interface Shown {
  subject: "connection" | "token";
  id: string;
  kind: string | null;
  app_id: string | null;
  scope: string | null;
  status: string;
  as_of: string;
  source: string;
  created_at: string;
  expires_at: string | null;
  activated_at: string | null;
  consumed_at: string | null;
  revoked_at: string | null;
  ticket_expires_at: string;
}

/** What a ticket is to read. */
export type Read = { connection_id: string } | { token_id: string };

export async function newTicket(api: Api, read: Read, ttl?: number): Promise<NewTicket> {
  const json = ttl === undefined ? read : { ...read, ttl };
  return (await api.post<NewTicket>("/v1/status-tickets", json, 201)).body;
}

/** A ticket of a deployment's, by itself. */
export async function ticketFor(api: Api, read: Read, ttl?: number): Promise<string> {
  return (await newTicket(api, read, ttl)).ticket;
}

export const statusPath = (ticket: string, rest = ""): string =>
  `/v1/status${rest}?ticket=${ticket}`;

export async function show(api: Api, ticket: string): Promise<Shown> {
  return (await api.as(undefined).get<Shown>(statusPath(ticket))).body;
}

/** A follower of a ticket: all that it was told, in order. */
export class Follower {
  readonly told: Shown[] = [];
  /** What came beside: answers to pings. */
  readonly texts: string[] = [];
  closed: { code: number; reason: string } | undefined;
  readonly socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const text = String(data);
      if (text.startsWith("{")) this.told.push(JSON.parse(text) as Shown);
      else this.texts.push(text);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      this.closed = { code, reason };
    });
  }

  /** Follows, and waits until the WebSocket is open. */
  static async of(api: Api, ticket: string): Promise<Follower> {
    const url = `${api.url.replace(/^http/, "ws")}${statusPath(ticket, "/live")}`;
    const socket = new WebSocket(url);
    const follower = new Follower(socket);
    await new Promise((open, fail) => {
      socket.addEventListener("open", open, { once: true });
      socket.addEventListener("error", () => fail(new Error("no WebSocket")), { once: true });
    });
    return follower;
  }

  /** The statuses that it was told, in order. */
  get statuses(): string[] {
    return this.told.map(({ status }) => status);
  }

  close(): void {
    this.socket.close(1000);
  }
}

// What the tests of webhooks do: put an endpoint of a receiver, and compare what arrives there with what happened.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { eventsOf, everyPage } from "./actions.ts";
import type { Answer, Api } from "./api.ts";
import { assertGenuine, type Manner, type Message, type Receiver } from "./receiver.ts";
import type { Event } from "./shapes.ts";
import { until } from "./wait.ts";

export interface Endpoint {
  name: string;
  url: string;
  events: string[];
  disabled: boolean;
  disabled_reason: string | null;
  disabled_at: string | null;
  previous_secret_expires_at: string | null;
  created_at: string;
  updated_at: string;
}

export type WithSecret = Endpoint & { secret: string };

export interface EndpointOrder {
  url?: string;
  events?: string[];
  disabled?: boolean;
  secret?: string;
}

export interface Tested {
  delivered: boolean;
  status: number | null;
  error: string | null;
  event_id: string;
}

export interface Delivery {
  event_id: string;
  type: string;
  at: string;
  attempt: number;
  delivered: boolean;
  status: number | null;
  error: string | null;
  next_attempt_at: string | null;
}

export function webhookPath(name: string, rest = ""): string {
  return `/v1/webhooks/${name}${rest}`;
}

/** A name that no other test uses. */
export function newName(): string {
  return `hook-${randomUUID().slice(0, 13)}`;
}

/** An endpoint of a receiver, as whoever put it knows it. */
export class Hook {
  readonly name: string;
  readonly secret: string;
  readonly path: string;
  readonly #api: Api;
  readonly #receiver: Receiver;

  constructor(api: Api, receiver: Receiver, { name, secret }: WithSecret) {
    this.#api = api;
    this.#receiver = receiver;
    this.name = name;
    this.secret = secret;
    this.path = `/${name}`;
  }

  /** Answers like this from now on. */
  answer(manner?: Manner): void {
    this.#receiver.answer(this.path, manner);
  }

  async put(order: EndpointOrder = {}): Promise<Endpoint> {
    const json = { url: this.#receiver.url(this.path), ...order };
    return (await this.#api.put<Endpoint>(webhookPath(this.name), json)).body;
  }

  async read(): Promise<Endpoint> {
    return (await this.#api.get<Endpoint>(webhookPath(this.name))).body;
  }

  async test(): Promise<Tested> {
    return (await this.#api.post<Tested>(webhookPath(this.name, "/test"), {})).body;
  }

  remove(): Promise<Answer<unknown>> {
    return this.#api.send("DELETE", webhookPath(this.name));
  }

  /** What was sent lately, the newest first. */
  deliveries(): Promise<Delivery[]> {
    return everyPage<Delivery>(this.#api, webhookPath(this.name, "/deliveries"), { limit: "100" });
  }

  /** What arrived of a user's, in order; of everybody's, where none is named. */
  got(user?: string): Message[] {
    const all = this.#receiver.at(this.path);
    return user === undefined ? all : all.filter(({ told }) => told.data["user_id"] === user);
  }

  /** What arrived of a user's, as soon as it is so many. */
  waitFor(user: string, count: number, deadlineMs?: number): Promise<Message[]> {
    const ask = (): Promise<Message[] | undefined> => {
      const got = this.got(user);
      return Promise.resolve(got.length >= count ? got : undefined);
    };
    return until(`${count} messages to ${this.name}`, ask, deadlineMs);
  }

  /**
   * Waits until the user's events have arrived, from the oldest on, of these types alone where some are given; and
   * holds each against the event. Gives the events, the oldest first.
   */
  async heard(user: string, types?: string[], deadlineMs?: number): Promise<Event[]> {
    const events = await until(
      `all events of ${user} at ${this.name}`,
      async () => {
        const all = (await eventsOf(this.#api, user)).reverse();
        const wanted = all.filter(({ type }) => types?.includes(type) ?? true);
        const got = new Set(this.got(user).map(({ id }) => id));
        return wanted.every(({ id }) => got.has(id)) ? wanted : undefined;
      },
      deadlineMs,
    );
    const got = this.got(user);
    assertGenuine(got, this.secret);
    const first = new Map(got.toReversed().map((message) => [message.id, message]));
    const inOrder = [...new Set(got.map(({ id }) => id))];
    assert.deepEqual(
      inOrder,
      events.map(({ id }) => id),
    );
    for (const event of events) assert.deepEqual(first.get(event.id)?.told, message(event));
    return events;
  }
}

/** Puts a new endpoint. */
export async function newHook(
  api: Api,
  receiver: Receiver,
  order: EndpointOrder = {},
): Promise<Hook> {
  const name = newName();
  const json = { url: receiver.url(`/${name}`), ...order };
  const { body } = await api.put<WithSecret>(webhookPath(name), json, 201);
  return new Hook(api, receiver, body);
}

/** What a message says of an event. */
function message({ id, type, at, data, ...event }: Event): object {
  const { user_id, actor, token_id, kind, connection_id } = event;
  const said = { event_id: id, user_id, actor, token_id, kind, connection_id, details: data };
  return { type, timestamp: at, data: said };
}

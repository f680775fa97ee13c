// Plays a history: several clients at once, each making one random move after another with what all of them have got so
// far, and a look at everything at the end.

import type { Api } from "../api.ts";
import { newProof, type Client } from "../grants.ts";
import { times } from "../wait.ts";
import { send, type Move } from "./moves.ts";
import { Random } from "./random.ts";

export const SCOPES = ["a", "b"];

/** A move, its answer, and when it was sent and answered: by a clock that every one of them moves. */
export interface Step {
  number: number;
  move: Move;
  start: number;
  end: number;
  status: number;
  body: Record<string, unknown>;
}

export interface Apps {
  confidential: Client;
  public: Client;
}

interface Code {
  secret: string;
  client: Client | undefined;
  verifier: string | undefined;
}

interface Grant {
  secret: string;
  client: Client;
}

const LANES = 3;
const MOVES = 12;

export class History {
  readonly user: string;
  readonly steps: Step[] = [];
  readonly #root: Api;
  readonly #apps: Apps;
  readonly #random: Random;
  #clock = 0;

  readonly #codes: Code[] = [];
  readonly #accesses: Grant[] = [];
  readonly #refreshes: Grant[] = [];
  readonly #connections: { id: string; client: Client }[] = [];

  constructor(root: Api, apps: Apps, user: string, seed: number) {
    this.#root = root;
    this.#apps = apps;
    this.user = user;
    this.#random = new Random(seed);
  }

  async play(): Promise<void> {
    await Promise.all(times(LANES, () => this.#lane()));
  }

  /** Looks at every token and connection, one after the other. */
  async look(): Promise<void> {
    const secrets = [...this.#codes, ...this.#accesses, ...this.#refreshes];
    for (const secret of new Set(secrets.map((one) => one.secret))) {
      await this.#take({ do: "check", secret });
    }
    for (const id of new Set(this.#connections.map((one) => one.id))) {
      await this.#take({ do: "get", id });
    }
  }

  async #lane(): Promise<void> {
    for (let index = 0; index < MOVES; index += 1) await this.#take(this.#choose());
  }

  async #take(move: Move): Promise<void> {
    const number = this.steps.length;
    const step: Step = { number, move, start: this.#tick(), end: 0, status: 0, body: {} };
    this.steps.push(step);
    const { status, body } = await send(this.#root, move);
    step.end = this.#tick();
    step.status = status;
    step.body = typeof body === "object" && body !== null ? (body as Step["body"]) : {};
    if (status < 300) this.#learn(move, step.body);
  }

  #tick(): number {
    this.#clock += 1;
    return this.#clock;
  }

  /** Notes what the answer gave. */
  #learn(move: Move, body: Step["body"]): void {
    const text = (name: string): string | undefined => {
      const value = body[name];
      return typeof value === "string" ? value : undefined;
    };
    const client = this.#clientOf(move);
    const connection = move.do === "connect" ? text("id") : text("connection_id");
    if (connection !== undefined && client && !this.#connections.some((c) => c.id === connection)) {
      this.#connections.push({ id: connection, client });
    }
    if (move.do === "mint") {
      const verifier = this.#verifiers.get(move.challenge ?? "");
      this.#codes.push({ secret: text("token") ?? "", client, verifier });
    }
    const [access, refresh] = [text("access_token"), text("refresh_token")];
    if (access !== undefined && client) this.#accesses.push({ secret: access, client });
    if (refresh !== undefined && client) this.#refreshes.push({ secret: refresh, client });
  }

  readonly #verifiers = new Map<string, string>();

  #clientOf(move: Move): Client | undefined {
    const { confidential, public: shown } = this.#apps;
    if (move.do === "mint" || move.do === "connect") {
      return [confidential, shown].find(({ app_id }) => app_id === move.app);
    }
    if (move.do === "issue") return this.#connections.find(({ id }) => id === move.id)?.client;
    return "client" in move ? move.client : undefined;
  }

  #choose(): Move {
    const random = this.#random;
    const chosen = random.pick(this.#choices())?.();
    return chosen ?? this.#mint();
  }

  /** Every sort of move, as often as it is to come; one that has nothing to be about becomes a mint. */
  #choices(): (() => Move | undefined)[] {
    const random = this.#random;
    const code = (): Code | undefined => random.pickLate(this.#codes);
    const access = (): Grant | undefined => random.pickLate(this.#accesses);
    const refresh = (): Grant | undefined => random.pickLate(this.#refreshes);
    const connection = (): { id: string } | undefined => random.pickLate(this.#connections);
    const anyToken = (): string | undefined =>
      random.pick([code(), access(), refresh()].flatMap((one) => one?.secret ?? []));
    const issued = (): Grant | undefined => random.pick([access(), refresh()]) ?? access();
    const about =
      <T>(of: () => T | undefined, make: (one: T) => Move) =>
      (): Move | undefined => {
        const one = of();
        return one === undefined ? undefined : make(one);
      };
    const often = (count: number, one: () => Move | undefined) => times(count, () => one);
    return [
      ...often(4, () => this.#mint()),
      ...often(2, () => this.#connect()),
      ...often(
        2,
        about(code, ({ secret }) => ({ do: "consume", secret })),
      ),
      ...often(
        5,
        about(code, (one) => this.#exchange(one)),
      ),
      ...often(
        5,
        about(refresh, (one) => this.#refresh(one)),
      ),
      ...often(
        3,
        about(connection, ({ id }) => this.#issue(id)),
      ),
      ...often(
        2,
        about(anyToken, (secret) => ({ do: "revoke", secret })),
      ),
      ...often(
        2,
        about(anyToken, (secret) => ({ do: "check", secret })),
      ),
      ...often(
        1,
        about(issued, ({ secret }) => this.#introspect(secret)),
      ),
      ...often(
        1,
        about(issued, (one) => this.#retract(one)),
      ),
      ...often(
        1,
        about(access, ({ secret }) => ({ do: "leave", secret })),
      ),
      ...often(
        1,
        about(connection, ({ id }) => ({ do: "close", id })),
      ),
      ...often(
        1,
        about(connection, ({ id }) => ({ do: "get", id })),
      ),
      ...often(
        1,
        about(connection, ({ id }) => ({ do: "disable", id })),
      ),
      ...often(
        2,
        about(connection, ({ id }) => ({ do: "enable", id })),
      ),
      ...often(1, () => this.#purge()),
    ];
  }

  #mint(): Move {
    const random = this.#random;
    const client = random.pick([undefined, this.#apps.confidential, this.#apps.public]);
    // A few run out while the history goes on.
    const ttl = random.chance(0.15) ? 1 : 600;
    const { verifier, challenge } = newProof();
    const isPublic = client !== undefined && client.secret === undefined;
    if (isPublic) this.#verifiers.set(challenge, verifier);
    return {
      do: "mint",
      user: this.user,
      ttl,
      ...(client === undefined ? {} : { app: client.app_id, ...this.#scope() }),
      ...(isPublic ? { challenge } : {}),
    };
  }

  #connect(): Move {
    const { app_id } = this.#random.pick([this.#apps.confidential, this.#apps.public]) as Client;
    return { do: "connect", user: this.user, app: app_id, ...this.#scope() };
  }

  /** By the right client with the right proof, but for a few. */
  #exchange({ secret, client, verifier }: Code): Move {
    const random = this.#random;
    const by = random.chance(0.1) ? this.#apps.confidential : client;
    const proof = random.chance(0.05) ? newProof().verifier : verifier;
    return {
      do: "exchange",
      client: by ?? this.#apps.confidential,
      secret,
      ...(proof === undefined ? {} : { verifier: proof }),
    };
  }

  #refresh({ secret, client }: Grant): Move {
    const by = this.#random.chance(0.05) ? this.#apps.confidential : client;
    return {
      do: "refresh",
      client: by,
      secret,
      ...(this.#random.chance(0.2) ? this.#scope() : {}),
    };
  }

  /** By a client that may: public ones may not introspect. What is another's reads as inactive. */
  #introspect(secret: string): Move {
    return { do: "introspect", client: this.#apps.confidential, secret };
  }

  #retract({ secret, client }: Grant): Move {
    const by = this.#random.chance(0.2) ? this.#apps.confidential : client;
    return { do: "retract", client: by, secret };
  }

  #issue(id: string): Move {
    const random = this.#random;
    const ttl = random.chance(0.15) ? 1 : 600;
    return { do: "issue", id, refresh: random.chance(0.6), ttl, ...this.#scope() };
  }

  #purge(): Move {
    const random = this.#random;
    const app = random.pick([undefined, this.#apps.confidential, this.#apps.public])?.app_id;
    const all = ["connection_token", "access_token", "refresh_token", "connection"];
    const kinds = random.chance(0.5) ? all : all.filter(() => random.chance(0.4));
    return {
      do: "purge",
      user: this.user,
      kinds: kinds.length === 0 ? ["connection"] : kinds,
      ...(app === undefined ? {} : { app }),
    };
  }

  #scope(): { scope?: string } {
    const scope = this.#random.pick([undefined, "a", "b", "a b"]);
    return scope === undefined ? {} : { scope };
  }
}

// Follows a ticket for a user: the user's connections, with their apps.

import type { ShownApp, UserConnection, UserConnectionsWithApps } from "../api/types.ts";
import { standardEnvironment, type Environment } from "./environment.ts";
import { TicketFollower, type FollowOptions, type Reading } from "./follower.ts";

/** A connection of the user, as the server returned it. */
export type ShownConnection = UserConnection;

/** The connections that a ticket shows. */
export interface ShownConnections extends Reading {
  connections: ShownConnection[];
  /** Whether the user has more than are shown. */
  has_more: boolean;
  /** The rights of the holder of the ticket. */
  can: string[];
}

/** The connections were read for the first time, or they or their apps are others than before. */
export class ConnectionsEvent extends Event {
  readonly connections: readonly ShownConnection[];

  constructor(connections: readonly ShownConnection[]) {
    super("connections");
    this.connections = connections;
  }
}

/** The server did not revoke a connection. */
export class RevocationError extends Error {
  override readonly name = "RevocationError";
  /** The HTTP status; 0 if there was no answer. */
  readonly status: number;

  constructor(status: number) {
    super("The server did not revoke the connection.");
    this.status = status;
  }
}

/**
 * Begins to follow the connections of the ticket's user.
 * @param environment the world, where it is not the standard one: for tests
 * @throws TypeError where the ticket is no ticket, or the server no URL; nothing was sent then
 */
export function followConnections(
  options: FollowOptions,
  environment: Partial<Environment> = {},
): ConnectionsFollower {
  return new ConnectionsFollower(options, { ...standardEnvironment(), ...environment });
}

export class ConnectionsFollower extends TicketFollower<ShownConnections> {
  readonly #apps = new Map<string, ShownApp>();
  /** The apps that were looked for. One that is not there was deleted, and is not looked for again. */
  readonly #known = new Set<string>();

  /** By {@link followConnections}. */
  constructor(options: FollowOptions, environment: Environment) {
    super(options, "v1/status/connections", environment);
  }

  /** The app with this id, once it was read; undefined if it was deleted. */
  app(id: string): ShownApp | undefined {
    return this.#apps.get(id);
  }

  /**
   * Revokes a connection as the user. The ticket needs the right.
   * @throws RevocationError if the server did not do it, or did not answer
   */
  async revoke(id: string): Promise<void> {
    let response;
    try {
      response = await this.send(`/${encodeURIComponent(id)}/revoke`, "POST");
    } catch {
      throw new RevocationError(0);
    }
    if (!response.ok) throw new RevocationError(response.status);
    const { status, provider_revocation } = (await response.json()) as UserConnection;
    const { reading } = this;
    if (reading === undefined) return;
    // The next message says the same. Where there is only polling, it comes late.
    const connections = reading.connections
      .filter((shown) => shown.id !== id || status !== "revoked")
      .map((shown) => (shown.id === id ? { ...shown, status, provider_revocation } : shown));
    this.replace({ ...reading, connections });
  }

  protected parse(text: string): { reading: ShownConnections; isFinal: boolean } {
    const { apps, ...reading } = JSON.parse(text) as ShownConnections &
      Partial<UserConnectionsWithApps>;
    const ids = new Set(reading.connections.map(({ app_id }) => app_id));
    if (apps !== undefined) this.#learn(apps, ids);
    else if ([...ids].some((id) => !this.#known.has(id))) void this.#readApps(ids);
    return { reading, isFinal: false };
  }

  protected changed({ connections }: ShownConnections): Event {
    return new ConnectionsEvent(connections);
  }

  #learn(apps: Record<string, ShownApp>, ids: Iterable<string>): void {
    for (const id of ids) this.#known.add(id);
    for (const [id, app] of Object.entries(apps)) this.#apps.set(id, app);
  }

  /** A message of a WebSocket has no apps. Without them, a connection has the id of its app as its name. */
  async #readApps(ids: Set<string>): Promise<void> {
    try {
      const response = await this.send("");
      if (!response.ok) return;
      const { apps } = (await response.json()) as UserConnectionsWithApps;
      this.#learn(apps, ids);
      if (this.reading) this.dispatchEvent(this.changed(this.reading));
    } catch {
      // The next change is another occasion.
    }
  }
}

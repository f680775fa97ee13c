// The calls of the API that the console makes, by name.

import { session } from "./session.ts";
import type {
  App,
  AppOrder,
  AuditEvent,
  Changed,
  Connection,
  Delivery,
  Page,
  Profile,
  Provider,
  Revocation,
  Tested,
  Token,
  User,
  UserRevoked,
  Webhook,
} from "./types.ts";

type Json = Record<string, unknown>;
type Query = Record<string, string | undefined>;

const at = (...parts: string[]): string => `/v1/${parts.map(encodeURIComponent).join("/")}`;

const get = <T>(path: string, signal?: AbortSignal, query: Query = {}): Promise<T> =>
  session.send<T>({ path, query, signal });

const put = <T>(path: string, json: unknown): Promise<T> =>
  session.send<T>({ method: "PUT", path, json });

/** A POST that changes something is sent with a key that makes its repetition safe. */
const post = <T>(path: string, json: Json, idempotencyKey?: string): Promise<T> =>
  session.send<T>({
    method: "POST",
    path,
    json,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });

const remove = (path: string): Promise<void> => session.send({ method: "DELETE", path });

// Users, and what is theirs.

export const readUser = (id: string, signal?: AbortSignal): Promise<User> =>
  get(at("users", id), signal);
export const putUser = (id: string, profile: Profile): Promise<User> =>
  put(at("users", id), profile);
export const revokeUser = (id: string, json: Json, once?: string): Promise<UserRevoked> =>
  post(at("users", id, "revoke"), json, once);
export const listTokens = (id: string, query: Query, signal?: AbortSignal): Promise<Page<Token>> =>
  get(at("users", id, "tokens"), signal, query);
export const listConnections = (
  id: string,
  query: Query,
  signal?: AbortSignal,
): Promise<Page<Connection>> => get(at("users", id, "connections"), signal, query);
export const listEvents = (
  id: string,
  query: Query,
  signal?: AbortSignal,
): Promise<Page<AuditEvent>> => get(at("users", id, "events"), signal, query);

// Tokens and keys.

export const mintToken = (json: Json, once: string): Promise<Token & { token: string }> =>
  post(at("tokens"), json, once);
export const readToken = (token_id: string, signal?: AbortSignal): Promise<Token> =>
  session.send({ method: "POST", path: at("tokens", "check"), json: { token_id }, signal });
/** Looks up whose a secret is. It goes into the body, and is not kept. */
export const checkSecret = (token: string): Promise<Token> =>
  post(at("tokens", "check"), { token });
export const revokeToken = (json: Json, once: string): Promise<Changed & Token> =>
  post(at("tokens", "revoke"), json, once);
export const createKey = (json: Json, once: string): Promise<Token & { api_key: string }> =>
  post(at("api-keys"), json, once);

// Connections.

export const readConnection = (id: string, signal?: AbortSignal): Promise<Connection> =>
  get(at("connections", id), signal);
export const createConnection = (json: Json, once: string): Promise<Connection> =>
  post(at("connections"), json, once);
export const changeConnection = (
  id: string,
  verb: "revoke" | "disable" | "enable",
  json: Json,
  once: string,
): Promise<Changed & Connection> => post(at("connections", id, verb), json, once);
export const issueTokens = (
  id: string,
  json: Json,
  once: string,
): Promise<{ access_token: string; refresh_token?: string; expires_in: number }> =>
  post(at("connections", id, "tokens"), json, once);
/** A ticket lets the element follow the connection, and do nothing else. */
export const ticketFor = (connection_id: string): Promise<{ ticket: string }> =>
  post(at("status-tickets"), { connection_id });

// The operator's.

export const readApp = (id: string, signal?: AbortSignal): Promise<App> =>
  get(at("apps", id), signal);
export const putApp = (id: string, order: AppOrder): Promise<App> => put(at("apps", id), order);
export const rotateClientSecret = (id: string, json: Json, once: string): Promise<App> =>
  post(at("apps", id, "client-secret"), json, once);

export const listProviders = (signal?: AbortSignal): Promise<Page<Provider>> =>
  get(at("providers"), signal);
export const readProvider = (slug: string, signal?: AbortSignal): Promise<Provider> =>
  get(at("providers", slug), signal);
export const putProvider = (slug: string, json: Json): Promise<Provider> =>
  put(at("providers", slug), json);
export const removeProvider = (slug: string): Promise<void> => remove(at("providers", slug));

export const listRevocations = (query: Query, signal?: AbortSignal): Promise<Page<Revocation>> =>
  get(at("revocations"), signal, { state: "abandoned", ...query });
export const changeRevocation = (
  id: string,
  verb: "retry" | "dismiss",
  once: string,
): Promise<Revocation> => post(at("revocations", id, verb), {}, once);

export const listWebhooks = (signal?: AbortSignal): Promise<Page<Webhook>> =>
  get(at("webhooks"), signal);
export const readWebhook = (name: string, signal?: AbortSignal): Promise<Webhook> =>
  get(at("webhooks", name), signal);
export const putWebhook = (name: string, json: Json): Promise<Webhook> =>
  put(at("webhooks", name), json);
export const removeWebhook = (name: string): Promise<void> => remove(at("webhooks", name));
export const rotateWebhookSecret = (name: string, json: Json, once: string): Promise<Webhook> =>
  post(at("webhooks", name, "secret"), json, once);
export const testWebhook = (name: string): Promise<Tested> =>
  post(at("webhooks", name, "test"), {});
export const listDeliveries = (
  name: string,
  query: Query,
  signal?: AbortSignal,
): Promise<Page<Delivery>> => get(at("webhooks", name, "deliveries"), signal, query);

// The types of requests and responses. Generated from the Rust types: do not edit, see `src/dialects/describe`.

/** A user id: 1 to 128 bytes without control or invisible characters, and without spaces at its ends. `root`, `system` and ids that begin with `app:` are reserved for actors that are not users. */
export type UserId = string;

/** The role of a user, which decides which users it may write. */
export type Role = "admin" | "manager" | "member" | "none";

/** A group of users: 1 to 64 bytes without control or invisible characters, and without spaces at its ends. */
export type Group = string;

/** The id of a user in another system: 1 to 128 letters, digits, `.`, `_`, `-` or `|` (Stytch's rule). */
export type ExternalId = string;

/** The profile of a user. */
export interface PutUserRequest {
  /** The role, which decides which users the user may write. The default is `member`. */
  role?: Role;
  /** The user's groups. The default is none. */
  groups?: Array<Group>;
  /** The user's id in another system, which no other user has. The default is none. */
  external_id?: ExternalId;
  /** Whether connection tokens can be created and consumed for the user, and connections created. The default is true. */
  connectable?: boolean;
}

/** A date and time of RFC 3339. Responses have UTC with microseconds. */
export type Time = string;

/** An app id: 1 to 128 bytes without control or invisible characters, and without spaces at its ends. It is the app's OAuth `client_id`. */
export type AppId = string;

/** The kinds of resource that a revocation of a user includes. */
export type RevokedKind = "connection_token" | "access_token" | "refresh_token" | "api_key" | "connection";

/** The tokens and connections of a user to revoke. */
export interface RevokeUserRequest {
  /** Only what was created up to and including this time, which is not in the future. The default is now. */
  before?: Time;
  /** Only what belongs to this app. */
  app_id?: AppId;
  /** Only these kinds. The default is every kind. */
  kinds?: Array<RevokedKind>;
  /** Whether to count without revoking. The default is false. */
  dry_run?: boolean;
  /** Why, in your words. Events and verdicts show it. */
  reason?: string;
}

/** The position in a list after which a page begins. Lists are newest first. */
export type Cursor = string;

/** The status of a token. `consumed`, `revoked` and `expired` are final and exclude each other. */
export type Status = "valid" | "consumed" | "revoked" | "expired" | "inactive";

/** The kinds of handle that are tokens: secrets with a lifetime. */
export type TokenKind = "connection_token" | "access_token" | "refresh_token" | "api_key";

/** The type of an event. */
export type EventType = "user.created" | "user.updated" | "user.revoked" | "token.created" | "token.consumed" | "token.revoked" | "token.expired" | "token.replayed" | "connection.created" | "connection.activated" | "connection.disabled" | "connection.enabled" | "connection.revoked" | "connection.expired" | "connection.revoking" | "revocation.abandoned";

/** The status of a connection. `expired` and `revoked` are final. */
export type ConnectionStatus = "initiated" | "active" | "inactive" | "expired" | "revoking" | "revoked";

/** A list of one or more scopes, separated by single spaces, without duplicates. */
export type Scope = string;

/** An absolute URI without a fragment (RFC 6749 §3.1.2), and with no scheme that a browser would execute. */
export type RedirectUri = string;

/** An S256 code challenge (RFC 7636). */
export type CodeChallenge = string;

/** The methods by which a code challenge is computed (RFC 7636). */
export type ChallengeMethod = "S256";

/** A connection token to create. */
export interface CreateTokenRequest {
  /** The user that the token is for. */
  user_id: UserId;
  /** The validity in seconds. The default is a day. */
  ttl?: number;
  /** The app that the token connects the user to. */
  app_id?: AppId;
  /** The scopes that the app gets. The default is all scopes of the app. */
  scope?: Scope;
  /** The URI to which the user returns: a redirect URI of the app. It needs `app_id`. */
  redirect_uri?: RedirectUri;
  /** The S256 challenge of the client that exchanges the token (RFC 7636). It needs `app_id`. */
  code_challenge?: CodeChallenge;
  /** The method of `code_challenge`. */
  code_challenge_method?: ChallengeMethod;
  /** Data to store with the token. Every verdict has it. */
  metadata?: Record<string, unknown>;
  /** A label of your choice. */
  label?: string;
}

/** The token or tokens to check: exactly one of `token`, `token_id` and `tokens`. */
export interface CheckTokensRequest {
  /** The secret of the token. */
  token?: string;
  /** The public id of the token. */
  token_id?: string;
  /** With `token_id`: the user that the token belongs to. For another user's token the answer is 404. */
  user_id?: UserId;
  /** The secrets or public ids of up to 100 tokens. */
  tokens?: Array<string>;
}

/** The connection token to consume. */
export interface ConsumeTokenRequest {
  /** The secret of the token. */
  token: string;
}

/** The token to revoke: either `token` or `token_id`. */
export interface RevokeTokenRequest {
  /** The secret of the token. */
  token?: string;
  /** The public id of the token. */
  token_id?: string;
  /** With `token_id`: the user that the token belongs to. For another user's token the answer is 404. */
  user_id?: UserId;
  /** Why, in your words. Events and verdicts show it. */
  reason?: string;
}

/** An API key to create. */
export interface CreateApiKeyRequest {
  /** The user that the key authenticates. */
  user_id: UserId;
  /** The validity in seconds. The default is unlimited. */
  ttl?: number;
  /** A label of your choice. */
  label?: string;
}

/** A scope of an app: 1 to 128 visible ASCII characters without quotes and backslashes. */
export type SingleScope = string;

/** Whether an app can keep a secret (RFC 6749 §2.1). */
export type ClientType = "public" | "confidential";

/** The URL of a logo: an https URL, or an http URL of this machine. */
export type LogoUrl = string;

/** The name of a provider or webhook endpoint: 1 to 64 lower-case letters, digits, `_` or `-`. */
export type Slug = string;

/** The registration of an app. */
export interface PutAppRequest {
  /** The name that users see. */
  name: string;
  /** The purpose of the app in a sentence. The default is none. */
  description?: string;
  /** The redirect URIs. They are compared exactly. The default is none. */
  redirect_uris?: Array<RedirectUri>;
  /** The scopes that the app may ask for. The default is none. */
  scopes?: Array<SingleScope>;
  /** Whether the app can keep a secret. The default is `confidential`. */
  client_type?: ClientType;
  /** The URL of the app's logo. The default is none. */
  logo_url?: LogoUrl;
  /** The provider whose credentials the app's connections store. The default is none. */
  provider?: Slug;
}

/** How the client secret of an app is rotated. */
export interface RotateClientSecretRequest {
  /** The seconds for which the replaced secret stays valid. The default is 0. */
  previous_ttl?: number;
}

/** Credentials of a provider: an access token, a refresh token, or both. */
export interface UpstreamRequest {
  /** The provider. The default is the provider whose credentials the connection stores, or else the app's. */
  provider?: Slug;
  /** The access token. */
  access_token?: string;
  /** The refresh token. */
  refresh_token?: string;
  /** When the access token expires. A time after the year 2200 stands for no expiry. Without an access token it must be left out. */
  expires_at?: Time;
  /** The seconds until the access token expires. It must be left out if `expires_at` is given. */
  expires_in?: number;
}

/** A connection to create. */
export interface CreateConnectionRequest {
  /** The id of the user. */
  user_id: UserId;
  /** The id of the app. */
  app_id: AppId;
  /** The scopes that the app gets. The default is all scopes of the app. */
  scope?: Scope;
  /** Data to store with the connection. */
  metadata?: Record<string, unknown>;
  /** Credentials of the provider to store. */
  upstream?: UpstreamRequest;
}

/** Why a connection is changed. */
export interface ChangeConnectionRequest {
  /** Why, in your words. Events and the connection show it. */
  reason?: string;
}

/** The tokens to issue. */
export interface IssueTokensRequest {
  /** The scopes of the tokens. The default is all scopes of the connection. */
  scope?: Scope;
  /** The validity of the access token in seconds. The default is an hour. */
  ttl?: number;
  /** Whether to issue a refresh token too. The default is true. */
  refresh_token?: boolean;
  /** The validity of the refresh token in seconds. The default is 90 days. */
  refresh_token_ttl?: number;
}

/** The states in which revocations are listed. */
export type ListedState = "abandoned";

/** The abandoned revocations to retry or dismiss. */
export interface ManageRevocationsRequest {
  /** The user of the connection. The default is all users. */
  user_id?: UserId;
  /** The provider. The default is all providers. */
  provider?: Slug;
  /** The highest number of revocations. The default is 50. */
  limit?: number;
  /** The `next_cursor` of an earlier answer. */
  cursor?: Cursor;
}

/** The id of the revocation of a credential: `rev_`, the ledger's name, and the credential's row number in hex. */
export type RevocationId = string;

/** An object without fields. The body may be left out. */
export type EmptyRequest = Record<string, unknown>;

/** The call by which a provider revokes tokens. */
export interface ProviderCallRequest {
  /** The kind of request, or `none` if the provider has no call that revokes tokens. */
  method: RevocationMethod;
  /** The URL. `{client_id}` and `{token}` in its path or query are replaced by percent-encoded values. It must have `{token}` if neither `body` nor `auth` carries the token. Required unless `method` is `none`. */
  url?: string;
  /** The party that authenticates the request, and the method. Required unless `method` is `none`. */
  auth?: CallAuth;
  /** Where the request carries the token and the other parameters. The default is `form` for `rfc7009` and `post`, and `none` otherwise. For `get` it is `query` or `none`. */
  body?: CallBody;
  /** The name of the parameter that carries the token. The default is `token`. */
  parameter?: ParameterName;
  /** The types of token that the call revokes. The default is both. */
  tokens?: Array<UpstreamTokenType>;
  /** Values of `error` in an answer that mean that the token was already invalid. The default is `invalid_token` for `rfc7009`, and none otherwise. */
  gone_errors?: Array<AnswerError>;
  /** HTTP statuses of an answer that mean the same. The default is none. */
  gone_statuses?: Array<number>;
  /** Further headers of the request, by name. The default is none. */
  headers?: Record<string, string>;
  /** The meanings of answers, by status and by values in their JSON body. The first rule that matches counts, before all other rules. If any rule means `revoked`, no other answer does. The default is none: then 200 and 204 mean `revoked`, unless the body reports a failure. */
  answers?: Array<AnswerRuleRequest>;
}

/** The kind of request that revokes a token, or that there is none. */
export type RevocationMethod = "rfc7009" | "post" | "delete" | "get" | "none";

/** The party that authenticates the request that revokes a token, and the method. */
export type CallAuth = "basic" | "post" | "bearer" | "none";

/** Where the request carries the token and the other parameters. */
export type CallBody = "form" | "json" | "query" | "none";

/** The name of a parameter: 1 to 64 letters, digits, `-`, `_` or `.`, so that it needs no encoding. */
export type ParameterName = string;

/** The types of token that a provider issues. */
export type UpstreamTokenType = "refresh_token" | "access_token";

/** The `error` of a provider's answer: 1 to 128 visible ASCII characters. */
export type AnswerError = string;

/** The meaning of one kind of answer of a provider. */
export interface AnswerRuleRequest {
  /** The HTTP status of the answer: 200 to 299 if it means `revoked`, 200 to 499 if it means `gone`. */
  status: number;
  /** Values that the JSON body must have, by their JSON pointers (RFC 6901), such as `/error/code`: at most 8. The default is none. */
  body?: Record<string, AnswerValue>;
  /** The meaning of the answer. */
  means: AnswerMeaning;
}

/** A value in the JSON body of an answer. */
export type AnswerValue = boolean | number | string;

/** The meaning of an answer for the credential. */
export type AnswerMeaning = "revoked" | "gone" | "retry" | "rejected";

/** The configuration of a provider. */
export interface PutProviderRequest {
  /** The name that people see. The default is the catalogue's, or else the slug. */
  name?: string;
  /** How the provider revokes tokens. The default is the catalogue's call, or else none. */
  revocation?: ProviderCallRequest;
  /** The deployment's client id at the provider. The default is none. */
  client_id?: string;
  /** The deployment's client secret at the provider. It needs `client_id`. */
  client_secret?: string;
}

/** A signing secret of your own: `whsec_` and 24 to 64 bytes in base64. */
export type ProvidedSecret = string;

/** The settings of a webhook endpoint. */
export interface PutWebhookRequest {
  /** The URL that receives events: a public https URL. */
  url: string;
  /** The types of event to send. The default is all types. */
  events?: Array<EventType>;
  /** Whether no events are sent. The default is false. */
  disabled?: boolean;
  /** The signing secret. By default an existing endpoint keeps its own, and a new one gets a fresh one. */
  secret?: ProvidedSecret;
}

/** How the signing secret of an endpoint is rotated. */
export interface RotateWebhookSecretRequest {
  /** The seconds for which the replaced secret signs beside the new one. The default is a day. */
  previous_ttl?: number;
}

/** A status ticket to create: for exactly one of `connection_id` and `token_id`. */
export interface CreateStatusTicketRequest {
  /** The connection to read. */
  connection_id?: string;
  /** The public id of the token to read. */
  token_id?: string;
  /** The validity in seconds. The default is an hour. */
  ttl?: number;
}

/** A sign-in code to trade. */
export interface CreateSessionRequest {
  /** The sign-in code. */
  code?: string;
}

/** A request for tokens. Other parameters are ignored, and empty ones count as absent (RFC 6749 §3.2). */
export interface TokenRequest {
  /** `authorization_code` or `refresh_token`. */
  grant_type: string;
  /** The authorization code, which is a connection token. Required for `authorization_code`. */
  code?: string;
  /** The redirect URI of the authorization. Required if the authorization had one. */
  redirect_uri?: string;
  /** The verifier of the code's challenge. Required for public clients. */
  code_verifier?: string;
  /** The refresh token. Required for `refresh_token`. */
  refresh_token?: string;
  /** The scopes of the new access token: a part of the granted scopes. */
  scope?: Scope;
  /** The client, unless it authenticates with HTTP Basic. */
  client_id?: string;
  /** The secret of a confidential client, unless it authenticates with HTTP Basic. */
  client_secret?: string;
}

/** A request about one token. Other parameters are ignored, also `token_type_hint`. */
export interface PresentedToken {
  /** The token to introspect or revoke. */
  token: string;
  /** The client, unless it authenticates with HTTP Basic. */
  client_id?: string;
  /** The secret of a confidential client, unless it authenticates with HTTP Basic. */
  client_secret?: string;
}

/** A request to generate a token. */
export interface PartooGenerateRequest {
  /** The user that the token is for. */
  user_id: UserId;
  /** The validity in seconds. The default is a day. */
  ttl?: number;
}

/** A request to revoke a token. */
export interface PartooRevokeRequest {
  /** The user that the token is for. */
  user_id: UserId;
  /** The token. Without it, every valid connection token of the user is revoked. */
  token?: string;
}

/** A JSON object. Its members are ignored. */
export type StytchRevokeRequest = Record<string, unknown>;

/** The status of a connected account. */
export type AccountStatus = "INITIALIZING" | "INITIATED" | "ACTIVE" | "FAILED" | "EXPIRED" | "INACTIVE" | "REVOKED";

/** The member that a client wants the list to be sorted by. */
export type OrderBy = "created_at" | "updated_at";

/** The direction in which a client wants the list to be sorted. */
export type OrderDirection = "asc" | "desc";

/** Whether an account is shared. */
export type AccountType = "PRIVATE" | "SHARED" | "ALL";

/** A request for a link. Other members are ignored, as Composio does. */
export interface ComposioLinkRequest {
  /** The id of the user. */
  user_id: UserId;
  /** The id of the app. */
  auth_config_id: AppId;
  /** The URL to which the user returns, with `status` (`success` or `failed`) and `connected_account_id`: a redirect URI of the app. */
  callback_url?: string;
}

/** A boolean in a query. */
export type TrueOrFalse = "true" | "false";

/** A request to disable or enable an account. Other members are ignored, as Composio does. */
export interface ComposioStatusRequest {
  /** Whether the account can be used. */
  enabled: boolean;
  /** Why. The default is `Connection status updated by user`. */
  reason?: string;
}

/** The answer of the holder of a connection token. */
export type Consent = "approve" | "decline";

/** The form of the page. */
export interface LinkForm {
  /** The connection token. */
  token: string;
  /** The state of the link. */
  state?: string;
  /** The answer of the user. */
  consent: Consent;
  /** The page that is answered: its id, a space, and the app that it named. */
  page?: string;
}

/** A user with its profile. */
export interface User {
  /** The user's id. */
  user_id: UserId;
  /** The role, which decides which users the user may write. */
  role: Role;
  /** The user's groups, sorted. */
  groups: Array<Group>;
  /** The user's id in another system. */
  external_id: ExternalId | null;
  /** Whether connection tokens can be created and consumed for the user, and connections created. */
  connectable: boolean;
  /** When the user was created. */
  created_at: Time;
  /** When the profile last changed. */
  updated_at: Time;
}

/** A problem (RFC 9457). */
export interface Problem {
  /** `urn:hookswitch:problem:` and the code. */
  type: string;
  /** The code in words. */
  title: string;
  /** The HTTP status. */
  status: number;
  /** The problem in sentences. They may change. */
  detail: string;
  /** The code. It never changes. */
  code: string;
  /** The id of the request. It finds the request in the log. */
  request_id: string;
  /** The rule that each wrong value breaks, by the path of the value. */
  errors?: Record<string, string>;
  /** The verdict on the token, if it is not active. */
  verdict?: Verdict;
  /** The connection, if its status does not allow the request. */
  connection?: Connection;
  /** The secrets that the deployment lacks. */
  missing?: Array<string>;
}

/** The status of a token with its times, actor and reason. It contains no secret. */
export interface Verdict {
  /** The status of the token. */
  status: Status;
  /** When the verdict was true. */
  as_of: Time;
  /** Until when the verdict may be reused (`LEASE_SECONDS`): the end of its lease, or `as_of` if it has none. Null if the status is final: the verdict is true forever. */
  valid_until: Time | null;
  /** Where the verdict comes from. */
  source: Source;
  /** The user that the token belongs to. */
  user_id: UserId;
  /** The public id of the token. */
  token_id: TokenId;
  /** The kind of token. */
  kind: TokenKind;
  /** When the token was created. */
  created_at: Time;
  /** When the token expires or expired; null if it does not expire. */
  expires_at: Time | null;
  /** When the token was consumed. */
  consumed_at: Time | null;
  /** When the token was revoked. */
  revoked_at: Time | null;
  /** Why the token was revoked, in the caller's words. */
  reason: string | null;
  /** The actor that consumed or revoked the token. */
  by: Actor | null;
  /** The actor that created the token. */
  created_by: Actor;
  /** The app that the token connects, or that it was issued to. */
  app_id: AppId | null;
  /** The connection that the token completes, or that it was issued under. */
  connection_id: ConnectionId | null;
  /** The scopes that the app gets. */
  scope: Scope | null;
  /** The URI to which the user returns. */
  redirect_uri: string | null;
  /** The label that the caller chose. */
  label: string | null;
  /** The data that the caller stored with the token. */
  metadata: JsonObject | null;
}

/** Where a verdict comes from. */
export type Source = "ledger" | "lease" | "replica";

/** The public id of a token: `tok_` and 48 hex digits. It names a token and revokes it, and can never be used. */
export type TokenId = string;

/** The author of a change in the audit trail: `root`, `system`, `app:` and an app id, or a user id. `UserId` rejects the reserved forms, so no user can appear as another actor. */
export type Actor = string;

/** The public id of a connection: `ca_` and 48 hex digits. */
export type ConnectionId = string;

export type JsonObject = Record<string, unknown>;

/** A connection: the link between a user and an app. */
export interface Connection {
  /** The connection's id. */
  id: ConnectionId;
  /** The id of the user. */
  user_id: UserId;
  /** The id of the app. */
  app_id: AppId;
  /** The status of the connection. */
  status: ConnectionStatus;
  /** Why the connection has this status, in the caller's words. */
  status_reason: string | null;
  /** When this was true. */
  as_of: Time;
  /** The scopes that the app was granted. */
  scope: Scope | null;
  /** When the connection was created. */
  created_at: Time;
  /** The actor that created the connection. */
  created_by: Actor;
  /** The time by which the user must authorize the app; null once that is done. */
  expires_at: Time | null;
  /** When the user first authorized the app. */
  activated_at: Time | null;
  /** When the connection entered its status. */
  changed_at: Time;
  /** The actor that changed the status; null if the connection expired. */
  changed_by: Actor | null;
  /** When the connection was revoked. */
  revoked_at: Time | null;
  /** The data that the caller stored with the connection. */
  metadata: JsonObject | null;
  /** The credentials of the provider; null if the connection never stored any. */
  upstream: ConnectionUpstream | null;
}

/** The credentials of the provider that a connection stores or stored. */
export interface ConnectionUpstream {
  /** The provider. */
  provider: Slug;
  /** The credentials. Their secrets are never returned. */
  credentials: Array<Credential>;
}

/** A credential of the provider, without its secret. */
export interface Credential {
  /** The type of token. */
  token_type: UpstreamTokenType;
  /** When the credential expires at the provider, if that is known. */
  expires_at: Time | null;
  /** The id of the revocation of the credential; null while the credential is `held`. */
  revocation_id: string | null;
  /** The state of the credential. */
  state: CredentialState;
  /** How many times the provider was asked to revoke it. */
  attempts: number;
  /** When the provider is asked next, while the state is `revoking`. */
  next_attempt_at: Time | null;
  /** Why the last attempt failed. */
  error: string | null;
  /** When the credential entered its state. */
  changed_at: Time;
}

/** The state of a stored credential. */
export type CredentialState = "held" | "revoking" | "revoked" | "gone" | "unsupported" | "abandoned" | "dismissed";

/** The number of revoked tokens and connections, by kind. */
export interface UserRevoked {
  /** The user's id. */
  user_id: UserId;
  /** Whether it was only counted. */
  dry_run: boolean;
  /** Everything that was created up to and including this time is revoked. */
  before: Time;
  /** No check returns `valid` after this time. It is later than the revocation only if `LEASE_SECONDS` is set. */
  effective_at: Time;
  /** How many of each kind were alive. */
  revoked: Counts;
  /** The sum of all kinds. */
  total: number;
}

/** Numbers of tokens of each kind, and of connections. */
export interface Counts {
  /** The number of connection tokens. */
  connection_token: number;
  /** The number of access tokens. */
  access_token: number;
  /** The number of refresh tokens. */
  refresh_token: number;
  /** The number of API keys. */
  api_key: number;
  /** The number of connections. */
  connection: number;
}

/** A page of a list. */
export interface VerdictList {
  /** The items, newest first. */
  items: Array<Verdict>;
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** A page of a list. */
export interface EventList {
  /** The items, newest first. */
  items: Array<Event>;
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** An event of a user's audit trail. */
export interface Event {
  /** The id of the event: `evt_` and hex digits. The webhook of the event has the same id. */
  id: string;
  /** The type of the event. */
  type: EventType;
  /** When it happened. */
  at: Time;
  /** The actor that caused the change: `root`, `system`, `app:` and an app id, or a user id. */
  actor: Actor;
  /** The kind of the actor: a user whose id looks like another actor is a `user`. */
  actor_type: ActorType;
  /** The user that the event belongs to. */
  user_id: UserId;
  /** The token, if the event is about one. */
  token_id: TokenId | null;
  /** The kind of the token. */
  kind: TokenKind | null;
  /** The connection, if the event is about one or about a token under one. */
  connection_id: ConnectionId | null;
  /** Details that depend on the type. They contain no secrets. */
  data: JsonObject;
}

/** The kind of an actor. An id that looks like another actor's does not change it. */
export type ActorType = "root" | "system" | "app" | "user";

/** A page of a list. */
export interface ConnectionList {
  /** The items, newest first. */
  items: Array<Connection>;
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** A connection token with its secret. */
export interface CreatedToken {
  /** The secret: `hct_` and 48 hex digits. It is shown only here. */
  token: string;
  /** The public id. */
  token_id: TokenId;
  /** The user that the token is for. */
  user_id: UserId;
  /** The kind of token. */
  kind: TokenKind;
  /** The status of the token. */
  status: Status;
  /** When the token was created. */
  created_at: Time;
  /** When the token expires. */
  expires_at: Time | null;
  /** The actor that created the token. */
  created_by: Actor;
  /** The app that the token connects, or that it was issued to. */
  app_id: AppId | null;
  /** The connection that the token completes, or that it was issued under. */
  connection_id: ConnectionId | null;
  /** The scopes that the app gets. */
  scope: Scope | null;
  /** The URI to which the user returns. */
  redirect_uri: string | null;
  /** The label that the caller chose. */
  label: string | null;
  /** The data that the caller stored with the token. */
  metadata: JsonObject | null;
}

/** The verdict on a token, or the verdicts on many. */
export type CheckResponse = Verdict | VerdictBatch;

/** The verdicts on many tokens. */
export interface VerdictBatch {
  /** The verdicts, in the order of the request. */
  items: Array<BatchItem>;
}

/** The verdict on one of many tokens. */
export type BatchItem = Verdict | UnknownVerdict;

/** The answer for a token that does not exist, that the caller may not see, or whose ledger did not answer. */
export interface UnknownVerdict {
  /** `unknown`, or `unavailable` if the ledger did not answer: then check the token again. */
  status: string;
  /** When the verdict was true. */
  as_of: Time;
}

/** A connection token that was consumed, with the user that it lets in. */
export interface ConsumedToken {
  /** The status of the token. */
  status: Status;
  /** When the verdict was true. */
  as_of: Time;
  /** Until when the verdict may be reused (`LEASE_SECONDS`): the end of its lease, or `as_of` if it has none. Null if the status is final: the verdict is true forever. */
  valid_until: Time | null;
  /** Where the verdict comes from. */
  source: Source;
  /** The user that the token belongs to. */
  user_id: UserId;
  /** The public id of the token. */
  token_id: TokenId;
  /** The kind of token. */
  kind: TokenKind;
  /** When the token was created. */
  created_at: Time;
  /** When the token expires or expired; null if it does not expire. */
  expires_at: Time | null;
  /** When the token was consumed. */
  consumed_at: Time | null;
  /** When the token was revoked. */
  revoked_at: Time | null;
  /** Why the token was revoked, in the caller's words. */
  reason: string | null;
  /** The actor that consumed or revoked the token. */
  by: Actor | null;
  /** The actor that created the token. */
  created_by: Actor;
  /** The app that the token connects, or that it was issued to. */
  app_id: AppId | null;
  /** The connection that the token completes, or that it was issued under. */
  connection_id: ConnectionId | null;
  /** The scopes that the app gets. */
  scope: Scope | null;
  /** The URI to which the user returns. */
  redirect_uri: string | null;
  /** The label that the caller chose. */
  label: string | null;
  /** The data that the caller stored with the token. */
  metadata: JsonObject | null;
  /** The user that the token belongs to. */
  user: User;
  /** The connection that the token completed; null if the token names no app. */
  connection: Connection | null;
}

/** The verdict on a token after a revocation. */
export interface RevokedToken {
  /** Whether this request revoked the token. False if the token was dead already. */
  changed: boolean;
  /** The status before the request. */
  previous: Status;
  /** No check returns `valid` after this time. It is later than the revocation only if `LEASE_SECONDS` is set. */
  effective_at: Time;
  /** The status of the token. */
  status: Status;
  /** When the verdict was true. */
  as_of: Time;
  /** Until when the verdict may be reused (`LEASE_SECONDS`): the end of its lease, or `as_of` if it has none. Null if the status is final: the verdict is true forever. */
  valid_until: Time | null;
  /** Where the verdict comes from. */
  source: Source;
  /** The user that the token belongs to. */
  user_id: UserId;
  /** The public id of the token. */
  token_id: TokenId;
  /** The kind of token. */
  kind: TokenKind;
  /** When the token was created. */
  created_at: Time;
  /** When the token expires or expired; null if it does not expire. */
  expires_at: Time | null;
  /** When the token was consumed. */
  consumed_at: Time | null;
  /** When the token was revoked. */
  revoked_at: Time | null;
  /** Why the token was revoked, in the caller's words. */
  reason: string | null;
  /** The actor that consumed or revoked the token. */
  by: Actor | null;
  /** The actor that created the token. */
  created_by: Actor;
  /** The app that the token connects, or that it was issued to. */
  app_id: AppId | null;
  /** The connection that the token completes, or that it was issued under. */
  connection_id: ConnectionId | null;
  /** The scopes that the app gets. */
  scope: Scope | null;
  /** The URI to which the user returns. */
  redirect_uri: string | null;
  /** The label that the caller chose. */
  label: string | null;
  /** The data that the caller stored with the token. */
  metadata: JsonObject | null;
}

/** An API key with its secret. */
export interface CreatedApiKey {
  /** The secret: `hak_` and 48 hex digits. It is shown only here. */
  api_key: string;
  /** The public id. */
  token_id: TokenId;
  /** The user that the key authenticates. */
  user_id: UserId;
  /** The kind of token. */
  kind: TokenKind;
  /** The status of the key. */
  status: Status;
  /** When the key was created. */
  created_at: Time;
  /** When the key expires; null if it does not expire. */
  expires_at: Time | null;
  /** The actor that created the key. */
  created_by: Actor;
  /** The label that the caller chose. */
  label: string | null;
}

/** An app with a client secret that was created. */
export interface AppWithSecret {
  /** The app's id, which is its OAuth `client_id`. */
  app_id: AppId;
  /** The name that users see. */
  name: string;
  /** The purpose of the app in a sentence. */
  description: string | null;
  /** The redirect URIs. They are compared exactly. */
  redirect_uris: Array<string>;
  /** The scopes that the app may ask for. */
  scopes: Array<string>;
  /** Whether the app can keep a secret. */
  client_type: ClientType;
  /** The URL of the app's logo. */
  logo_url: string | null;
  /** The provider whose credentials the app's connections store. */
  provider: Slug | null;
  /** When the app was created. */
  created_at: Time;
  /** When the app last changed. */
  updated_at: Time;
  /** The client secret: `hcs_` and 48 hex digits. It is shown only here, and absent if none was created. */
  client_secret?: string;
}

/** An app without its secret. */
export interface App {
  /** The app's id, which is its OAuth `client_id`. */
  app_id: AppId;
  /** The name that users see. */
  name: string;
  /** The purpose of the app in a sentence. */
  description: string | null;
  /** The redirect URIs. They are compared exactly. */
  redirect_uris: Array<string>;
  /** The scopes that the app may ask for. */
  scopes: Array<string>;
  /** Whether the app can keep a secret. */
  client_type: ClientType;
  /** The URL of the app's logo. */
  logo_url: string | null;
  /** The provider whose credentials the app's connections store. */
  provider: Slug | null;
  /** When the app was created. */
  created_at: Time;
  /** When the app last changed. */
  updated_at: Time;
}

/** A connection after a change. */
export interface ChangedConnection {
  /** Whether this request changed the status. */
  changed: boolean;
  /** The status before the request. */
  previous: ConnectionStatus;
  /** When the status is in force for all checks of the connection's tokens. It is later than the change only if `LEASE_SECONDS` is set. */
  effective_at: Time;
  /** The connection's id. */
  id: ConnectionId;
  /** The id of the user. */
  user_id: UserId;
  /** The id of the app. */
  app_id: AppId;
  /** The status of the connection. */
  status: ConnectionStatus;
  /** Why the connection has this status, in the caller's words. */
  status_reason: string | null;
  /** When this was true. */
  as_of: Time;
  /** The scopes that the app was granted. */
  scope: Scope | null;
  /** When the connection was created. */
  created_at: Time;
  /** The actor that created the connection. */
  created_by: Actor;
  /** The time by which the user must authorize the app; null once that is done. */
  expires_at: Time | null;
  /** When the user first authorized the app. */
  activated_at: Time | null;
  /** When the connection entered its status. */
  changed_at: Time;
  /** The actor that changed the status; null if the connection expired. */
  changed_by: Actor | null;
  /** When the connection was revoked. */
  revoked_at: Time | null;
  /** The data that the caller stored with the connection. */
  metadata: JsonObject | null;
  /** The credentials of the provider; null if the connection never stored any. */
  upstream: ConnectionUpstream | null;
}

/** Tokens that were issued, with the names of RFC 6749 §5.1. */
export interface IssuedTokens {
  /** The access token: `hat_` and 48 hex digits. It is shown only here. */
  access_token: string;
  /** Always `Bearer`. */
  token_type: string;
  /** The seconds until the access token expires. */
  expires_in: number;
  /** The refresh token: `hrt_` and 48 hex digits. It is shown only here. */
  refresh_token?: string;
  /** The scopes of the tokens, if they have any. */
  scope?: Scope;
  /** The public id of the access token. */
  token_id: TokenId;
  /** The public id of the refresh token. */
  refresh_token_id?: TokenId;
  /** The connection. */
  connection_id: ConnectionId | null;
  /** The id of the user. */
  user_id: UserId;
  /** The id of the app. */
  app_id: AppId | null;
}

/** A page of a list. */
export interface RevocationList {
  /** The items, newest first. */
  items: Array<Revocation>;
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** The revocation of a credential at its provider. */
export interface Revocation {
  /** The id: `rev_` and 24 hex digits or more. */
  id: string;
  /** The user of the connection. */
  user_id: UserId;
  /** The connection that stores or stored the credential. */
  connection_id: ConnectionId;
  /** The app of the connection. */
  app_id: AppId;
  /** The provider. */
  provider: Slug | null;
  /** The type of token. */
  token_type: UpstreamTokenType;
  /** The state of the credential. */
  state: CredentialState;
  /** How many times the provider was asked to revoke it. */
  attempts: number;
  /** When the provider is asked next, while the state is `revoking`. */
  next_attempt_at: Time | null;
  /** Why the last attempt failed. */
  error: string | null;
  /** When the credential entered its state. */
  changed_at: Time;
}

/** The result of retrying or dismissing several revocations. */
export interface ManagedRevocations {
  /** How many revocations were retried or dismissed. */
  changed: number;
  /** How many revocations were not abandoned any more. */
  unchanged: number;
  /** How many revocations could not be changed, because their ledgers did not answer. */
  failed: number;
  /** The `cursor` of the next revocations; null if there are no more. */
  next_cursor: string | null;
}

/** A page of a list. */
export interface ProviderList {
  /** The items, newest first. */
  items: Array<Provider>;
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** A provider without its client secret. */
export interface Provider {
  /** The provider's name in the API. */
  slug: Slug;
  /** The name that people see. */
  name: string;
  /** How the provider revokes tokens; null if it has no such call. */
  revocation: ProviderCall | null;
  /** The deployment's client id at the provider. */
  client_id: string | null;
  /** Whether a client secret is stored. */
  has_client_secret: boolean;
  /** Where the configuration comes from. */
  source: ProviderSource;
  /** When the provider was first configured; null if the catalogue has it. */
  created_at: Time | null;
  /** When the configuration last changed; null if the catalogue has it. */
  updated_at: Time | null;
}

/** The request by which a provider revokes a token, and what its answers mean. */
export interface ProviderCall {
  /** The kind of request. */
  method: CallMethod;
  /** The URL; `{client_id}` and `{token}` are replaced. */
  url: string;
  /** The party that authenticates, and the method. */
  auth: CallAuth;
  /** Where the parameters are. */
  body: CallBody;
  /** The name of the parameter that carries the token. */
  parameter: string;
  /** The types of token that can be revoked. */
  tokens: Array<UpstreamTokenType>;
  /** Values of `error` in an answer that mean that the token was already invalid. */
  gone_errors: Array<string>;
  /** HTTP statuses of an answer that mean the same. */
  gone_statuses: Array<number>;
  /** Further headers of the request, by name. */
  headers?: Record<string, string>;
  /** The meanings of answers. The first rule that matches counts, before all other rules. If any rule means `revoked`, no other answer does. */
  answers?: Array<AnswerRule>;
}

/** The kind of request that revokes a token. */
export type CallMethod = "rfc7009" | "post" | "delete" | "get";

/** The meaning of one kind of answer of a provider. */
export interface AnswerRule {
  /** The HTTP status of the answer. */
  status: number;
  /** Values that the JSON body must have, by their JSON pointers (RFC 6901), such as `/error/code`. */
  body: Record<string, AnswerValue>;
  /** The meaning of the answer. */
  means: AnswerMeaning;
}

/** Where the configuration of a provider comes from. */
export type ProviderSource = "operator" | "shipped";

/** A page of a list. */
export interface ProviderEventList {
  /** The items, newest first. */
  items: Array<ProviderEvent>;
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** A change of the configuration of a provider. */
export interface ProviderEvent {
  /** The type of the change. */
  type: ProviderEventType;
  /** The time of the change. */
  at: Time;
  /** The actor that changed the configuration. */
  actor: Actor;
  /** The kind of the actor: a user whose id looks like another actor is a `user`. */
  actor_type: ActorType;
  /** Scheme and host at which tokens are revoked from then on; null if there is none. */
  host: string | null;
  /** Scheme and host before; null if there was none, or if they did not change. */
  previous_host: string | null;
}

/** The type of a change of the configuration of a provider. */
export type ProviderEventType = "provider.created" | "provider.updated" | "provider.approved" | "provider.deleted";

/** A page of a list. */
export interface WebhookList {
  /** The items, newest first. */
  items: Array<Webhook>;
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** A webhook endpoint. */
export interface Webhook {
  /** The endpoint's name. */
  name: Slug;
  /** The URL that receives events. */
  url: string;
  /** The types of event that are sent; all types if the list is empty. */
  events: Array<EventType>;
  /** Whether no events are sent. */
  disabled: boolean;
  /** Why no events are sent. */
  disabled_reason: string | null;
  /** Since when no events are sent. */
  disabled_at: Time | null;
  /** Until when the previous secret signs beside the current one. */
  previous_secret_expires_at: Time | null;
  /** When the endpoint was created. */
  created_at: Time;
  /** When the endpoint last changed. */
  updated_at: Time;
}

/** A webhook endpoint with a signing secret that was created. */
export interface WebhookWithSecret {
  /** The endpoint's name. */
  name: Slug;
  /** The URL that receives events. */
  url: string;
  /** The types of event that are sent; all types if the list is empty. */
  events: Array<EventType>;
  /** Whether no events are sent. */
  disabled: boolean;
  /** Why no events are sent. */
  disabled_reason: string | null;
  /** Since when no events are sent. */
  disabled_at: Time | null;
  /** Until when the previous secret signs beside the current one. */
  previous_secret_expires_at: Time | null;
  /** When the endpoint was created. */
  created_at: Time;
  /** When the endpoint last changed. */
  updated_at: Time;
  /** The signing secret: `whsec_` and base64. It is shown only here, and absent if none was created. */
  secret?: string;
}

/** The result of a test. */
export interface WebhookTest {
  /** Whether the endpoint accepted the event. */
  delivered: boolean;
  /** The HTTP status of the endpoint's answer; null if there was none. */
  status: number | null;
  /** Why the attempt failed. */
  error: string | null;
  /** The id of the event. */
  event_id: string;
}

/** A page of a list. */
export interface DeliveryList {
  /** The items, newest first. */
  items: Array<Delivery>;
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
}

/** An attempt to deliver an event. */
export interface Delivery {
  /** The id of the event. */
  event_id: string;
  /** The type of the event. */
  type: string;
  /** When the attempt was made. */
  at: Time;
  /** The number of the attempt, from 1. */
  attempt: number;
  /** Whether the endpoint accepted the event. */
  delivered: boolean;
  /** The HTTP status of the endpoint's answer; null if there was none. */
  status: number | null;
  /** Why the attempt failed. */
  error: string | null;
  /** When the next attempt is made; null if the event was delivered or given up. */
  next_attempt_at: Time | null;
}

/** A status ticket. */
export interface StatusTicket {
  /** The ticket: `hst_` and 90 hex digits. It is a secret. */
  ticket: string;
  /** When the ticket expires. */
  expires_at: Time;
  /** `connection` or `token`. */
  subject: string;
  /** The public id of the subject. */
  id: string;
}

/** The view that a status ticket shows. */
export interface StatusMessage {
  /** `connection` or `token`. */
  subject: string;
  /** The public id of the subject. */
  id: string;
  /** The kind of a token; null for a connection. */
  kind: TokenKind | null;
  /** The id of the app. */
  app_id: AppId | null;
  /** The scopes of the subject. */
  scope: Scope | null;
  /** The status of the token or connection. */
  status: string;
  /** When the subject was created. */
  created_at: Time;
  /** When a token expires; by when a connection must be authorized. */
  expires_at: Time | null;
  /** When a connection was first authorized. */
  activated_at: Time | null;
  /** When a token was consumed. */
  consumed_at: Time | null;
  /** When the subject was revoked. */
  revoked_at: Time | null;
  /** How far the revocation at the provider is, while the status of a connection is `revoking`: `in_progress`, or `unconfirmed` if the provider did not confirm it and an operator has to decide. Null otherwise. */
  provider_revocation: ProviderRevocation | null;
  /** When this was true. */
  as_of: Time;
  /** Where it comes from. */
  source: Source;
  /** When the ticket expires. */
  ticket_expires_at: Time;
}

/** How far the revocation at the provider is, of a connection that is `revoking`. */
export type ProviderRevocation = "in_progress" | "unconfirmed";

/** A sign-in code. */
export interface SignInCode {
  /** The code: `hsc_` and 64 hex digits. It is a secret. */
  code: string;
  /** When the code expires. */
  expires_at: Time;
}

/** A session of the console. */
export interface Session {
  /** The session key: `hsk_` and 64 hex digits. It is a secret, and authenticates as `Authorization: Bearer`. */
  session_key: string;
  /** When the session key expires. */
  expires_at: Time;
}

/** The service runs. */
export interface Health {
  /** Always `ok`. */
  status: string;
}

/** The tokens that a client gets. */
export interface TokenResponse {
  /** The access token: `hat_` and 48 hex digits. */
  access_token: string;
  /** The type of the access token. */
  token_type: string;
  /** The seconds until the access token expires. */
  expires_in: number;
  /** The refresh token: `hrt_` and 48 hex digits. */
  refresh_token?: string;
  /** The scopes of the access token. Absent if it has none. */
  scope?: Scope;
}

/** An error of OAuth. */
export interface OAuthError {
  /** The code of the error (RFC 6749 §5.2). */
  error: string;
  /** The error in sentences. They may change. */
  error_description: string;
}

/** The answer of introspection. A token that is not active has nothing but `active`. */
export interface Introspection {
  /** Whether the token is an access or refresh token that the caller may see and that can be used. */
  active: boolean;
  /** The scopes of the token. Absent if it has none. */
  scope?: Scope;
  /** The app that the token was issued to. */
  client_id?: AppId;
  /** `Bearer` for an access token. Absent for a refresh token. */
  token_type?: string;
  /** When the token expires, in seconds since 1970. */
  exp?: number;
  /** When the token was issued, in seconds since 1970. */
  iat?: number;
  /** The issuer: the address of the deployment. */
  iss?: string;
  /** The id of the user. */
  sub?: UserId;
  /** The public id of the token. */
  jti?: TokenId;
  /** Until when a resource server may reuse this answer, in seconds since 1970 (`LEASE_SECONDS`). A time that is over means: ask again for every request. */
  valid_until?: number;
}

/** An empty JSON object, as a body or in one. */
export type EmptyObject = Record<string, unknown>;

/** The metadata of the authorization server. */
export interface ServerMetadata {
  /** The address of the deployment. */
  issuer: string;
  /** The operator's authorization page. Absent if the operator has none. */
  authorization_endpoint?: string;
  /** The URL of the token endpoint. */
  token_endpoint: string;
  /** The URL of the introspection endpoint. */
  introspection_endpoint: string;
  /** The URL of the revocation endpoint. */
  revocation_endpoint: string;
  /** The response types. */
  response_types_supported: Array<string>;
  /** The grant types. */
  grant_types_supported: Array<string>;
  /** The challenge methods of PKCE. */
  code_challenge_methods_supported: Array<string>;
  /** How clients authenticate at the token endpoint. */
  token_endpoint_auth_methods_supported: Array<string>;
  /** How clients authenticate at the introspection endpoint. */
  introspection_endpoint_auth_methods_supported: Array<string>;
  /** How clients authenticate at the revocation endpoint. */
  revocation_endpoint_auth_methods_supported: Array<string>;
}

/** A token that was generated. */
export interface PartooGeneratedToken {
  /** The token: a backslash, `x` and 48 hex digits. */
  token: string;
  /** When the token expires. */
  expiration_date?: string;
}

/** An error: the area that it belongs to, and the message. */
export interface PartooErrorBody {
  errors: PartooErrorArea;
}

/** The area of an error with the message. */
export type PartooErrorArea = {
  authentication: string;
} | {
  authorization: string;
} | {
  json: PartooErrorMessage;
};

/** One message, or a message for each field. */
export type PartooErrorMessage = string | Record<string, string>;

/** The result of a check. */
export interface PartooCheckedToken {
  /** The token: a backslash, `x` and 48 hex digits. */
  token: string;
  /** When the token expires or expired. */
  expiration_date?: string;
  /** The actor that generated the token. */
  generated_by: string;
  /** When the token was generated. */
  creation_date: string;
  /** When the token was consumed. Absent until then: Partoo's description does not allow null. */
  consumption_date?: string;
  /** The status of the token. */
  status: Status;
}

/** An answer with the members that every answer of Stytch has. */
export interface StytchConnectedAppsAnswer {
  connected_apps: Array<StytchConnectedApp>;
  /** The HTTP status. */
  status_code: number;
  /** The id of the request. */
  request_id: string;
}

/** An app that a user is connected to. */
export interface StytchConnectedApp {
  /** The app's id. */
  connected_app_id: AppId;
  /** The app's name. */
  name: string;
  /** The purpose of the app; empty if it has none. */
  description: string;
  /** `third_party`, or `third_party_public` for an app without a client secret. */
  client_type: string;
  /** The scopes of all connections to the app, separated by spaces; empty if it has none. */
  scopes_granted: string;
  /** The URL of the app's logo. */
  logo_url: string | null;
}

/** An error of Stytch. */
export interface StytchErrorBody {
  /** The HTTP status. */
  status_code: number;
  /** The id of the request. */
  request_id: string;
  /** The code of the error. */
  error_type: string;
  /** The error in a sentence. */
  error_message: string;
  /** Stytch's page about the error. */
  error_url: string;
}

/** An answer with the members that every answer of Stytch has. */
export interface EmptyObjectAnswer {
  /** The HTTP status. */
  status_code: number;
  /** The id of the request. */
  request_id: string;
}

/** An answer with the members that every answer of Stytch has. */
export interface TokenResponseAnswer {
  /** The access token: `hat_` and 48 hex digits. */
  access_token: string;
  /** The type of the access token. */
  token_type: string;
  /** The seconds until the access token expires. */
  expires_in: number;
  /** The refresh token: `hrt_` and 48 hex digits. */
  refresh_token?: string;
  /** The scopes of the access token. Absent if it has none. */
  scope?: Scope;
  /** The HTTP status. */
  status_code: number;
  /** The id of the request. */
  request_id: string;
}

/** An error of Stytch's OAuth calls. */
export interface StytchOAuthErrorBody {
  /** The HTTP status. */
  status_code: number;
  /** The id of the request. */
  request_id: string;
  /** The code of the error. */
  error: string;
  /** The error in a sentence. */
  error_description: string;
  /** Stytch's page about the error. */
  error_uri: string;
}

/** An answer with the members that every answer of Stytch has. */
export interface StytchIntrospectionAnswer {
  /** Whether the token is an access or refresh token of the client that can be used. */
  active: boolean;
  /** The project. */
  aud?: Array<string>;
  /** The app that the token was issued to. */
  client_id?: AppId;
  /** When the token expires, in seconds since 1970. */
  exp?: number;
  /** When the token was issued, in seconds since 1970. */
  iat?: number;
  /** The same as `iat`. */
  nbf?: number;
  /** The issuer: the address of the deployment. */
  iss?: string;
  /** The scopes of the token, separated by spaces; empty if it has none. */
  scope?: string;
  /** The id of the user. */
  sub?: UserId;
  /** `access_token` or `refresh_token`. */
  token_type?: TokenKind;
  /** The HTTP status. */
  status_code: number;
  /** The id of the request. */
  request_id: string;
}

/** A page of accounts. Nobody has counted all of them, so the numbers are about this page and whether another follows. */
export interface ComposioAccountList {
  /** The accounts. */
  items: Array<ComposioAccount>;
  /** The `cursor` of the next page; null on the last page. */
  next_cursor: string | null;
  /** 2 if another page follows, else 1. */
  total_pages: number;
  /** The number of the page: always 1. */
  current_page: number;
  /** The number of accounts on this page. */
  total_items: number;
  /** The ids of accounts and users that cannot be read now. They are left out; absent if there are none. */
  missing?: Array<string>;
}

/** A connected account. Members that Hookswitch does not support (`word_id`, `alias`, sharing) have the values that Composio returns for a private account. */
export interface ComposioAccount {
  /** The account's id. */
  id: ConnectionId;
  /** Always null. */
  word_id: string | null;
  /** Always null. */
  alias: string | null;
  /** The id of the user. */
  user_id: UserId;
  toolkit: ComposioToolkit;
  auth_config: ComposioAuthConfig;
  status: AccountStatus;
  /** Why the account has its status, if there is a reason. */
  status_reason: string | null;
  /** Whether the account is `INACTIVE`. */
  is_disabled: boolean;
  /** When the account was created. */
  created_at: string;
  /** When the account entered its status. */
  updated_at: string;
  state: ComposioState;
  /** Always empty. */
  data: EmptyObject;
  /** Always empty. */
  params: EmptyObject;
  experimental: ComposioSharing;
  /** The scopes that the app was granted. Absent if there are none. */
  requested_scopes?: Array<string>;
}

/** The provider whose tokens the account stores; the app if there is none. */
export interface ComposioToolkit {
  slug: string;
}

/** The auth config: here, the app. */
export interface ComposioAuthConfig {
  /** The app's id. */
  id: AppId;
  /** Always `OAUTH2`. */
  auth_scheme: string;
  /** Always `false`. */
  is_composio_managed: boolean;
  /** Always `false`. */
  is_disabled: boolean;
}

/** The state that Composio's clients read by the status. */
export interface ComposioState {
  /** Always `OAUTH2`. */
  authScheme: string;
  val: ComposioStateValue;
}

/** The status with the members that Composio's clients require for it. */
export interface ComposioStateValue {
  status: AccountStatus | null;
  /** Empty: the link is a secret, which is shown once, when it is created. */
  redirectUrl?: string;
  /** `REDACTED`. */
  access_token?: string;
  /** `REDACTED`, if the account stores a refresh token. */
  refresh_token?: string;
  /** When the account expired. */
  expired_at?: string;
  /** When the account was revoked. */
  revoked_at?: string;
}

/** Whether the account is shared. */
export interface ComposioSharing {
  /** Always `PRIVATE`. */
  account_type: string;
}

/** The body of an error. */
export type ComposioErrorBody = ComposioEnvelope | ComposioRateLimited;

/** An error in its envelope. */
export interface ComposioEnvelope {
  error: ComposioError;
}

/** An error of Composio. */
export interface ComposioError {
  /** The error in sentences. */
  message: string;
  /** Composio's number of the error. */
  code: number;
  /** Composio's name of the error. */
  slug: string;
  /** The HTTP status. */
  status: number;
  /** The id of the request. */
  request_id: string;
}

/** Too many requests: Composio answers them without an envelope. */
export interface ComposioRateLimited {
  /** The error in a sentence. */
  message: string;
}

/** A link. It is a secret: anyone who has the link can connect the account, once. */
export interface ComposioLink {
  /** The connection token in the link. */
  link_token: string;
  /** The URL of the link page. */
  redirect_url: string;
  /** When the link expires. */
  expires_at: string | null;
  /** The account that the user connects. */
  connected_account_id: ConnectionId | null;
}

/** An account was deleted. */
export interface ComposioDeleted {
  /** Always `true`. */
  success: boolean;
  /** The revocation of the first token at the provider: `GET /v1/revocations/{id}` shows its progress. */
  revoke_job_id?: string;
}

/** The change was made. */
export interface ComposioSuccess {
  /** Always `true`. */
  success: boolean;
}

/** A revoked account with the tokens that this request revoked at the provider. */
export interface ComposioRevokedAccount {
  /** The tokens that the provider revoked, or reported as already invalid. Empty if the account was revoked before. */
  revoked_tokens: Array<UpstreamTokenType>;
  /** The account. */
  connected_account: ComposioAccountRef;
}

/** An account with its status. */
export interface ComposioAccountRef {
  /** The account's id. */
  id: ConnectionId;
  /** `REVOKED`. */
  status: AccountStatus;
}

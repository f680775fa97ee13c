// The calls of the native API. Generated from the Rust types: do not edit, see `src/dialects/describe`.

import type {
  AcceptAuthorizationRequest,
  AcceptedAuthorization,
  App,
  AppId,
  AppStatus,
  AppWithSecret,
  Authorization,
  ChangeConnectionRequest,
  ChangedConnection,
  CheckResponse,
  CheckTokensRequest,
  Connection,
  ConnectionId,
  ConnectionList,
  ConnectionStatus,
  ConsumeTokenRequest,
  ConsumedToken,
  CreateApiKeyRequest,
  CreateConnectionRequest,
  CreateStatusTicketRequest,
  CreateTokenRequest,
  CreatedApiKey,
  CreatedToken,
  Cursor,
  DeliveryList,
  EventList,
  EventType,
  Group,
  Health,
  IssueTokensRequest,
  IssuedTokens,
  ListedAppList,
  ListedConnectionList,
  ListedEventList,
  ListedState,
  ListedUserList,
  ManageRevocationsRequest,
  ManagedRevocations,
  Me,
  Provider,
  ProviderEventList,
  ProviderList,
  PutAppRequest,
  PutProviderRequest,
  PutUserRequest,
  PutWebhookRequest,
  RejectAuthorizationRequest,
  RejectedAuthorization,
  ReportHealthRequest,
  Revocation,
  RevocationId,
  RevocationList,
  RevokeTokenRequest,
  RevokeUserRequest,
  RevokedToken,
  Role,
  RotateClientSecretRequest,
  RotateWebhookSecretRequest,
  SignInCode,
  Slug,
  Status,
  StatusTicket,
  Time,
  TokenKind,
  UpstreamRequest,
  User,
  UserId,
  UserRevoked,
  UserStatus,
  VerdictList,
  Webhook,
  WebhookList,
  WebhookTest,
  WebhookWithSecret,
} from "./types.ts";

/** No call without parameters has any member. */
export type NoParameters = Record<string, never>;

/** The parameters and the result of each call, by its `operationId`. */
export interface Calls {
  /** Returns the users that the filters match, in the order in which the directory got them, newest first. */
  listUsers: { parameters: { limit?: number; cursor?: Cursor; prefix?: string; status?: UserStatus; group?: Group; role?: Role; }; result: ListedUserList };
  /** Returns the apps that the filters match, in the order in which the directory got them, newest first. Read one app for its keys. */
  listApps: { parameters: { limit?: number; cursor?: Cursor; prefix?: string; status?: AppStatus; provider?: Slug; }; result: ListedAppList };
  /** Returns the connections that the filters match, in the order in which the directory got them, newest first. Read one connection for its metadata and credentials. */
  listConnections: { parameters: { limit?: number; cursor?: Cursor; prefix?: string; status?: ConnectionStatus; health?: Health; user_id?: UserId; group?: Group; app_id?: AppId; provider?: Slug; }; result: ListedConnectionList };
  /** Creates an active connection of a user to an app that you authorize. With `upstream`, the connection stores credentials of the provider. They are encrypted, never returned, and revoked at the provider when the connection is revoked. */
  createConnection: { parameters: CreateConnectionRequest; result: Connection };
  /** Returns the audit trail of the deployment in the order in which the directory got it, newest first. Events of tokens other than API keys are in it if `AUDIT` is `all`. */
  listEvents: { parameters: { limit?: number; cursor?: Cursor; type?: string; actor?: string; user_id?: UserId; app_id?: AppId; connection_id?: ConnectionId; provider?: Slug; since?: Time; until?: Time; }; result: ListedEventList };
  /** Returns the user that the API key authenticates with its role and groups, or root. A changed role shows after 10 seconds at the latest. */
  getMe: { parameters: NoParameters; result: Me };
  /** Creates the user, or replaces its whole profile: a field that is left out gets its default. Only root and admins create users and change external ids. A manager may change users that share a group with it, if the new profile gives no more access than the manager has. */
  putUser: { parameters: { user_id: UserId; } & PutUserRequest; result: User };
  /** Returns the profile of the user. */
  getUser: { parameters: { user_id: UserId; }; result: User };
  /** Revokes everything of the user that was created up to `before`, or the part that the other fields select, in one write. Revoked connections end with all their tokens. With `dry_run` nothing is revoked: the answer has the numbers. */
  revokeUser: { parameters: { user_id: UserId; } & RevokeUserRequest; result: UserRevoked };
  /** Returns the verdicts on the tokens of the user, newest first. Tokens whose retention is over are gone. No secret is ever returned. */
  listUserTokens: { parameters: { user_id: UserId; limit?: number; cursor?: Cursor; status?: Status; kind?: TokenKind; }; result: VerdictList };
  /** Returns the audit trail of the user, newest first. */
  listUserEvents: { parameters: { user_id: UserId; limit?: number; cursor?: Cursor; type?: EventType; }; result: EventList };
  /** Returns the connections of the user, newest first. */
  listUserConnections: { parameters: { user_id: UserId; limit?: number; cursor?: Cursor; status?: ConnectionStatus; app_id?: AppId; }; result: ConnectionList };
  /** Creates a single-use token for a user. With `app_id`, the token connects the user to the app when it is consumed or exchanged. The secret is returned once and stored only as a digest. */
  mintToken: { parameters: CreateTokenRequest; result: CreatedToken };
  /** Returns the verdict on a token, named by its secret or by its public id. A check changes nothing. With `tokens`, up to 100 tokens of any users are checked together; a token that does not exist, or that you may not see, is `unknown`. */
  checkTokens: { parameters: CheckTokensRequest; result: CheckResponse };
  /** Uses a connection token. The first request succeeds, every later one is 409 with the verdict. The answer has the user, and the connection if the token connected an app. */
  consumeToken: { parameters: ConsumeTokenRequest; result: ConsumedToken };
  /** Revokes a token of any kind, named by its secret or by its public id. A token that is dead already keeps its status: `changed` is false then. */
  revokeToken: { parameters: RevokeTokenRequest; result: RevokedToken };
  /** Creates a key that authenticates a user. You may create one for a user if the key gives no write access that you do not have. The secret is returned once and stored only as a digest. A key that an isolate has seen is remembered for up to 10 seconds, also after it was revoked; calls that create authority do not rely on this. */
  createApiKey: { parameters: CreateApiKeyRequest; result: CreatedApiKey };
  /** Creates the app, or replaces its whole registration: a field that is left out gets its default. A confidential app without a client secret gets one, which is returned once, unless the app has keys: an app authenticates with either. */
  putApp: { parameters: { app_id: AppId; } & PutAppRequest; result: AppWithSecret };
  /** Returns the registration of the app, without its secret. */
  getApp: { parameters: { app_id: AppId; }; result: App };
  /** Creates a new client secret, which is returned once. The replaced one stays valid for `previous_ttl` seconds. To lock an app out, rotate its secret and discard the new one. */
  rotateClientSecret: { parameters: { app_id: AppId; } & RotateClientSecretRequest; result: AppWithSecret };
  /** Returns what the app asks for. Nothing changes. */
  getAuthorization: { parameters: { challenge: string; }; result: Authorization };
  /** Accepts the request for the user who has signed in. Send the browser to `redirect_to`: only the browser that the app sent can use it, once. The same call again gets the same answer, with or without an `Idempotency-Key`. */
  acceptAuthorization: { parameters: { challenge: string; } & AcceptAuthorizationRequest; result: AcceptedAuthorization };
  /** Returns the address with which the browser returns to the app. The app gets the error. Nothing is stored. */
  rejectAuthorization: { parameters: { challenge: string; } & RejectAuthorizationRequest; result: RejectedAuthorization };
  /** Returns the connection with its status. */
  getConnection: { parameters: { connection_id: string; }; result: Connection };
  /** Revokes the connection with everything under it, in one write. If the connection stores credentials, the provider is asked to revoke them; until it has done so, the status is `revoking`. */
  revokeConnection: { parameters: { connection_id: string; } & ChangeConnectionRequest; result: ChangedConnection };
  /** While a connection is disabled, nothing under it can be used. Nothing is lost: enabling it makes everything usable again that has not expired. */
  disableConnection: { parameters: { connection_id: string; } & ChangeConnectionRequest; result: ChangedConnection };
  /** Makes a disabled connection active again. */
  enableConnection: { parameters: { connection_id: string; } & ChangeConnectionRequest; result: ChangedConnection };
  /** Issues an access token, and a refresh token unless you decline it, under an active connection. The secrets are returned once. Root, admins and managers issue tokens; everybody else gets them through the app, at `/oauth/token`. */
  issueConnectionTokens: { parameters: { connection_id: string; } & IssueTokensRequest; result: IssuedTokens };
  /** Stores credentials with the connection. Each replaces the stored credential of its type. To change the provider, send both tokens. */
  putConnectionUpstream: { parameters: { connection_id: string; } & UpstreamRequest; result: Connection };
  /** Records that the provider rejected the credentials of the connection, so that the user has to authorize the app again. A report changes nothing but `health`: tokens stay valid. A new authorization or new credentials reset it. The app of the connection may report it too, with its client credentials. */
  reportConnectionHealth: { parameters: { connection_id: string; } & ReportHealthRequest; result: Connection };
  /** Returns the credentials whose revocation was abandoned, newest first. They may be alive at their providers. */
  listRevocations: { parameters: { limit?: number; cursor?: Cursor; state?: ListedState; user_id?: UserId; provider?: Slug; }; result: RevocationList };
  /** Retries a page of the abandoned revocations that the filters match. Their ledgers ask the providers within about 15 seconds. To continue, send next_cursor as cursor. */
  retryRevocations: { parameters: ManageRevocationsRequest; result: ManagedRevocations };
  /** Dismisses a page of the abandoned revocations that the filters match, and erases the credentials. To continue, send next_cursor as cursor. */
  dismissRevocations: { parameters: ManageRevocationsRequest; result: ManagedRevocations };
  /** Returns the progress of the revocation of a credential, whatever its state. */
  getRevocation: { parameters: { revocation_id: RevocationId; }; result: Revocation };
  /** Asks the provider again. If that attempt fails, further ones follow. */
  retryRevocation: { parameters: { revocation_id: RevocationId; }; result: Revocation };
  /** Ends the revocation without the provider's confirmation, and erases the credential. Revoke the credential at the provider first. */
  dismissRevocation: { parameters: { revocation_id: RevocationId; }; result: Revocation };
  /** Returns all providers by their names: those of the catalogue, and those that you configured. */
  listProviders: { parameters: NoParameters; result: ProviderList };
  /** Creates the configuration of a provider, or replaces it: a field that is left out gets its default. The client secret is encrypted and never returned. It stays if it is left out and neither the client id nor the host of the revocation call changes. Only the root key changes the host of a provider. A stored credential keeps the call that it was stored with, until root approves the new one; a change by root at the same host applies at once. */
  putProvider: { parameters: { slug: Slug; } & PutProviderRequest; result: Provider };
  /** Returns the provider without its client secret. */
  getProvider: { parameters: { slug: Slug; }; result: Provider };
  /** Deletes your configuration. A provider of the catalogue is then as the catalogue has it. Revocations of credentials that were stored with your configuration are abandoned. */
  deleteProvider: { parameters: { slug: Slug; }; result: undefined };
  /** Lets the configuration of a provider apply to the credentials that were stored with an earlier one. Without this, a credential is sent only where its provider revoked tokens when it was stored. Only the root key may do this. */
  approveProvider: { parameters: { slug: Slug; }; result: Provider };
  /** Returns the changes of the configuration, newest first, with who made them. */
  listProviderEvents: { parameters: { slug: Slug; limit?: number; cursor?: Cursor; }; result: ProviderEventList };
  /** Returns all endpoints by their names, without their secrets. */
  listWebhooks: { parameters: NoParameters; result: WebhookList };
  /** Creates the endpoint, or replaces its settings: a field that is left out gets its default. A new endpoint gets a signing secret, which is returned once; an existing endpoint keeps its own. Messages follow the Standard Webhooks specification. */
  putWebhook: { parameters: { name: Slug; } & PutWebhookRequest; result: WebhookWithSecret };
  /** Returns the endpoint without its secret. */
  getWebhook: { parameters: { name: Slug; }; result: Webhook };
  /** Deletes the endpoint. Events that wait for it are not sent. */
  deleteWebhook: { parameters: { name: Slug; }; result: undefined };
  /** Creates a new signing secret, which is returned once. The replaced one signs beside it for `previous_ttl` seconds. */
  rotateWebhookSecret: { parameters: { name: Slug; } & RotateWebhookSecretRequest; result: WebhookWithSecret };
  /** Sends a `webhook.test` event and returns the delivery result. The event is not retried. */
  testWebhook: { parameters: { name: Slug; }; result: WebhookTest };
  /** Returns the latest attempts to deliver events to the endpoint, newest first. */
  listDeliveries: { parameters: { name: Slug; limit?: number; cursor?: Cursor; }; result: DeliveryList };
  /** Creates a ticket with which a browser reads and follows the status of one connection or token, or the connections of one user, and nothing else. With the right to revoke, it also revokes the user's connections. Nothing is stored: a ticket cannot be revoked, so keep its validity short. */
  mintStatusTicket: { parameters: CreateStatusTicketRequest; result: StatusTicket };
  /** Creates a code that is traded once, within 5 minutes, for a session key. Only the root key itself may create one. Links to the console and the demo carry it behind `#code=`. */
  createSignInCode: { parameters: NoParameters; result: SignInCode };
}

/** The method and the path of each call, and `once` if it takes an `Idempotency-Key`. */
export const CALLS: Record<keyof Calls, string> = {
  listUsers: "GET /v1/users",
  listApps: "GET /v1/apps",
  listConnections: "GET /v1/connections",
  createConnection: "POST /v1/connections once",
  listEvents: "GET /v1/events",
  getMe: "GET /v1/me",
  putUser: "PUT /v1/users/{user_id}",
  getUser: "GET /v1/users/{user_id}",
  revokeUser: "POST /v1/users/{user_id}/revoke once",
  listUserTokens: "GET /v1/users/{user_id}/tokens",
  listUserEvents: "GET /v1/users/{user_id}/events",
  listUserConnections: "GET /v1/users/{user_id}/connections",
  mintToken: "POST /v1/tokens once",
  checkTokens: "POST /v1/tokens/check",
  consumeToken: "POST /v1/tokens/consume once",
  revokeToken: "POST /v1/tokens/revoke once",
  createApiKey: "POST /v1/api-keys once",
  putApp: "PUT /v1/apps/{app_id}",
  getApp: "GET /v1/apps/{app_id}",
  rotateClientSecret: "POST /v1/apps/{app_id}/client-secret once",
  getAuthorization: "GET /v1/authorizations/{challenge}",
  acceptAuthorization: "POST /v1/authorizations/{challenge}/accept once",
  rejectAuthorization: "POST /v1/authorizations/{challenge}/reject",
  getConnection: "GET /v1/connections/{connection_id}",
  revokeConnection: "POST /v1/connections/{connection_id}/revoke once",
  disableConnection: "POST /v1/connections/{connection_id}/disable once",
  enableConnection: "POST /v1/connections/{connection_id}/enable once",
  issueConnectionTokens: "POST /v1/connections/{connection_id}/tokens once",
  putConnectionUpstream: "PUT /v1/connections/{connection_id}/upstream",
  reportConnectionHealth: "POST /v1/connections/{connection_id}/health once",
  listRevocations: "GET /v1/revocations",
  retryRevocations: "POST /v1/revocations/retry",
  dismissRevocations: "POST /v1/revocations/dismiss",
  getRevocation: "GET /v1/revocations/{revocation_id}",
  retryRevocation: "POST /v1/revocations/{revocation_id}/retry once",
  dismissRevocation: "POST /v1/revocations/{revocation_id}/dismiss once",
  listProviders: "GET /v1/providers",
  putProvider: "PUT /v1/providers/{slug}",
  getProvider: "GET /v1/providers/{slug}",
  deleteProvider: "DELETE /v1/providers/{slug}",
  approveProvider: "POST /v1/providers/{slug}/approve",
  listProviderEvents: "GET /v1/providers/{slug}/events",
  listWebhooks: "GET /v1/webhooks",
  putWebhook: "PUT /v1/webhooks/{name}",
  getWebhook: "GET /v1/webhooks/{name}",
  deleteWebhook: "DELETE /v1/webhooks/{name}",
  rotateWebhookSecret: "POST /v1/webhooks/{name}/secret once",
  testWebhook: "POST /v1/webhooks/{name}/test",
  listDeliveries: "GET /v1/webhooks/{name}/deliveries",
  mintStatusTicket: "POST /v1/status-tickets",
  createSignInCode: "POST /v1/sign-in-codes",
};

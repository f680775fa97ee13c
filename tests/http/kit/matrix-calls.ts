// How each call of the service is made: a request that is right in itself, about the things given.

import { partooSpelling } from "./actions.ts";
import { userPath } from "./api.ts";
import { connectionPath } from "./grants.ts";
import type { Asked, Things } from "./matrix-things.ts";

type Ask = (things: Things) => Promise<Asked>;

/** A call that is about a user, an app or nothing: nothing has to be made for it. */
const plain =
  (make: (things: Things) => Asked): Ask =>
  (things) =>
    Promise.resolve(make(things));

const ofUser = (rest: string, json?: Record<string, unknown>): Ask =>
  plain(({ user }) => ({ target: userPath(user, rest), ...(json === undefined ? {} : { json }) }));

const ofApp = (rest: string, json?: Record<string, unknown>): Ask =>
  plain(({ app }) => ({
    target: `/v1/apps/${app.app_id}${rest}`,
    ...(json === undefined ? {} : { json }),
  }));

const ofConnection =
  (rest: string, json?: Record<string, unknown>): Ask =>
  async (things) => ({
    target: connectionPath(await things.connection(), rest),
    ...(json === undefined ? {} : { json }),
  });

const at =
  (name: "provider" | "endpoint" | "revocation", start: string) =>
  (rest = "", json?: Record<string, unknown>): Ask =>
  async (things) => ({
    target: `${start}/${await things[name]()}${rest}`,
    ...(json === undefined ? {} : { json }),
  });

const ofProvider = at("provider", "/v1/providers");
const ofEndpoint = at("endpoint", "/v1/webhooks");
const ofRevocation = at("revocation", "/v1/revocations");

const ofToken =
  (verb: string): Ask =>
  async (things) => ({
    target: `/v1/tokens/${verb}`,
    json: { token: (await things.token()).token },
  });

const partoo = (prefix: string): Record<string, Ask> => ({
  [`POST ${prefix}/generate_token`]: plain(({ user }) => ({
    target: `${prefix}/generate_token`,
    json: { user_id: user },
  })),
  [`GET ${prefix}/check_token`]: async (things) => {
    const token = encodeURIComponent((await things.token()).token);
    return { target: `${prefix}/check_token?user_id=${things.user}&token=${token}` };
  },
  [`POST ${prefix}/revoke_token`]: async (things) => {
    const { token } = await things.token();
    return {
      target: `${prefix}/revoke_token`,
      json: { user_id: things.user, token: partooSpelling(token) },
    };
  },
});

const exchange = async (things: Things): Promise<Record<string, string>> => ({
  grant_type: "authorization_code",
  code: await things.code(),
});

const theToken = async (things: Things): Promise<Record<string, string>> => ({
  token: await things.accessToken(),
});

const oauth: Record<string, Ask> = {
  "POST /oauth/token": async (things) => ({ target: "/oauth/token", form: await exchange(things) }),
  "POST /oauth/introspect": async (things) => ({
    target: "/oauth/introspect",
    form: await theToken(things),
  }),
  "POST /oauth/revoke": async (things) => ({
    target: "/oauth/revoke",
    form: await theToken(things),
  }),
};

const stytch = (template: string): Record<string, Ask> => {
  const at = (things: Things, verb: string): string =>
    `${template.replace("{project_id}", things.project)}/${verb}`;
  return {
    [`POST ${template}/token`]: async (things) => ({
      target: at(things, "token"),
      json: await exchange(things),
    }),
    [`POST ${template}/introspect`]: async (things) => ({
      target: at(things, "introspect"),
      json: await theToken(things),
    }),
    [`POST ${template}/revoke`]: async (things) => ({
      target: at(things, "revoke"),
      json: await theToken(things),
    }),
  };
};

const composio = (prefix: string): Record<string, Ask> => {
  const accounts = `${prefix}/connected_accounts`;
  const ofAccount =
    (rest: string, json?: Record<string, unknown>): Ask =>
    async (things) => ({
      target: `${accounts}/${await things.connection()}${rest}`,
      ...(json === undefined ? {} : { json }),
    });
  return {
    [`GET ${accounts}`]: plain(({ user }) => ({
      target: `${accounts}?user_ids=${encodeURIComponent(user)}`,
    })),
    [`POST ${accounts}/link`]: plain(({ user, app }) => ({
      target: `${accounts}/link`,
      json: { user_id: user, auth_config_id: app.app_id },
    })),
    [`GET ${accounts}/{nanoid}`]: ofAccount(""),
    [`PATCH ${accounts}/{nanoid}/status`]: ofAccount("/status", { enabled: false }),
    [`DELETE ${accounts}/{nanoid}`]: ofAccount(""),
    [`POST ${accounts}/{nanoid}/revoke`]: ofAccount("/revoke"),
  };
};

/** By the method and the path, as the table has them. */
export const CALLS: Readonly<Record<string, Ask>> = {
  "PUT /v1/users/{user_id}": ofUser("", { role: "member", groups: ["paris"] }),
  "GET /v1/users/{user_id}": ofUser(""),
  "POST /v1/users/{user_id}/revoke": ofUser("/revoke", { kinds: ["refresh_token"] }),
  "GET /v1/users/{user_id}/tokens": ofUser("/tokens"),
  "GET /v1/users/{user_id}/connections": ofUser("/connections"),
  "GET /v1/users/{user_id}/events": ofUser("/events"),
  "POST /v1/tokens": plain(({ user }) => ({ target: "/v1/tokens", json: { user_id: user } })),
  "POST /v1/tokens/check": ofToken("check"),
  "POST /v1/tokens/consume": ofToken("consume"),
  "POST /v1/tokens/revoke": ofToken("revoke"),
  "POST /v1/api-keys": plain(({ user }) => ({ target: "/v1/api-keys", json: { user_id: user } })),
  "PUT /v1/apps/{app_id}": ofApp("", { name: "An app" }),
  "GET /v1/apps/{app_id}": ofApp(""),
  "POST /v1/apps/{app_id}/client-secret": ofApp("/client-secret", { previous_ttl: 600 }),
  "POST /v1/connections": plain(({ user, app }) => ({
    target: "/v1/connections",
    json: { user_id: user, app_id: app.app_id },
  })),
  "GET /v1/connections/{id}": ofConnection(""),
  "POST /v1/connections/{id}/revoke": ofConnection("/revoke", {}),
  "POST /v1/connections/{id}/disable": ofConnection("/disable", {}),
  "POST /v1/connections/{id}/enable": ofConnection("/enable", {}),
  "POST /v1/connections/{id}/tokens": ofConnection("/tokens", {}),
  "PUT /v1/connections/{id}/upstream": ofConnection("/upstream", {
    provider: "google",
    access_token: "granted",
  }),
  "GET /v1/providers": plain(() => ({ target: "/v1/providers" })),
  "PUT /v1/providers/{slug}": ofProvider("", { name: "Acme" }),
  "GET /v1/providers/{slug}": ofProvider(),
  "DELETE /v1/providers/{slug}": ofProvider(),
  "POST /v1/providers/{slug}/approve": ofProvider("/approve"),
  "GET /v1/providers/{slug}/events": ofProvider("/events"),
  // No user has this name: the revocations of other tests stay.
  "POST /v1/revocations/retry": plain(() => ({
    target: "/v1/revocations/retry",
    json: { user_id: "nobody" },
  })),
  "POST /v1/revocations/dismiss": plain(() => ({
    target: "/v1/revocations/dismiss",
    json: { user_id: "nobody" },
  })),
  "GET /v1/revocations": plain(() => ({ target: "/v1/revocations" })),
  "GET /v1/revocations/{id}": ofRevocation(),
  "POST /v1/revocations/{id}/retry": ofRevocation("/retry", {}),
  "POST /v1/revocations/{id}/dismiss": ofRevocation("/dismiss", {}),
  "GET /v1/webhooks": plain(() => ({ target: "/v1/webhooks" })),
  "PUT /v1/webhooks/{name}": ofEndpoint("", { url: "https://hooks.example/", disabled: true }),
  "GET /v1/webhooks/{name}": ofEndpoint(),
  "DELETE /v1/webhooks/{name}": ofEndpoint(),
  "POST /v1/webhooks/{name}/secret": ofEndpoint("/secret", {}),
  "POST /v1/webhooks/{name}/test": ofEndpoint("/test", {}),
  "GET /v1/webhooks/{name}/deliveries": ofEndpoint("/deliveries"),
  "POST /v1/status-tickets": async (things) => ({
    target: "/v1/status-tickets",
    json: { connection_id: await things.connection() },
  }),
  // Whoever has a ticket may; where there is none, nothing else takes its place.
  "GET /v1/status": plain(() => ({ target: "/v1/status" })),
  "GET /v1/status/live": plain(() => ({ target: "/v1/status/live" })),
  ...partoo("/v2/connection"),
  ...partoo("/connection"),
  ...oauth,
  "POST /api/v1/token": async (things) => ({
    target: "/api/v1/token",
    json: await exchange(things),
  }),
  "DELETE /api/v1/revoke": plain(() => ({ target: "/api/v1/revoke" })),
  "GET /v1/users/{user_id}/connected_apps": ofUser("/connected_apps"),
  "POST /v1/users/{user_id}/connected_apps/{connected_app_id}/revoke": plain(({ user, app }) => ({
    target: userPath(user, `/connected_apps/${app.app_id}/revoke`),
    json: {},
  })),
  ...stytch("/v1/public/{project_id}/oauth2"),
  ...stytch("/v1/oauth2"),
  ...composio("/api/v3.1"),
  ...composio("/api/v3"),
  "GET /.well-known/oauth-authorization-server": plain(() => ({
    target: "/.well-known/oauth-authorization-server",
  })),
  "GET /connect": async (things) => ({ target: `/connect?token=${(await things.token()).token}` }),
  "POST /connect": async (things) => ({
    target: "/connect",
    form: { token: (await things.token()).token, consent: "approve" },
  }),
  "POST /v1/sign-in-codes": plain(() => ({ target: "/v1/sign-in-codes" })),
  // No key opens what a code does.
  "POST /v1/sessions": plain(() => ({
    target: "/v1/sessions",
    json: { code: `hsc_${"0".repeat(64)}` },
  })),
  "GET /healthz": plain(() => ({ target: "/healthz" })),
  "GET /openapi.json": plain(() => ({ target: "/openapi.json" })),
};

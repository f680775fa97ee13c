// What a client may do next in a history, and the request that does it.

import type { Answer, Api } from "../api.ts";
import { connectionPath, postForm, type Client } from "../grants.ts";

/** A single step. Secrets and ids are those that the service gave. */
export type Move =
  | { do: "mint"; user: string; app?: string; ttl: number; scope?: string; challenge?: string }
  | { do: "connect"; user: string; app: string; scope?: string }
  | { do: "consume" | "check" | "revoke"; secret: string }
  | { do: "exchange"; client: Client; secret: string; verifier?: string }
  | { do: "refresh"; client: Client; secret: string; scope?: string }
  | { do: "introspect" | "retract"; client: Client; secret: string }
  /** Flinks: the end of the connection of an access token. */
  | { do: "leave"; secret: string }
  | { do: "get" | "close" | "disable" | "enable"; id: string }
  | { do: "issue"; id: string; refresh: boolean; ttl: number; scope?: string }
  | { do: "purge"; user: string; app?: string; kinds: string[] };

/** The move, as it goes over the wire. */
export function send(root: Api, move: Move): Promise<Answer<unknown>> {
  const post = (path: string, json: object): Promise<Answer<unknown>> =>
    root.send("POST", path, { json });
  switch (move.do) {
    case "mint": {
      const { user, app, ttl, scope, challenge } = move;
      const proof =
        challenge === undefined ? {} : { code_challenge: challenge, code_challenge_method: "S256" };
      return post("/v1/tokens", {
        user_id: user,
        ttl,
        ...named("app_id", app),
        ...named("scope", scope),
        ...proof,
      });
    }
    case "connect":
      return post("/v1/connections", {
        user_id: move.user,
        app_id: move.app,
        ...named("scope", move.scope),
      });
    case "consume":
    case "check":
    case "revoke":
      return post(`/v1/tokens/${move.do}`, { token: move.secret });
    case "exchange": {
      const fields = { grant_type: "authorization_code", code: move.secret };
      const proof = named("code_verifier", move.verifier);
      return postForm(root, "/oauth/token", { ...fields, ...proof }, move.client);
    }
    case "refresh": {
      const fields = { grant_type: "refresh_token", refresh_token: move.secret };
      return postForm(
        root,
        "/oauth/token",
        { ...fields, ...named("scope", move.scope) },
        move.client,
      );
    }
    case "introspect":
      return postForm(root, "/oauth/introspect", { token: move.secret }, move.client);
    case "retract":
      return postForm(root, "/oauth/revoke", { token: move.secret }, move.client);
    case "leave":
      return root.as(move.secret).send("DELETE", "/api/v1/revoke");
    case "get":
      return root.send("GET", connectionPath(move.id));
    case "close":
      return post(connectionPath(move.id, "/revoke"), {});
    case "disable":
    case "enable":
      return post(connectionPath(move.id, `/${move.do}`), {});
    case "issue": {
      const { refresh, ttl, scope } = move;
      const wanted = { refresh_token: refresh, ttl, ...named("scope", scope) };
      return post(connectionPath(move.id, "/tokens"), wanted);
    }
    case "purge":
      return post(`/v1/users/${move.user}/revoke`, {
        kinds: move.kinds,
        ...named("app_id", move.app),
      });
  }
}

/** A member, where there is a value for it. */
function named(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}

// The callers of the matrix: what each has to show, and how it shows it to a call of each kind.

import { forge, newKey, newUser, revoke } from "./actions.ts";
import type { Answer, Api } from "./api.ts";
import { basic, type Client } from "./grants.ts";
import type { Caller, Row, Scheme } from "./matrix.ts";
import { options, type Asked, type Things } from "./matrix-things.ts";
import type { Profile } from "./shapes.ts";
import { sleep } from "./wait.ts";

/** What a caller has: an API key, or the secret of an app. */
type Credential = { key: string } | { client: Client; accessToken: string } | undefined;

/** The keys of all callers but the clients; `target` is the member that the calls are about. */
export async function newKeys(root: Api, rootKey: string, target: string): Promise<Keys> {
  const key = async (profile: Partial<Profile>): Promise<string> =>
    (await newKey(root, await newUser(root, profile))).api_key;
  const admin = await newUser(root, { role: "admin" });
  const live = await newKey(root, admin);
  const revoked = await newKey(root, admin);
  await revoke(root, revoked.api_key);
  const expired = await newKey(root, admin, { ttl: 1 });
  const keys = {
    "a forged key": forge(live.api_key),
    "an expired key": expired.api_key,
    "a revoked key": revoked.api_key,
    "another member": await key({ role: "member", groups: ["paris"] }),
    "a manager of another group": await key({ role: "manager", groups: ["lyon"] }),
    "the member itself": (await newKey(root, target)).api_key,
    "a manager of its group": await key({ role: "manager", groups: ["paris", "lyon"] }),
    "an admin": live.api_key,
    root: rootKey,
  };
  // None of them was used yet: nobody remembers it.
  await sleep(1_200);
  return keys;
}

export type Keys = Partial<Record<Caller, string>>;

/** Sends the request of a row as a caller. */
export async function call(
  root: Api,
  { scheme, call }: Row,
  asked: Asked,
  things: Things,
  credential: Credential,
): Promise<Answer<unknown>> {
  const method = call.split(" ")[0] ?? "";
  const { headers, members } = shown(scheme, credential, things.project);
  const { json, form } = asked;
  const body = {
    ...asked,
    ...(json === undefined ? {} : { json: { ...json, ...members } }),
    ...(form === undefined ? {} : { form: { ...form, ...members } }),
  };
  return root.as(undefined).send(method, asked.target, options(body, headers));
}

interface Shown {
  headers: Record<string, string>;
  /** Members of the body. */
  members: Record<string, string>;
}

/** A credential as a call of this kind takes it; where it takes none of its kind, as it is usually shown. */
function shown(scheme: Scheme, credential: Credential, project: string): Shown {
  if (credential === undefined) return { headers: {}, members: {} };
  if ("key" in credential) {
    const { key } = credential;
    if (scheme === "partoo") return { headers: { "x-apikey": key }, members: {} };
    if (scheme === "composio") return { headers: { "x-api-key": key }, members: {} };
    if (scheme === "stytch") return { headers: basic(project, key), members: {} };
    return { headers: bearer(key), members: {} };
  }
  const { app_id, secret = "" } = credential.client;
  if (scheme === "client in body") {
    return { headers: {}, members: { client_id: app_id, client_secret: secret } };
  }
  if (scheme === "access token" && credential.accessToken !== "") {
    return { headers: bearer(credential.accessToken), members: {} };
  }
  return { headers: basic(app_id, secret), members: {} };
}

function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}

/** An answer without what differs from one request to the next. */
export function bare({ body }: Answer<unknown>): unknown {
  // A page shows the token that it is about, until when, and has a name of its own.
  if (typeof body === "string")
    return body.replace(/hct_[0-9a-f]{48}|[0-9a-f]{8}-[0-9a-f-]{27}|<time.*?<\/time>/g, "…");
  if (typeof body !== "object" || body === null) return body;
  const { error } = body as { error?: unknown };
  // Composio's errors name the request within.
  const inner = typeof error === "object" ? { error: { ...error, request_id: undefined } } : {};
  return { ...body, ...inner, request_id: undefined };
}

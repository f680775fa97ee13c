// oidc-provider on Node, with its state in memory: opaque access tokens, introspected and revoked.

import http from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";
import { send, type Call } from "./load.ts";
import type { Route } from "./native.ts";
import type { Target } from "./targets.ts";

const CLIENT = { id: "bench", secret: "secret-of-the-benchmark-0123456789" };

/** Starts the provider on a free port. */
export async function startOidcProvider(): Promise<Target> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(url, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      revocation: { enabled: true },
    },
  });
  server.on("request", provider.callback());
  return {
    url,
    routes: await routes(url),
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function routes(url: string): Promise<Route[]> {
  const form = (path: string, body: string): Call => ({
    method: "POST",
    path,
    headers: {
      authorization: `Basic ${btoa(`${CLIENT.id}:${CLIENT.secret}`)}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body,
  });
  const issue = async (): Promise<string> => {
    const { text } = await send(url, form("/token", "grant_type=client_credentials"));
    return (JSON.parse(text) as { access_token: string }).access_token;
  };
  const issueMany = async (count: number): Promise<string[]> => {
    const tokens: string[] = [];
    while (tokens.length < count) tokens.push(await issue());
    return tokens;
  };
  const live = await issueMany(200);
  return [
    {
      name: "introspect",
      twin: "check live",
      status: 200,
      prepare: async (count) =>
        Array.from({ length: count }, (_, index) =>
          form("/token/introspection", `token=${live[index % live.length] ?? ""}`),
        ),
    },
    {
      name: "revoke",
      twin: "revoke",
      status: 200,
      prepare: async (count) =>
        (await issueMany(count)).map((token) => form("/token/revocation", `token=${token}`)),
    },
  ];
}

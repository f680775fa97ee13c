// An app with a server of its own, on another port: it takes the users that the link page sends back, and exchanges the
// code.

import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { Client } from "../../http/kit/oauth.ts";
import type { Api } from "../../http/kit/api.ts";

export class AppServer {
  readonly #server: Server;
  /** With which parameters the browser came back, in order. */
  readonly visits: Record<string, string>[] = [];
  /** The access tokens that it holds by now. */
  readonly held: string[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(client: () => Client): Promise<AppServer> {
    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "/", app.origin);
      if (pathname !== "/callback") {
        response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><p>App</p>");
        return;
      }
      void app.#welcome(client(), searchParams).then((title) => {
        const page = `<!doctype html><html lang="en"><title>App</title><main><h1>${title}</h1></main></html>`;
        response.writeHead(200, { "content-type": "text/html" }).end(page);
      });
    });
    const app = new AppServer(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return app;
  }

  get origin(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  }

  get callback(): string {
    return `${this.origin}/callback`;
  }

  async #welcome(client: Client, parameters: URLSearchParams): Promise<string> {
    this.visits.push(Object.fromEntries(parameters));
    const code = parameters.get("code");
    if (code === null) return `No: ${parameters.get("error")}`;
    const { status, body } = await client.exchange(code, { redirect_uri: this.callback });
    if (status !== 200) return `Refused: ${body.error}`;
    this.held.push(body.access_token);
    return "Welcome back";
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A client that is known once its app is registered. */
export function later(api: Api): { client: () => Client; is: (app: Client["app"]) => void } {
  let client: Client | undefined;
  return {
    client: () => client ?? fail(),
    is: (app) => {
      client = new Client(api, app);
    },
  };
}

function fail(): never {
  throw new Error("the app is not registered yet");
}

/** A server on a port of its own. */
export async function listen(
  handler: RequestListener,
): Promise<{ origin: string; close: () => void }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${port}`, close };
}

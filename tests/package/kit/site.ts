// A folder served as a site, under a policy that lets in nothing but the site's own scripts and their wasm.

import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

export const STRICT =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src 'self'";

export interface Manner {
  /** Media types of extensions, where they are not the usual ones. */
  types?: Record<string, string>;
  /** Headers of each answer, over the usual ones. */
  headers?: Record<string, string>;
}

export class Site {
  readonly #server: Server;
  readonly #folder: string;

  private constructor(folder: string, { types = {}, headers = {} }: Manner) {
    this.#folder = folder;
    const typeOf = { ...TYPES, ...types };
    this.#server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://site");
      const name = pathname === "/" ? "index.html" : decodeURIComponent(pathname.slice(1));
      readFile(path.join(this.#folder, name)).then(
        (content) => {
          const type = typeOf[path.extname(name)] ?? "application/octet-stream";
          const usual = { "content-type": type, "content-security-policy": STRICT };
          response.writeHead(200, { ...usual, ...headers }).end(content);
        },
        () => response.writeHead(404).end(),
      );
    });
  }

  /** Serves a folder. */
  static async of(folder: string, manner: Manner = {}): Promise<Site> {
    const site = new Site(folder, manner);
    await new Promise<void>((resolve) => site.#server.listen(0, "127.0.0.1", resolve));
    return site;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

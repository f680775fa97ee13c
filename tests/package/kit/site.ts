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

export class Site {
  readonly #server: Server;
  readonly #folder: string;
  readonly #types: Record<string, string>;

  private constructor(folder: string, types: Record<string, string>) {
    this.#folder = folder;
    this.#types = { ...TYPES, ...types };
    this.#server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://site");
      const name = pathname === "/" ? "index.html" : decodeURIComponent(pathname.slice(1));
      this.#read(name).then(
        (content) => {
          const type = this.#types[path.extname(name)] ?? "application/octet-stream";
          response.writeHead(200, { "content-type": type, "content-security-policy": STRICT });
          response.end(content);
        },
        () => response.writeHead(404).end(),
      );
    });
  }

  /** Serves a folder; `types` says which media type an extension has, where it is not the usual one. */
  static async of(folder: string, types: Record<string, string> = {}): Promise<Site> {
    const site = new Site(folder, types);
    await new Promise<void>((resolve) => site.#server.listen(0, "127.0.0.1", resolve));
    return site;
  }

  /** A browser asks for an icon by itself; none is no error of the page's. */
  async #read(name: string): Promise<Uint8Array> {
    return name === "favicon.ico" ? new Uint8Array() : readFile(path.join(this.#folder, name));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

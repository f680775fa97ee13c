// Where a status is asked for, and with what: both are looked at before anything is sent.

const TICKET = /^hst_[\w.~+/=-]{1,2000}$/;

/** The error of a text as a ticket; undefined if it may be a ticket. Only the server knows whether it is one. */
export function wrongTicket(text: unknown): "secret" | "malformed" | undefined {
  if (typeof text !== "string") return "malformed";
  if (TICKET.test(text)) return undefined;
  // A token in the wrong place has an error of its own, because the developer leaked a secret.
  return /^\s*(h(ct|at|rt|ak|cs)_|\\x[\da-f]{48})/i.test(text) ? "secret" : "malformed";
}

/** The calls of a deployment by which a ticket is followed. */
export interface Address {
  /** `GET /v1/status` */
  poll: string;
  /** `GET /v1/status/live`, with the ticket: a WebSocket of a browser has no header for it. */
  live(ticket: string): string;
}

/**
 * @param server the deployment; without it, the one that the page came from
 * @throws TypeError where that is no address that can be asked
 */
export function addressOf(server: string | URL | undefined): Address {
  const base = serverUrl(server);
  return {
    poll: new URL("v1/status", base).href,
    live(ticket) {
      const url = new URL("v1/status/live", base);
      url.protocol = url.protocol.replace("http", "ws");
      url.searchParams.set("ticket", ticket);
      return url.href;
    },
  };
}

function serverUrl(server: string | URL | undefined): URL {
  const page = globalThis.location?.href;
  let url;
  try {
    url = server === undefined ? new URL("/", page) : new URL(server, page);
  } catch {
    throw new TypeError("the server is not a URL");
  }
  if (!/^https?:$/.test(url.protocol))
    throw new TypeError("the server's URL is not of http or https");
  // `fetch` refuses such a URL, and an error of its would show the password.
  if (url.username || url.password) throw new TypeError("the server's URL contains a password");
  url.search = url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

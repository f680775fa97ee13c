// Where a status is asked for, and with what: both are looked at before anything is sent.

const TICKET = /^hst_[\w.~+/=-]{1,2000}$/;

/** What is wrong with a text as a ticket; nothing, where it may be one. It is for the server to say whether it is. */
export function wrongTicket(text: unknown): "secret" | "malformed" | undefined {
  if (typeof text !== "string") return "malformed";
  if (TICKET.test(text)) return undefined;
  // A token that strayed here is told apart, so that whoever put it there learns how bad that is.
  return /^\s*(h(ct|at|rt|ak|cs)_|\\x[\da-f]{48})/i.test(text) ? "secret" : "malformed";
}

/** The calls of a deployment by which a ticket is followed. */
export interface Address {
  /** `GET /v1/status` */
  poll: string;
  /** `GET /v1/status/live`, with the ticket: a WebSocket has no header to put it in. */
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
  if (url.username || url.password) throw new TypeError("the server's URL holds a password");
  url.search = url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

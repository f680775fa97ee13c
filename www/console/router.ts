// Where in the console one is: the address bar's fragment, which is never sent anywhere. Ids may stand in it, secrets not.

export const TABS = ["connections", "tokens", "keys", "events"] as const;
export type Tab = (typeof TABS)[number];

export type Route =
  | { page: "users" | "apps" | "providers" | "revocations" | "webhooks" | "missing" }
  | { page: "user"; id: string; tab: Tab }
  | { page: "connection" | "token" | "app" | "provider" | "webhook"; id: string };

const LISTS = ["users", "apps", "providers", "revocations", "webhooks"] as const;
const SINGLES = {
  connections: "connection",
  tokens: "token",
  apps: "app",
  providers: "provider",
  webhooks: "webhook",
} as const;

/** What a fragment leads to. */
export function routeOf(hash: string): Route {
  const [first = "", second, third, ...rest] = parts(hash);
  if (first === "") return { page: "users" };
  if (rest.length > 0) return { page: "missing" };
  if (second === undefined) {
    const page = LISTS.find((name) => name === first);
    return { page: page ?? "missing" };
  }
  if (first === "users") {
    const tab = TABS.find((name) => name === (third ?? "connections"));
    return tab === undefined ? { page: "missing" } : { page: "user", id: second, tab };
  }
  const page = Object.entries(SINGLES).find(([name]) => name === first)?.[1];
  return page === undefined || third !== undefined ? { page: "missing" } : { page, id: second };
}

function parts(hash: string): string[] {
  try {
    return hash
      .replace(/^#\/?/, "")
      .split("/")
      .filter((part) => part !== "")
      .map(decodeURIComponent);
  } catch {
    return ["?"];
  }
}

const link = (...path: string[]): string => `#/${path.map(encodeURIComponent).join("/")}`;

/** The fragments of all places. */
export const to = {
  users: link("users"),
  apps: link("apps"),
  providers: link("providers"),
  revocations: link("revocations"),
  webhooks: link("webhooks"),
  user: (id: string, tab?: Tab): string => (tab ? link("users", id, tab) : link("users", id)),
  connection: (id: string): string => link("connections", id),
  token: (id: string): string => link("tokens", id),
  app: (id: string): string => link("apps", id),
  provider: (slug: string): string => link("providers", slug),
  webhook: (name: string): string => link("webhooks", name),
};

/** Goes there, as a click on a link would. */
export function go(fragment: string): void {
  location.hash = fragment;
}

// The commands that list users, apps, connections and events, and end them for everybody.

import type { Hookswitch } from "../server/index.ts";
import { CAREFUL, LISTED, type Command, type Context, type Option } from "./command.ts";
import { EXIT } from "./exit.ts";
import { runJob, type Job } from "./job.ts";
import { cell, type Columns } from "./output.ts";
import { present } from "./tokens.ts";

type Item = Record<string, unknown>;

/** A filter of a list: the name of the parameter. */
type Filters = Record<string, { parameter: string; value: string; help: string }>;

const PREFIX = {
  prefix: { parameter: "prefix", value: "text", help: "only those whose id or name begins so" },
};

/** A command that prints a list. */
function listing(
  name: string,
  help: string,
  columns: Columns<Item>,
  filters: Filters,
  list: (hookswitch: Hookswitch, query: object) => AsyncIterable<unknown>,
): Command {
  const options: Record<string, Option> = { ...LISTED };
  for (const [option, { value, help }] of Object.entries(filters))
    options[option] = { value, help };
  return {
    name,
    help,
    options,
    async run({ hookswitch, args, output }) {
      const query = Object.fromEntries(
        Object.entries(filters).map(([option, { parameter }]) => [parameter, args.text(option)]),
      );
      const limit = args.number("limit");
      const page = { limit: Math.min(limit ?? 50, 100) };
      const items = list(hookswitch, present({ ...query, ...page })) as AsyncIterable<Item>;
      await output.table(items, columns, { limit, all: args.has("all") });
      return EXIT.ok;
    },
  };
}

const members = (...names: string[]): Columns<Item> =>
  Object.fromEntries(names.map((name) => [name, (item: Item) => item[name]]));

const filter = (parameter: string, value: string, help: string): Filters[string] => ({
  parameter,
  value,
  help,
});

const EVENT_FILTERS: Filters = {
  type: filter("type", "type", "only this type"),
  actor: filter("actor", "actor", "only changes by this actor"),
  user: filter("user_id", "id", "only events of this user"),
  app: filter("app_id", "id", "only events of this app"),
  connection: filter("connection_id", "id", "only events of this connection"),
  since: filter("since", "time", "only events from this time on (RFC 3339)"),
  until: filter("until", "time", "only events before this time (RFC 3339)"),
};

const EVENT = members("at", "type", "actor", "user_id", "app_id", "connection_id", "token_id");

const events = listing(
  "events",
  "List the audit trail of the deployment, newest first.",
  EVENT,
  EVENT_FILTERS,
  (hookswitch, query) => hookswitch.listEvents(query),
);

/** How often `events --follow` asks, in milliseconds. */
const FOLLOW = 2_000;

/** Prints new events as they arrive, oldest first, until it is interrupted. */
async function follow({ hookswitch, args, output }: Context): Promise<never> {
  const query = present(
    Object.fromEntries(
      Object.entries(EVENT_FILTERS).map(([option, { parameter }]) => [
        parameter,
        args.text(option),
      ]),
    ),
  );
  let seen: Set<string> | undefined;
  for (;;) {
    const fresh: Item[] = [];
    const read = new Set<string>();
    // Newest first: a page without a known event is followed by the next one.
    for await (const event of hookswitch.listEvents({ ...query, limit: 100 })) {
      read.add(event.id);
      if (seen?.has(event.id)) break;
      fresh.unshift(event as unknown as Item);
      if (seen === undefined && read.size === 10) break;
      if (read.size >= 10_000) break;
    }
    for (const event of fresh) {
      output.line(
        Object.values(EVENT)
          .map((text) => cell(text(event)) || "-")
          .join("  "),
        event,
      );
    }
    // Events of the last pages are remembered: a late one may come beside them.
    seen = new Set([...read, ...(seen ?? [])].slice(0, 20_000));
    await new Promise((resolve) => setTimeout(resolve, FOLLOW));
  }
}

/** A command that stops an app for everybody, by a job. */
function stopping(
  verb: "revoke" | "delete",
  help: string,
  question: (app: string) => string,
): Command {
  return {
    name: `apps ${verb}`,
    usage: "<app>",
    help,
    options: {
      "dry-run": { help: "count, and change nothing" },
      reason: { value: "text", help: "why; events show it" },
      ...CAREFUL,
    },
    async run(context) {
      const { hookswitch, args, confirm } = context;
      const [app = ""] = args.words;
      const isDryRun = args.has("dry-run");
      if (!isDryRun) await confirm(question(app));
      const body = present({ dry_run: isDryRun || undefined, reason: args.text("reason") });
      const path = `/v1/apps/${encodeURIComponent(app)}`;
      const query = new URLSearchParams(body as Record<string, string>);
      const job =
        verb === "revoke"
          ? await hookswitch.request<Job>("POST", `${path}/revoke`, body, {
              idempotencyKey: crypto.randomUUID(),
            })
          : await hookswitch.request<Job>("DELETE", `${path}${query.size > 0 ? `?${query}` : ""}`);
      return runJob(context, job);
    },
  };
}

/** A command that disables or enables an app for everybody. */
function switching(verb: "disable" | "enable", help: string): Command {
  return {
    name: `apps ${verb}`,
    usage: "<app>",
    help,
    async run({ hookswitch, args, output }) {
      const path = `/v1/apps/${encodeURIComponent(args.words[0] ?? "")}/${verb}`;
      const app = await hookswitch.request<object>(
        "POST",
        path,
        {},
        { idempotencyKey: crypto.randomUUID() },
      );
      output.fields(app, ["app_id", "name", "status", "effective_at"]);
      return EXIT.ok;
    },
  };
}

const deleteUser: Command = {
  name: "users delete",
  usage: "<user>",
  help: "Delete a user: everything ends at once, and personal data is erased.",
  options: { "dry-run": { help: "count, and delete nothing" }, ...CAREFUL },
  async run(context) {
    const { hookswitch, args, confirm } = context;
    const [user = ""] = args.words;
    const isDryRun = args.has("dry-run");
    if (!isDryRun) await confirm(`Delete ${user} with everything? This cannot be undone.`);
    const query = isDryRun ? "?dry_run=true" : "";
    const path = `/v1/users/${encodeURIComponent(user)}${query}`;
    return runJob(context, await hookswitch.request<Job>("DELETE", path));
  },
};

export const LIST_COMMANDS: readonly Command[] = [
  listing(
    "users",
    "List the users, newest first.",
    members("user_id", "status", "role", "groups", "external_id", "connectable", "created_at"),
    {
      ...PREFIX,
      status: filter("status", "status", "only this status"),
      group: filter("group", "group", "only this group"),
      role: filter("role", "role", "only this role"),
    },
    (hookswitch, query) => hookswitch.listUsers(query),
  ),
  deleteUser,
  listing(
    "apps",
    "List the apps, newest first.",
    members("app_id", "name", "status", "client_type", "provider", "created_at"),
    {
      ...PREFIX,
      status: filter("status", "status", "only this status"),
      provider: filter("provider", "slug", "only this provider"),
    },
    (hookswitch, query) => hookswitch.listApps(query),
  ),
  stopping(
    "revoke",
    "Revoke every connection to an app.",
    (app) => `Revoke every connection to ${app}?`,
  ),
  switching("disable", "Disable an app for everybody."),
  switching("enable", "Enable an app again."),
  stopping(
    "delete",
    "Revoke every connection to an app, and delete the app.",
    (app) => `Revoke every connection to ${app}, and delete it?`,
  ),
  listing(
    "connections",
    "List the connections, newest first.",
    members("id", "user_id", "app_id", "status", "health", "provider", "created_at"),
    {
      ...PREFIX,
      user: filter("user_id", "id", "only connections of this user"),
      app: filter("app_id", "id", "only connections to this app"),
      status: filter("status", "status", "only this status"),
      health: filter("health", "health", "ok or needs_reconnect"),
      group: filter("group", "group", "only users of this group"),
      provider: filter("provider", "slug", "only this provider"),
    },
    (hookswitch, query) => hookswitch.listConnections(query),
  ),
  {
    ...events,
    options: { ...events.options, follow: { help: "print new events as they arrive" } },
    run: (context) => (context.args.has("follow") ? follow(context) : events.run(context)),
  },
];

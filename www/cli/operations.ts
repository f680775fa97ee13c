// The commands of operators: keys, webhooks, abandoned revocations, and who is signed in.

import { CAREFUL, LISTED, UsageError, type Command } from "./command.ts";
import { EXIT } from "./exit.ts";
import type { Columns } from "./output.ts";
import { present } from "./tokens.ts";
import { runJob, type Job } from "./job.ts";

type Item = Record<string, unknown>;

const members = (...names: string[]): Columns<Item> =>
  Object.fromEntries(names.map((name) => [name, (item: Item) => item[name]]));

const items = (list: AsyncIterable<unknown>): AsyncIterable<Item> => list as AsyncIterable<Item>;

const keys: readonly Command[] = [
  {
    name: "keys",
    usage: "<user>",
    help: "List the API keys of a user.",
    options: LISTED,
    async run({ hookswitch, args, output }) {
      const list = hookswitch.listUserTokens({ user_id: args.words[0] ?? "", kind: "api_key" });
      const columns = members(
        "token_id",
        "status",
        "label",
        "created_at",
        "created_by",
        "expires_at",
        "last_used_at",
      );
      await output.table(items(list), columns, {
        limit: args.number("limit"),
        all: args.has("all"),
      });
      return EXIT.ok;
    },
  },
  {
    name: "keys create",
    usage: "<user>",
    help: "Create an API key that authenticates a user, and print it. It is shown once.",
    options: {
      ttl: { value: "seconds", help: "the validity (unlimited)" },
      label: { value: "text", help: "a label of your choice" },
    },
    async run({ hookswitch, args, output }) {
      const options = present({ ttl: args.number("ttl"), label: args.text("label") });
      const created = await hookswitch.createApiKey({ user_id: args.words[0] ?? "", ...options });
      output.line(created.api_key, created);
      return EXIT.ok;
    },
  },
  {
    name: "keys revoke",
    usage: "<token id>",
    help: "Revoke an API key by its public id (tok_…).",
    options: { reason: { value: "text", help: "why" } },
    async run({ hookswitch, args, output }) {
      const reason = present({ reason: args.text("reason") });
      const revoked = await hookswitch.revokeToken({ token_id: args.words[0] ?? "", ...reason });
      output.fields(revoked, ["changed", "status", "token_id", "user_id", "label", "effective_at"]);
      return EXIT.ok;
    },
  },
];

const webhooks: readonly Command[] = [
  {
    name: "webhooks",
    help: "List the webhook endpoints.",
    options: LISTED,
    async run({ hookswitch, args, output }) {
      const columns: Columns<Item> = {
        ...members("name", "url", "disabled"),
        events: ({ events }) => (Array.isArray(events) && events.length > 0 ? events : "all"),
        ...members("disabled_reason"),
      };
      const paging = { limit: args.number("limit"), all: args.has("all") };
      await output.table(items(hookswitch.listWebhooks()), columns, paging);
      return EXIT.ok;
    },
  },
  {
    name: "webhooks test",
    usage: "<name>",
    help: "Send a test event to an endpoint.",
    async run({ hookswitch, args, output }) {
      const result = await hookswitch.testWebhook({ name: args.words[0] ?? "" });
      output.fields(result, ["delivered", "status", "error", "event_id"]);
      return result.delivered ? EXIT.ok : EXIT.refused;
    },
  },
  {
    name: "webhooks deliveries",
    usage: "<name>",
    help: "List the latest attempts to deliver events to an endpoint.",
    options: LISTED,
    async run({ hookswitch, args, output }) {
      const list = hookswitch.listDeliveries({ name: args.words[0] ?? "" });
      const columns = members(
        "at",
        "type",
        "event_id",
        "attempt",
        "delivered",
        "status",
        "error",
        "next_attempt_at",
      );
      await output.table(items(list), columns, {
        limit: args.number("limit"),
        all: args.has("all"),
      });
      return EXIT.ok;
    },
  },
];

/** A command that retries or dismisses abandoned revocations. */
function managing(verb: "retry" | "dismiss", help: string): Command {
  return {
    name: `abandoned ${verb}`,
    usage: "[revocation]",
    help,
    options: {
      all: { help: "all that the filters match, instead of one" },
      user: { value: "id", help: "only those of this user" },
      provider: { value: "slug", help: "only those of this provider" },
      ...CAREFUL,
    },
    async run({ hookswitch, args, output, confirm }) {
      const [id] = args.words;
      if ((id === undefined) !== args.has("all"))
        throw new UsageError("name a revocation, or use --all");
      if (verb === "dismiss")
        await confirm(
          `Dismiss ${id ?? "all that match"}? The credentials may be alive at their provider.`,
        );
      if (id !== undefined) {
        const parameters = { revocation_id: id };
        const revocation = await (verb === "retry"
          ? hookswitch.retryRevocation(parameters)
          : hookswitch.dismissRevocation(parameters));
        output.fields(revocation, [
          "id",
          "state",
          "user_id",
          "provider",
          "token_type",
          "attempts",
          "error",
        ]);
        return EXIT.ok;
      }
      const filter = present({ user_id: args.text("user"), provider: args.text("provider") });
      let cursor: string | undefined;
      let changed = 0;
      let failed = 0;
      do {
        const page = { ...filter, limit: 50, ...present({ cursor }) };
        const result = await (verb === "retry"
          ? hookswitch.retryRevocations(page)
          : hookswitch.dismissRevocations(page));
        changed += result.changed;
        failed += result.failed;
        cursor = result.next_cursor ?? undefined;
      } while (cursor !== undefined);
      output.fields({ changed, failed }, ["changed", "failed"]);
      return failed > 0 ? EXIT.unavailable : EXIT.ok;
    },
  };
}

const abandoned: readonly Command[] = [
  {
    name: "abandoned",
    help: "List the revocations that a provider did not confirm.",
    options: {
      ...LISTED,
      user: { value: "id", help: "only those of this user" },
      provider: { value: "slug", help: "only those of this provider" },
    },
    async run({ hookswitch, args, output }) {
      const filter = present({ user_id: args.text("user"), provider: args.text("provider") });
      const columns = members(
        "id",
        "user_id",
        "connection_id",
        "provider",
        "token_type",
        "attempts",
        "error",
        "changed_at",
      );
      const paging = { limit: args.number("limit"), all: args.has("all") };
      await output.table(items(hookswitch.listRevocations(filter)), columns, paging);
      return EXIT.ok;
    },
  },
  managing("retry", "Ask the provider again."),
  managing("dismiss", "End a revocation without the provider's confirmation."),
];

const others: readonly Command[] = [
  {
    name: "job",
    usage: "<job>",
    help: "Wait for a job, and print it.",
    async run(context) {
      const path = `/v1/jobs/${encodeURIComponent(context.args.words[0] ?? "")}`;
      return runJob(context, await context.hookswitch.request<Job>("GET", path));
    },
  },
  {
    name: "whoami",
    help: "Print whom the key authenticates.",
    async run({ hookswitch, output }) {
      output.fields(await hookswitch.getMe(), [
        "actor",
        "actor_type",
        "role",
        "groups",
        "token_id",
        "limited",
      ]);
      return EXIT.ok;
    },
  },
];

export const OPERATION_COMMANDS: readonly Command[] = [
  ...keys,
  ...webhooks,
  ...abandoned,
  ...others,
];

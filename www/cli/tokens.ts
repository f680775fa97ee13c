// The commands about tokens, connections and users as a whole.

import type { RevokedKind, RevokeUserRequest } from "../api/types.ts";
import { CAREFUL, UsageError, type Command, type Context } from "./command.ts";
import { EXIT, exitOfStatus } from "./exit.ts";

const VERDICT = [
  "status",
  "kind",
  "token_id",
  "user_id",
  "app_id",
  "connection_id",
  "scope",
  "label",
  "created_at",
  "expires_at",
  "consumed_at",
  "revoked_at",
  "by",
  "reason",
  "source",
];
const CONNECTION = [
  "status",
  "id",
  "user_id",
  "app_id",
  "health",
  "scope",
  "created_at",
  "activated_at",
  "last_used_at",
  "revoked_at",
  "changed_by",
  "status_reason",
];

const isTokenId = (text: string): boolean => text.startsWith("tok_");
const isConnectionId = (text: string): boolean => text.startsWith("ca_");

/** The token of a command: a public id as an argument, or a secret from the prompt or the standard input. */
async function named({ args, secret }: Context): Promise<string> {
  const [word] = args.words;
  const text = word === undefined || word === "-" ? await secret("Token") : word;
  if (text === "") throw new UsageError("no token was given");
  return text;
}

const check: Command = {
  name: "check",
  usage: "[token or id]",
  help: "Check a token (also tok_…) or a connection (ca_…). Without an argument, the token is read from a prompt or the standard input.",
  async run(context) {
    const { hookswitch, output } = context;
    const text = await named(context);
    if (isConnectionId(text)) {
      const connection = await hookswitch.getConnection({ connection_id: text });
      output.fields(connection, CONNECTION);
      return exitOfStatus(connection.status);
    }
    const verdict = await hookswitch.checkTokens(
      isTokenId(text) ? { token_id: text } : { token: text },
    );
    output.fields(verdict, VERDICT);
    return exitOfStatus(verdict.status);
  },
};

const mint: Command = {
  name: "mint",
  usage: "<user>",
  help: "Create a connection token, and print it.",
  options: {
    ttl: { value: "seconds", help: "the validity (a day)" },
    app: { value: "id", help: "the app that the token connects the user to" },
    scope: { value: "scopes", help: "the scopes that the app gets" },
    "redirect-uri": { value: "uri", help: "where the user returns to" },
    label: { value: "text", help: "a label of your choice" },
    metadata: { value: "json", help: "data to store with the token" },
    link: { help: "print the link of the link page instead of the token" },
  },
  async run({ hookswitch, url, args, output }) {
    const [user_id = ""] = args.words;
    const created = await hookswitch.mintToken({
      user_id,
      ...present({
        ttl: args.number("ttl"),
        app_id: args.text("app"),
        scope: args.text("scope"),
        redirect_uri: args.text("redirect-uri"),
        label: args.text("label"),
        metadata: json("metadata", args.text("metadata")),
      }),
    });
    const link = `${url}/connect?token=${created.token}`;
    output.line(args.has("link") ? link : created.token, { ...created, link });
    return EXIT.ok;
  },
};

const consume: Command = {
  name: "consume",
  usage: "[token]",
  help: "Use a connection token, once.",
  async run(context) {
    const consumed = await context.hookswitch.consumeToken({ token: await named(context) });
    context.output.fields(consumed, [
      "user_id",
      "token_id",
      "app_id",
      "connection_id",
      "consumed_at",
    ]);
    return EXIT.ok;
  },
};

const revoke: Command = {
  name: "revoke",
  usage: "[token or id]",
  help: "Revoke a token (also tok_…) or a connection (ca_…).",
  options: { reason: { value: "text", help: "why; events and verdicts show it" } },
  async run(context) {
    const { hookswitch, output, args } = context;
    const text = await named(context);
    const reason = present({ reason: args.text("reason") });
    if (isConnectionId(text)) {
      const changed = await hookswitch.revokeConnection({ connection_id: text, ...reason });
      output.fields(changed, ["changed", "effective_at", ...CONNECTION]);
      return EXIT.ok;
    }
    const named_ = isTokenId(text) ? { token_id: text } : { token: text };
    const changed = await hookswitch.revokeToken({ ...named_, ...reason });
    output.fields(changed, ["changed", "effective_at", ...VERDICT]);
    return EXIT.ok;
  },
};

const revokeAll: Command = {
  name: "revoke-all",
  usage: "<user>",
  help: "Revoke everything of a user, or the part that the options select, in one write.",
  options: {
    "dry-run": { help: "count, and revoke nothing" },
    before: { value: "time", help: "only what was created up to this time (RFC 3339)" },
    app: { value: "id", help: "only what belongs to this app" },
    kind: { value: "kind", help: "only this kind; may come more than once", many: true },
    reason: { value: "text", help: "why; events and verdicts show it" },
    ...CAREFUL,
  },
  async run({ hookswitch, args, output, confirm }) {
    const [user_id = ""] = args.words;
    const kinds = args.texts("kind") as RevokedKind[];
    const filter: RevokeUserRequest = present({
      before: args.text("before"),
      app_id: args.text("app"),
      kinds: kinds.length > 0 ? kinds : undefined,
      reason: args.text("reason"),
    });
    const counted = await hookswitch.revokeUser({ user_id, ...filter, dry_run: true });
    if (!args.has("dry-run")) {
      await confirm(`Revoke ${counted.total} tokens and connections of ${user_id}?`);
    }
    const result = args.has("dry-run")
      ? counted
      : await hookswitch.revokeUser({ user_id, ...filter });
    if (output.isJson) output.line("", result);
    else {
      output.fields({ ...result.revoked, ...result }, [
        "user_id",
        "dry_run",
        "effective_at",
        "connection",
        "connection_token",
        "access_token",
        "refresh_token",
        "api_key",
        "total",
      ]);
    }
    return EXIT.ok;
  },
};

/** The members that have a value. */
export function present<T extends object>(
  members: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as never;
}

function json(name: string, text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new UsageError(`--${name} is not JSON`);
  }
}

export const TOKEN_COMMANDS: readonly Command[] = [check, mint, consume, revoke, revokeAll];

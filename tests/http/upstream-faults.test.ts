// Providers that have trouble: what becomes of a credential, how often the provider was asked, and what was told of it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { eventsOf } from "./kit/actions.ts";
import { revokeConnection } from "./kit/connections.ts";
import { Provider, type Asked, type Reaction } from "./kit/provider.ts";
import { serve } from "./kit/service.ts";
import type { App } from "./kit/shapes.ts";
import {
  appOf,
  hold,
  newProvider,
  readHolder,
  settled,
  type CredentialState,
  type Holder,
} from "./kit/upstream.ts";
import { sleep, until } from "./kit/wait.ts";

/** The first wait, and how long a provider has to answer. */
const [RETRY_MS, TIMEOUT_MS] = [100, 1_500];
const ATTEMPTS_MAX = 6;
/** What a slow machine may take for a step. */
const SLACK_MS = 1_500;
/** All attempts, each without an answer. */
const DEADLINE_MS = 40_000;

const service = await serve({
  vars: { UPSTREAM_RETRY_MS: `${RETRY_MS}`, UPSTREAM_TIMEOUT_MS: `${TIMEOUT_MS}` },
});
after(() => service.stop());
const { root } = service;
const provider = await Provider.start();
after(() => provider.stop());
/** Whom nobody may come to by way of the provider. */
const trap = await Provider.start();
after(() => trap.stop());

let app: App;

before(async () => {
  const url = `${provider.origin}/revoke`;
  const revocation = { method: "rfc7009", url, auth: "none" } as const;
  app = await appOf(root, await newProvider(root, { revocation }));
});

const HTTP_500 = times500(ATTEMPTS_MAX);
function times500(count: number): Reaction[] {
  return Array.from({ length: count }, () => 500);
}

function says(status: number, error: string): Reaction {
  return { status, body: JSON.stringify({ error, error_description: "…" }) };
}

/** It asks to be left alone for longer than it takes to look. */
const BUSY: Reaction = { status: 503, headers: { "retry-after": "2" } };

function sendsTo(status: number, location: string): Reaction {
  return { status, headers: { location } };
}

interface Fault {
  script: Reaction[];
  state: CredentialState;
  attempts: number;
  error?: string;
}

const refused = (reaction: Reaction, error: string): Fault => ({
  script: [reaction],
  state: "abandoned",
  attempts: 1,
  error,
});
const gaveUp = (script: Reaction[], error: string): Fault => ({
  script,
  state: "abandoned",
  attempts: ATTEMPTS_MAX,
  error,
});
const revokedAfter = (...failures: Reaction[]): Fault => ({
  script: [...failures, 200],
  state: "revoked",
  attempts: failures.length + 1,
});
const gone = (...script: Reaction[]): Fault => ({ script, state: "gone", attempts: script.length });

const FAULTS: Record<string, Fault> = {
  "is well": revokedAfter(),
  "knows the token as dead": gone(says(400, "invalid_token")),
  refuses: refused(400, "HTTP 400"),
  "refuses and says why": refused(
    says(400, "unsupported_token_type"),
    "HTTP 400, unsupported_token_type",
  ),
  "refuses with a text": refused(says(400, "Token tok.x is bad"), "HTTP 400"),
  "does not know the client": refused(says(401, "invalid_client"), "HTTP 401, invalid_client"),
  "forbids it": refused(403, "HTTP 403"),
  "has no such path": refused(404, "HTTP 404"),
  "says 200 and means no": refused(says(200, "not_allowed"), "HTTP 200, not_allowed"),
  "says 200 and means no, in an object": refused(
    { status: 200, body: '{"error":{"code":401}}' },
    "HTTP 200, 401",
  ),
  "says 200 and means no, in a list": refused({ status: 200, body: '{"errors":[{}]}' }, "HTTP 200"),
  "says 200 and that it failed for now": revokedAfter(says(200, "internal_error")),
  "says 400 and that it failed for now": revokedAfter(says(400, "temporarily_unavailable")),
  "has only accepted it": revokedAfter(202),
  "says nothing once": revokedAfter("hangs"),
  "says nothing ever": gaveUp(["hangs"], "no answer in time"),
  "stops within its answer": revokedAfter("stalls"),
  "dies within its answer": revokedAfter("dies"),
  "dies within every answer": gaveUp(["dies"], "could not be reached"),
  "fails five times": revokedAfter(...times500(5)),
  "fails for ever": gaveUp(HTTP_500, "HTTP 500"),
  "is overloaded": revokedAfter(429, 503, 502),
  "is too slow, and says so": revokedAfter(408, 425),
  "has revoked it, and failed to say so": gone(500, says(400, "invalid_token")),
  "fails, and then refuses": {
    script: [500, 400],
    state: "abandoned",
    attempts: 2,
    error: "HTTP 400",
  },
  "says more than is read": revokedAfter({ status: 503, body: "x".repeat(1_000_000) }),
};

for (const status of [301, 302, 303, 307, 308]) {
  for (const [what, location] of [
    ["this machine", `${trap.origin}/stolen`],
    ["itself", "/elsewhere"],
    ["the metadata of a cloud's machine", "http://169.254.169.254/latest/meta-data/"],
    ["a private network", "http://10.0.0.1/"],
  ] as const) {
    if (status !== 307 && what !== "this machine") continue;
    FAULTS[`sends to ${what} by ${status}`] = refused(sendsTo(status, location), `HTTP ${status}`);
  }
}

/** Has a connection revoked whose one credential meets these reactions. */
async function revoked(script: Reaction[]): Promise<{ held: Holder; token: string }> {
  const token = provider.token(...script);
  const held = await hold(root, app, { refresh_token: token });
  const { previous } = await revokeConnection(root, held.id);
  assert.equal(previous, "active");
  return { held, token };
}

// They are independent, and the longest takes some seconds.
describe("a_credential_comes_to_its_end_at_a_provider_that", { concurrency: 16 }, () => {
  for (const [name, fault] of Object.entries(FAULTS)) test(name, () => comesTo(fault));
});

async function comesTo({ script, state, attempts, error = "" }: Fault): Promise<void> {
  const { held, token } = await revoked(script);
  const end = await settled(root, held.id, DEADLINE_MS);
  const [credential] = end.upstream?.credentials ?? [];
  assert.ok(credential);
  assert.deepEqual(
    [credential.state, credential.attempts, credential.error ?? "", credential.next_attempt_at],
    [state, attempts, error, null],
  );
  const isDone = state !== "abandoned";
  assert.equal(end.status, isDone ? "revoked" : "revoking");
  assert.ok(end.revoked_at, "it is dead here since it was revoked");

  // Nothing more comes: not from the ledger either.
  await sleep(1_000);
  assert.equal(provider.askedOf(token).length, attempts);
  const events = await eventsOf(root, held.user_id);
  const last = isDone ? "connection.revoked" : "revocation.abandoned";
  assert.deepEqual(
    events.map(({ type }) => type),
    [last, "connection.revoking", "connection.created", "user.created"],
  );
  assert.ok(events.every(({ data }) => !JSON.stringify(data).includes(token)));
  if (!isDone) {
    assert.deepEqual(events[0]?.data, {
      revocation_id: credential.revocation_id,
      app_id: app.app_id,
      provider: app.provider,
      token_type: "refresh_token",
      attempts,
      error,
    });
    assert.deepEqual([events[0].actor, events[0].connection_id], ["system", held.id]);
  } else {
    const upstream = [{ token_type: "refresh_token", state }];
    assert.deepEqual(events[0]?.data["upstream"], upstream);
  }
}

test("no_provider_sends_us_anywhere", () => assert.deepEqual(trap.asked, []));

test("a_provider_that_cannot_be_reached_is_asked_six_times", async () => {
  const nobody = await Provider.start();
  const url = `${nobody.origin}/revoke`;
  nobody.stop();
  const revocation = { method: "rfc7009", url, auth: "none" } as const;
  const of = await appOf(root, await newProvider(root, { revocation }));
  const { id } = await hold(root, of, { access_token: "x" });
  assert.equal((await revokeConnection(root, id)).status, "revoking");
  const [credential] = (await settled(root, id, DEADLINE_MS)).upstream?.credentials ?? [];
  assert.deepEqual(
    [credential?.state, credential?.attempts, credential?.error],
    ["abandoned", ATTEMPTS_MAX, "could not be reached"],
  );
});

test("the_waits_double_and_a_connection_says_how_far_it_is", async () => {
  const { held, token } = await revoked(HTTP_500);
  const seen = new Map<number, { wait: number; status: string; error: string | null }>();
  await until("it is abandoned", async () => {
    const { upstream, status } = await readHolder(root, held.id);
    const [credential] = upstream?.credentials ?? [];
    const { attempts = 0, next_attempt_at, error = null, state } = credential ?? {};
    if (next_attempt_at != null && !seen.has(attempts)) {
      const last = provider.askedOf(token).at(-1)?.at ?? 0;
      seen.set(attempts, { wait: Date.parse(next_attempt_at) - last, status, error });
    }
    return state === "abandoned" ? true : undefined;
  });
  const at = provider.askedOf(token).map((asked: Asked) => asked.at);
  const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0));
  for (const [index, wait] of waits.entries()) {
    const least = RETRY_MS * 2 ** index;
    // Half as much again, and what it takes to get there.
    assert.ok(
      wait >= least - 5 && wait < least * 1.5 + SLACK_MS,
      `wait ${index + 1}: ${waits.join()}`,
    );
  }
  assert.equal(waits.length, ATTEMPTS_MAX - 1);
  for (const [attempts, { wait, status, error }] of seen) {
    assert.deepEqual([status, error], ["revoking", "HTTP 500"]);
    assert.ok(wait < RETRY_MS * 2 ** (attempts - 1) * 1.5 + SLACK_MS, `${attempts}: ${wait}`);
  }
  assert.ok(seen.size >= 2, "the later waits are long enough to be seen");
});

test("a_provider_that_says_how_long_to_wait_is_left_alone_so_long", async () => {
  const busy = (status: number): Reaction => ({ status, headers: { "retry-after": "2" } });
  const [one, other] = await Promise.all([revoked([busy(429), 200]), revoked([busy(503), 200])]);
  for (const { held, token } of [one, other]) {
    assert.equal((await settled(root, held.id)).status, "revoked");
    const [first, second] = provider.askedOf(token).map(({ at }) => at);
    assert.ok((second ?? 0) - (first ?? 0) >= 1_995, `${first} ${second}`);
  }
});

test("a_provider_that_names_a_date_is_left_alone_until_then", async () => {
  const date = new Date(Date.now() + 3_000).toUTCString();
  const { held, token } = await revoked([{ status: 503, headers: { "retry-after": date } }, 200]);
  assert.equal((await settled(root, held.id)).status, "revoked");
  const [, second] = provider.askedOf(token).map(({ at }) => at);
  assert.ok((second ?? 0) >= Date.parse(date), `${second} ${date}`);
});

test("each_credential_of_a_connection_comes_to_an_end_of_its_own", async () => {
  const refresh_token = provider.token(BUSY, 500, 200);
  const access_token = provider.token(says(400, "invalid_token"));
  const held = await hold(root, app, { refresh_token, access_token });
  const { status } = await revokeConnection(root, held.id);
  assert.equal(status, "revoking");
  const meanwhile = await readHolder(root, held.id);
  assert.deepEqual(
    meanwhile.upstream?.credentials.map(({ state }) => state),
    ["revoking", "gone"],
  );
  const end = await settled(root, held.id);
  assert.equal(end.status, "revoked");
  assert.equal(end.revoked_at, meanwhile.revoked_at, "it died when it was revoked here");
  assert.deepEqual(
    [refresh_token, access_token].map((token) => provider.askedOf(token).length),
    [3, 1],
  );
  const told = await eventsOf(root, held.user_id, "connection.revoked");
  assert.equal(told.length, 1);
});

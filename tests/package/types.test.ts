// The package's types, as TypeScript's users see them: what is right compiles, and what is wrong does not.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Consumer, inProject } from "./kit/installed.ts";

/** The compiler that checks this project's own types. */
const TSC = inProject("node_modules", "typescript-7", "bin", "tsc");

const PROGRAM = `
  import { describe, follow, handleKind, parseHandle, statusAt, StatusEvent } from "hookswitch";
  import type { ConnectionStatus, Follower, HandleKind, Standing, Status, Words } from "hookswitch";

  const kind: HandleKind | undefined = handleKind("ca_");
  const secret: boolean | undefined = parseHandle("ca_")?.secret;
  // @ts-expect-error What a text is has to be looked at first.
  parseHandle("ca_").kind;
  // @ts-expect-error A handle is a text.
  handleKind(5);

  export function show(status: Status): string {
    const standing: Standing = statusAt(status, new Date());
    statusAt(status, Date.now());
    // @ts-expect-error A time is a Date, or milliseconds.
    statusAt(status, "2026-11-21T12:00:00Z");
    const words: Words = describe(status.subject, standing.status, "fr");
    if (status.subject === "connection") {
      const connection: ConnectionStatus = status.status;
      const none: null = status.kind;
      return connection + none + words.label;
    }
    // @ts-expect-error No token is active.
    if (status.status === "active") return "";
    return status.kind + words.locale;
  }

  const follower: Follower = follow({ ticket: "hst_", server: new URL("https://example.com") });
  follower.addEventListener("status", (event) => show(event.status));
  follower.addEventListener("state", (event) => event.state === "live" && event.stale);
  follower.addEventListener("error", ({ code, message }) => console.log(code, message));
  follower.addEventListener("status", (event) => event instanceof StatusEvent);
  // @ts-expect-error A ticket there has to be.
  follow({});
  // @ts-expect-error There is no such state.
  follower.state === "open";

  export { kind, secret };
`;

const ELEMENT = `
  import { HookswitchStatus, type ChangeDetail } from "hookswitch/element";
  import wasm from "hookswitch/hookswitch.wasm";

  const element: HookswitchStatus = document.createElement("hookswitch-status");
  element.ticket = "hst_";
  element.addEventListener("hookswitch-change", (event) => {
    const detail: ChangeDetail = event.detail;
    console.log(detail);
  });
  // @ts-expect-error There is no such event.
  element.addEventListener("hookswitch-change", (event) => event.details);
  document.querySelector("hookswitch-status")?.remove();

  export const module: WebAssembly.Module = wasm;
`;

const REACT = `
  import { useRef } from "react";
  import type { HookswitchStatus } from "hookswitch/element";
  import type {} from "hookswitch/react";

  export function Connection({ ticket }: { ticket: string }) {
    const element = useRef<HookswitchStatus>(null);
    return (
      <hookswitch-status
        ref={element}
        className="wide"
        lang="fr"
        ticket={ticket}
        server={new URL("https://example.com")}
        label="Acme"
        disconnectable
        renew={async () => undefined}
        onhookswitch-change={(event) => console.log(event.detail.status)}
        onhookswitch-disconnect={({ detail }) => detail.waitUntil(Promise.resolve())}
      />
    );
  }

  // @ts-expect-error A ticket is a text.
  export const wrong = <hookswitch-status ticket={5} />;
  // @ts-expect-error There is no such attribute.
  export const unknown = <hookswitch-status tickets="hst_" />;
`;

let consumer: Consumer;
before(async () => {
  consumer = await Consumer.create();
  consumer.write("react/connection.tsx", REACT);
  consumer.link("@types/react", "csstype");
  consumer.write("src/program.ts", PROGRAM);
  consumer.write("src/element.ts", ELEMENT);
});
after(() => consumer?.remove());

for (const [resolution, module] of [
  ["bundler", "es2022"],
  ["nodenext", "nodenext"],
] as const) {
  test(`a_program_of_its_users_is_checked_by_its_types (${resolution})`, async () => {
    const compilerOptions = {
      target: "es2022",
      lib: ["es2022", "dom", "dom.iterable"],
      module,
      moduleResolution: resolution,
      types: [],
      strict: true,
      noEmit: true,
      // So that the package's own declarations are checked as well.
      skipLibCheck: false,
      exactOptionalPropertyTypes: true,
    };
    const name = `tsconfig.${resolution}.json`;
    consumer.write(name, JSON.stringify({ compilerOptions, include: ["src"] }));
    assert.equal(await consumer.run(TSC, ["-p", name]), "");
  });
}

test("the_element_has_types_in_react_and_needs_none_of_react_elsewhere", async () => {
  const compilerOptions = {
    target: "es2022",
    lib: ["es2022", "dom", "dom.iterable"],
    module: "es2022",
    moduleResolution: "bundler",
    jsx: "react-jsx",
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck: false,
  };
  consumer.write("tsconfig.react.json", JSON.stringify({ compilerOptions, include: ["react"] }));
  assert.equal(await consumer.run(TSC, ["-p", "tsconfig.react.json"]), "");
});

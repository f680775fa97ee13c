// What is done about a revocation that could not be completed at its provider.

import { html } from "lit";

import { announce } from "./announce.ts";
import { changeRevocation } from "./calls.ts";
import { confirm } from "./confirm.ts";

/** Asks the provider once more. Whether it was sent. */
export async function retry(id: string): Promise<boolean> {
  const after = await confirm({
    title: "Ask the provider again?",
    text: html`<p>It is asked now; and, where that fails, again with six attempts as before.</p>`,
    verb: "Retry",
    act: (_, keyFor) => changeRevocation(id, "retry", keyFor("retry")),
  });
  if (after === undefined) return false;
  announce(
    after.state === "revoking"
      ? `It failed again (${after.error ?? "no reason given"}), and goes on being tried.`
      : `The provider was asked: it is ${after.state}.`,
  );
  return true;
}

/** Leaves it alive there. Whether it was sent. */
export async function dismiss(id: string): Promise<boolean> {
  const after = await confirm({
    title: "Leave it alive at the provider?",
    text: html`<p>
      The credential is erased here, and nobody will ask its provider to revoke it again: it is good
      there until it runs out.
    </p>`,
    verb: "Dismiss",
    isGrave: true,
    act: (_, keyFor) => changeRevocation(id, "dismiss", keyFor("dismiss")),
  });
  if (after !== undefined) announce("Dismissed.");
  return after !== undefined;
}

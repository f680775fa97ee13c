// What is done about a revocation that could not be completed at its provider.

import { html } from "lit";

import { announce } from "./announce.ts";
import { changeRevocation } from "./calls.ts";
import { confirm } from "./confirm.ts";

/** Asks the provider once more. Whether it was sent. */
export async function retry(id: string): Promise<boolean> {
  const after = await confirm({
    title: "Retry the revocation?",
    text: html`<p>
      The provider is asked now. If the attempt fails, it is repeated as for a new revocation.
    </p>`,
    verb: "Retry",
    act: (_, keyFor) => changeRevocation(id, "retry", keyFor("retry")),
  });
  if (after === undefined) return false;
  announce(
    after.state === "revoking"
      ? `The attempt failed (${after.error ?? "no reason given"}). More attempts follow.`
      : `The provider was asked. State: ${after.state}.`,
  );
  return true;
}

/** Leaves it alive there. Whether it was sent. */
export async function dismiss(id: string): Promise<boolean> {
  const after = await confirm({
    title: "Dismiss the revocation?",
    text: html`<p>
      The credential is deleted here, and the provider is not asked again. The credential may stay
      valid at the provider until it expires.
    </p>`,
    verb: "Dismiss",
    isGrave: true,
    act: (_, keyFor) => changeRevocation(id, "dismiss", keyFor("dismiss")),
  });
  if (after !== undefined) announce("Dismissed.");
  return after !== undefined;
}

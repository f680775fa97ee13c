// The questions to each runtime, in a program that uses the package like any other.

import { describe, follow, handleKind, parseHandle, statusAt } from "hookswitch";
import { HookswitchStatus } from "hookswitch/element";

/** The error that a function throws, as text. */
function thrown(call) {
  try {
    return call();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export function probe({ handles, statuses, words }) {
  return {
    handles: handles.map(({ text }) => [handleKind(text) ?? null, parseHandle(text)?.text ?? null]),
    statuses: statuses.map(({ status, at }) => statusAt(status, new Date(at))),
    words: words.map(({ subject, status, asked }) => {
      const { label, tone, locale } = describe(subject, status, asked ?? undefined);
      return { label, tone, locale };
    }),
    refused: thrown(() => handleKind(5)),
    strayed: String(thrown(() => follow({ ticket: "hct_" }))).startsWith("TypeError"),
    element: typeof HookswitchStatus,
  };
}

// Histories that no service can have had, made from one that it had: whoever compares is to find each of them out.

import type { Request, Script } from "./core.ts";

interface Lie {
  lie: string;
  script: Script;
}

/** The lies that can be made of a history, at most one of each sort. */
export function lies(script: Script): Lie[] {
  const { requests, events } = script;
  const found: Lie[] = [];
  const alter = (
    lie: string,
    which: (request: Request) => boolean,
    change: Partial<Request>,
  ): void => {
    const index = requests.findLastIndex(which);
    if (index < 0) return;
    const altered = requests.with(index, { ...(requests[index] as Request), ...change });
    found.push({ lie, script: { ...script, requests: altered } });
  };
  const issued = ({ seen, move }: Request): boolean => "access" in seen && move["do"] !== "refresh";
  const is = (what: string, { move }: Request): boolean => move["do"] === what;

  alter("what was issued was refused", issued, { seen: { refused: "invalid_grant" } });
  alter("what was refused was done", (one) => is("leave", one) && "refused" in one.seen, {
    seen: { done: true },
  });
  alter("what was done was refused", (one) => is("leave", one) && "done" in one.seen, {
    seen: { refused: "invalid_grant" },
  });
  alter("it was answered before all others were sent", ({ at }) => at !== null, {
    start: 0,
    end: 0,
  });
  const untold = events.findIndex(({ actor }) => actor !== "system");
  if (untold >= 0) {
    const lie = "nothing was told of it";
    found.push({ lie, script: { ...script, events: events.toSpliced(untold, 1) } });
  }
  return found;
}

// A link to the console or the demo may carry a one-time sign-in code behind its `#`. The page removes the code from the
// address bar at once, and trades it for a session key.

import { Problem, send } from "./http.ts";

const PREFIX = "#code=";

/** The sign-in code, if the address has one. */
export function codeFromAddress(): string | undefined {
  const { hash, pathname, search } = location;
  if (!hash.startsWith(PREFIX)) return undefined;
  history.replaceState(history.state, "", pathname + search);
  return hash.slice(PREFIX.length);
}

/** Trades a code for a session key. Rejects with a `Problem`. */
export async function sessionKeyFor(code: string): Promise<string> {
  try {
    const request = { method: "POST", path: "/v1/sessions", json: { code } } as const;
    return (await send<{ session_key: string }>(undefined, request)).session_key;
  } catch (error) {
    throw explained(Problem.from(error));
  }
}

/** A code that cannot be used, with what to do about it. */
function explained(problem: Problem): Problem {
  if (problem.status !== 400 && problem.status !== 403) return problem;
  const { status, code, requestId, retryAfter } = problem;
  return new Problem({
    ...{ status, code, requestId, retryAfter },
    title: "This sign-in link cannot be used",
    detail:
      "A link works once, for 5 minutes. To get another one, press Enter where npm start runs, or run npm run sign-in.",
  });
}

// The users that were opened since one signed in: in memory alone.

import { session } from "./session.ts";

const MOST = 8;

/** The latest first. */
export const recent: string[] = [];

export function remember(userId: string): void {
  forget(userId);
  recent.unshift(userId);
  recent.splice(MOST);
}

function forget(userId: string): void {
  const index = recent.indexOf(userId);
  if (index >= 0) recent.splice(index, 1);
}

session.addEventListener("change", () => {
  if (!session.isSignedIn) recent.splice(0);
});

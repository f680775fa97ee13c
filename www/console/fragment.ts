// The key that a link to the console may carry behind its `#`: read, and taken out of the address bar at once.

const PREFIX = "#key=";

/** The key, where the address has one. */
export function keyFromAddress(): string | undefined {
  const { hash, pathname, search } = location;
  if (!hash.startsWith(PREFIX)) return undefined;
  history.replaceState(history.state, "", pathname + search);
  try {
    return decodeURIComponent(hash.slice(PREFIX.length)) || undefined;
  } catch {
    return undefined;
  }
}

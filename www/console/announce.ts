// Says, to the eye and to the ear, what has just been done.

const SHOWN_MS = 5_000;

let timer: ReturnType<typeof setTimeout> | undefined;

/** Tells it in the uppermost dialog, where there is one: whatever is behind it is not heard. */
export function announce(text: string): void {
  const places = document.querySelectorAll<HTMLElement>("[data-announcer]");
  const inDialog = [...places].filter((place) => place.closest("dialog") !== null).at(-1);
  const place = inDialog ?? places[0];
  if (place === undefined) return;
  clearTimeout(timer);
  for (const other of places) other.textContent = "";
  // The same words a second time are only heard when they have been away.
  setTimeout(() => (place.textContent = text), 50);
  timer = setTimeout(() => (place.textContent = ""), SHOWN_MS);
}

// Times and spans in words, as the person's language writes them.

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** From so many seconds on, seconds are not shown: the time left is far away then. */
export const FAR = 3_600;

const kept = new Map<string, unknown>();

/** Formatters are dear to make, and asked for each second. */
function keep<T>(key: string, make: () => T): T {
  if (!kept.has(key)) kept.set(key, make());
  return kept.get(key) as T;
}

/** A span in its two greatest units: `4 min 12 sec`, `2 hr 5 min`, `3 days 1 hr`. */
export function span(seconds: number, tag: string): string {
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  const shown = first < 0 ? UNITS.slice(-1) : UNITS.slice(first, first + 2);
  let rest = seconds;
  const texts = shown.flatMap(([unit, size], index) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    // Two hours and no minutes are two hours; but a clock that skips its noughts jumps to and fro.
    if (count === 0 && index > 0 && unit !== "second") return [];
    const style = { style: "unit", unit, unitDisplay: unit === "day" ? "long" : "short" } as const;
    return [keep(`${tag} ${unit}`, () => new Intl.NumberFormat(tag, style)).format(count)];
  });
  const list = { style: "narrow", type: "unit" } as const;
  return keep(`${tag} list`, () => new Intl.ListFormat(tag, list)).format(texts);
}

/** After how many milliseconds a span that ends then is written otherwise. */
export function untilNext(millisecondsLeft: number): number {
  const step = millisecondsLeft > FAR * 1_000 ? 60_000 : 1_000;
  return millisecondsLeft % step || step;
}

/** A day and a time of day. */
export function moment(at: Date, tag: string): string {
  const style = { dateStyle: "medium", timeStyle: "short" } as const;
  return keep(`${tag} moment`, () => new Intl.DateTimeFormat(tag, style)).format(at);
}

/** A time of day; with the day, where that is not the day of `now`. */
export function clock(at: Date, now: Date, tag: string): string {
  if (at.toDateString() !== now.toDateString()) return moment(at, tag);
  const style = { timeStyle: "medium" } as const;
  return keep(`${tag} clock`, () => new Intl.DateTimeFormat(tag, style)).format(at);
}

// Sums up numbers, and sets them out in columns.

/**
 * @param {readonly number[]} values
 * @param {number} share 0.99 for the 99th percentile
 */
export function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/**
 * Of an even number of values, the mean of the middle two.
 * @param {readonly number[]} values
 */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
}

/**
 * The number that all are equal to, or else the least and the greatest.
 * @param {readonly number[]} values
 */
export function counts(values) {
  const [least, greatest] = [percentile(values, 0), percentile(values, 1)];
  return least === greatest ? String(least) : `${least} to ${greatest}`;
}

/**
 * A Markdown table; the first column is words, the others are numbers.
 * @param {readonly Record<string, string>[]} rows
 */
export function table(rows) {
  const names = Object.keys(rows[0] ?? {});
  const widths = names.map((name) =>
    Math.max(name.length, ...rows.map((row) => row[name]?.length ?? 0)),
  );
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(" | ")} |`;
  const rule = widths.map((width, i) =>
    i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(names), line(rule), ...rows.map((row) => line(names.map((n) => row[n] ?? "")))].join(
    "\n",
  );
}

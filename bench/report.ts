// Numbers, a Markdown table and a chart.

export interface Measured {
  target: string;
  route: string;
  /** Answers in a second. */
  rate: number;
  p50: number;
  p99: number;
  /** The rate, divided by the twin's. */
  ratio: number;
}

/** The middle value; of an even number of values, the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
}

/** A Markdown table whose columns are the members of the rows. */
export function table(rows: readonly Readonly<Record<string, string>>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const isNumber = (name: string): boolean =>
    rows.every((row) => /^[\d.,]+$/.test(row[name] ?? ""));
  const rule = names.map((name) => (isNumber(name) ? "---:" : "---"));
  return [
    line(names),
    line(rule),
    ...rows.map((row) => line(names.map((name) => row[name] ?? ""))),
  ].join("\n");
}

const BAR = { height: 18, gap: 6, left: 260, width: 360 };

/** A bar chart of the ratios, readable on light and dark pages. */
export function chart(rows: readonly Measured[]): string {
  const longest = Math.max(1, ...rows.map(({ ratio }) => ratio));
  const scale = BAR.width / longest;
  const height = rows.length * (BAR.height + BAR.gap) + 30;
  const one = BAR.left + scale;
  const bars = rows.map(({ target, route, ratio }, index) => {
    const y = index * (BAR.height + BAR.gap) + 24;
    const width = (ratio * scale).toFixed(1);
    const middle = y + BAR.height - 5;
    return `  <text x="${BAR.left - 8}" y="${middle}" text-anchor="end">${target}: ${route}</text>
  <rect x="${BAR.left}" y="${y}" width="${width}" height="${BAR.height}" rx="2" class="${target === "hookswitch" ? "own" : "peer"}"/>
  <text x="${(BAR.left + ratio * scale + 6).toFixed(1)}" y="${middle}">${ratio.toFixed(2)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="700" height="${height}" viewBox="0 0 700 ${height}" role="img">
  <title>The rate of each route as a ratio to the twin</title>
  <style>
    text { font: 12px system-ui, sans-serif; fill: #1f2328; }
    .own { fill: #0b6bcb; } .peer { fill: #8b949e; } line { stroke: #8b949e; stroke-dasharray: 3 3; }
    @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .own { fill: #58a6ff; } }
  </style>
  <text x="${one.toFixed(1)}" y="14" text-anchor="middle">twin = 1</text>
  <line x1="${one.toFixed(1)}" y1="18" x2="${one.toFixed(1)}" y2="${height}"/>
${bars.join("\n")}
</svg>
`;
}

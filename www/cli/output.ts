// Results for people and for programs: tables and fields, or JSON.

/** A stream that may be a terminal. */
export interface Stream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** A column of a table: its name, and the text of an item. */
export type Columns<T> = Record<string, (item: T) => unknown>;

/** The highest number of items that a table prints without `--all`. */
const LIMIT = 50;

export class Output {
  readonly #stdout: Stream;
  readonly #stderr: Stream;
  readonly #isJson: boolean;

  constructor(stdout: Stream, stderr: Stream, isJson: boolean) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#isJson = isJson;
  }

  /** Whether a program reads the results. */
  get isJson(): boolean {
    return this.#isJson;
  }

  /** A line for the person, which no program reads. */
  note(text: string): void {
    this.#stderr.write(`${text}\n`);
  }

  /** A line of the result, in the place of which programs get an object. */
  line(text: string, value: unknown): void {
    this.#stdout.write(`${this.#isJson ? JSON.stringify(value) : text}\n`);
  }

  /** The members of an object, one in a line. */
  fields(value: object, names: readonly string[]): void {
    if (this.#isJson) {
      this.line("", value);
      return;
    }
    const shown = names
      .map((name) => [name, cell((value as Record<string, unknown>)[name])] as const)
      .filter(([, text]) => text !== "");
    const width = Math.max(...shown.map(([name]) => name.length));
    for (const [name, text] of shown) this.line(`${name.padEnd(width)}  ${text}`, undefined);
  }

  /** The items of a list. */
  async table<T>(
    items: AsyncIterable<T>,
    columns: Columns<T>,
    { limit = LIMIT, all = false }: { limit?: number | undefined; all?: boolean } = {},
  ): Promise<void> {
    const most = all ? Infinity : limit;
    const rows: string[][] = [];
    let count = 0;
    let hasMore = false;
    for await (const item of items) {
      if (count === most) {
        hasMore = true;
        break;
      }
      count += 1;
      // A program gets each item at once.
      if (this.#isJson) this.line("", item);
      else rows.push(Object.values(columns).map((text) => cell(text(item))));
    }
    if (this.#isJson) return;
    if (rows.length === 0) { this.note("There are none."); return; }
    for (const line of layOut([Object.keys(columns), ...rows], this.#width)) this.line(line, "");
    if (hasMore) this.note(`There are more than ${most}: use --limit or --all.`);
  }

  /** Shows the progress of a job on one line, if there is a terminal. */
  progress(done: number, all: number, text: string): void {
    if (!this.#stderr.isTTY) return;
    const part = all === 0 ? 1 : Math.min(1, done / all);
    const full = Math.round(part * 24);
    const bar = `${"█".repeat(full)}${"░".repeat(24 - full)}`;
    this.#stderr.write(`\r\u001b[2K${bar} ${Math.floor(part * 100)} %  ${text}`);
  }

  /** Ends the line of the progress. */
  endProgress(): void {
    if (this.#stderr.isTTY) this.#stderr.write("\n");
  }

  /** The width of the terminal; programs get whole lines. */
  get #width(): number {
    return this.#stdout.isTTY ? (this.#stdout.columns ?? 80) : Infinity;
  }
}

/** A value in a cell. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map(cell).join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  const text = typeof value === "string" ? value : String(value as number);
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? time(text) : printable(text);
}

/** A time to the second. */
const time = (text: string): string => `${text.slice(0, 10)} ${text.slice(11, 19)}Z`;

/** Texts of others must not move the cursor of the terminal. */
const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\u{fffd}");

/** The lines of a table. Its widest columns get narrower until it fits. */
export function layOut(rows: string[][], width: number): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const total = (): number => widths.reduce((sum, one) => sum + one + 2, -2);
  while (total() > width) {
    const widest = widths.indexOf(Math.max(...widths));
    const narrower = (widths[widest] ?? 0) - 1;
    if (narrower < 8) break;
    widths[widest] = narrower;
  }
  return rows.map((row) =>
    row
      .map((text, column) => fitted(text, widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** An id that is too long keeps its beginning and its end, by which people know it. */
function fitted(text: string, width: number): string {
  if (text.length <= width) return text.padEnd(width);
  const end = Math.floor((width - 1) / 3);
  return `${text.slice(0, width - 1 - end)}…${text.slice(text.length - end)}`;
}

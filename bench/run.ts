// `npm run bench`: the time of each route of each target, as a ratio to the twin in the same run.
//
//     npm run bench                                  all targets, then growth and cold start
//     npm run bench -- --targets hookswitch,empty    some of them
//     npm run bench -- --rounds 5 --count 2000       more rounds, more requests in each
//
// The twin and a target take turns in the order ABBA, so that a change of the machine's load meets both.

import { mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureColdStart } from "./cold-start.ts";
import { measureGrowth } from "./growth.ts";
import { sendAll, type Run } from "./load.ts";
import type { Route } from "./native.ts";
import { chart, median, table, type Measured } from "./report.ts";
import { TARGETS, type Target } from "./targets.ts";

const { values: options } = parseArgs({
  options: {
    targets: {
      type: "string",
      default: Object.keys(TARGETS)
        .filter((name) => name !== "twin")
        .join(","),
    },
    rounds: { type: "string", default: "3" },
    count: { type: "string", default: "1500" },
    connections: { type: "string", default: "8" },
    growth: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const rounds = Number(options.rounds);
const count = Number(options.count);
const connections = Number(options.connections);

async function start(name: string): Promise<Target> {
  const target = TARGETS[name];
  if (target === undefined) {
    throw new Error(`There is no target ${name}: choose from ${Object.keys(TARGETS).join(", ")}.`);
  }
  return target();
}

async function run({ url }: Target, route: Route): Promise<Run> {
  const calls = await route.prepare(count);
  return sendAll({ url, calls, status: route.status, connections });
}

function summary(runs: readonly Run[]): Run {
  return {
    rate: median(runs.map(({ rate }) => rate)),
    p50: median(runs.map(({ p50 }) => p50)),
    p99: median(runs.map(({ p99 }) => p99)),
  };
}

async function measure(name: string): Promise<Measured[]> {
  const [twin, target] = [await start("twin"), await start(name)];
  try {
    const rows: Measured[] = [];
    for (const route of target.routes) {
      const other = twin.routes.find(({ name }) => name === route.twin);
      if (other === undefined) throw new Error(`the twin has no route ${route.twin}`);
      // A first run before the rounds, so that compiling, opening and caching are not measured.
      await run(twin, other);
      await run(target, route);
      const [ours, theirs]: [Run[], Run[]] = [[], []];
      for (let round = 0; round < rounds; round += 1) {
        theirs.push(await run(twin, other));
        ours.push(await run(target, route), await run(target, route));
        theirs.push(await run(twin, other));
      }
      const [own, of] = [summary(ours), summary(theirs)];
      const row = { target: name, route: route.name, ...own, ratio: own.rate / of.rate };
      console.log(`${name}, ${route.name}: ${row.ratio.toFixed(2)} × the twin's ${route.twin}`);
      rows.push(row);
    }
    return rows;
  } finally {
    await target.stop();
    await twin.stop();
  }
}

const rows: Measured[] = [];
for (const name of options.targets.split(",")) rows.push(...(await measure(name)));
const sections = [
  `Measured on ${new Date().toISOString().slice(0, 10)}, ${os.cpus().length} × ${os.cpus()[0]?.model.trim() ?? "?"}, ` +
    `Node.js ${process.versions.node}. ${rounds} rounds of ABBA, ${count} requests in each run, ${connections} connections.`,
  table(
    rows.map(({ target, route, rate, p50, p99, ratio }) => ({
      Target: target,
      Route: route,
      "Requests/s": rate.toFixed(0),
      "p50 (ms)": p50.toFixed(1),
      "p99 (ms)": p99.toFixed(1),
      "Ratio to the twin": ratio.toFixed(2),
    })),
  ),
];
if (options.growth) {
  sections.push("## Growth", await measureGrowth(connections));
  sections.push("## Cold start", await measureColdStart());
}
const folder = fileURLToPath(new URL("results/", import.meta.url));
mkdirSync(folder, { recursive: true });
const text = `# Results\n\n<picture><img alt="The rate of each route as a ratio to the twin" src="ratios.svg"></picture>\n\n${sections.join("\n\n")}\n`;
writeFileSync(`${folder}README.md`, text);
writeFileSync(`${folder}ratios.svg`, chart(rows));
console.log(`\n${text}\nWritten to bench/results/.`);

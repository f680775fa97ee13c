// Serves the Worker on this machine: `wrangler dev`, with state that survives a restart.

import { exitWith, isStopping, startChild, stopAll } from "./children.mjs";
import { ALL_PARTS, build, compileWorkerAhead } from "./build.mjs";
import { ensureDevVars } from "./dev-vars.mjs";
import { Failure } from "./failure.mjs";
import { checkPortIsFree, wantedPort } from "./port.mjs";
import { childEnv, root } from "./project.mjs";
import { seconds } from "./run.mjs";
import { signInLinks } from "./sign-in.mjs";
import { WRANGLER, WRANGLER_ENV } from "./wrangler.mjs";
import { setUp } from "../setup/index.mjs";

const HOST = "127.0.0.1";
const START_LIMIT_MS = 120_000;

/**
 * Sets up, builds and serves until the user ends it.
 * @param {{ rebuild: boolean }} options with `rebuild`, a change of a source is built and served at once
 */
export async function serve({ rebuild }) {
  const port = wantedPort();
  await checkPortIsFree(port, HOST);
  await setUp({ meanwhile: compileWorkerAhead });
  const vars = ensureDevVars();
  // wrangler builds everything itself if it rebuilds on change; else the package can wait until the Worker answers.
  await build(rebuild ? ALL_PARTS : ["worker", "pages"]);

  console.log("• Starting the local server");
  const server = startWrangler(port, rebuild);
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve) => server.once("close", resolve));
  exitWith(0);

  const url = `http://${HOST}:${port}`;
  await untilHealthy(`${url}/healthz`, ended);
  const rootKey = vars.HOOKSWITCH_ROOT_KEY ?? "";
  console.log(`
Hookswitch is at ${url}

${await signInLinks(url, rootKey)}

  root key     ${process.stdout.isTTY ? rootKey : "HOOKSWITCH_ROOT_KEY in .dev.vars"}
  PROJECT_ID   ${vars.PROJECT_ID}

${process.stdin.isTTY ? "Enter prints new links. " : ""}Ctrl-C ends it.
`);
  printLinksOnEnter(url, rootKey);
  if (!rebuild) await buildPackageWhileServing();

  const code = await ended;
  if (isStopping()) return;
  throw new Failure(
    `The local server ended by itself (exit code ${code}): its last words are above; run this again once that is mended.`,
  );
}

/**
 * Prints new links whenever Enter is pressed.
 * @param {string} url
 * @param {string} rootKey
 */
function printLinksOnEnter(url, rootKey) {
  if (!process.stdin.isTTY) return;
  process.stdin.setEncoding("utf8").on("data", () => {
    void signInLinks(url, rootKey)
      .catch(
        (/** @type {unknown} */ error) =>
          `✗ ${error instanceof Failure ? error.message : String(error)}`,
      )
      .then((text) => console.log(`${text}\n`));
  });
}

/** Builds the npm package, which the demo and the console load. The server goes on if that fails. */
async function buildPackageWhileServing() {
  try {
    await build(["package"]);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(`✗ ${error.message} Until then, pages show no <hookswitch-status>.`);
  }
}

/**
 * @param {number} port
 * @param {boolean} rebuild
 */
function startWrangler(port, rebuild) {
  const args = ["dev", "--ip", HOST, "--port", String(port), "--inspector-port", "0"];
  // With no terminal of its own, wrangler asks nothing and listens to no keys.
  const quiet = ["--persist-to", ".wrangler/state", "--log-level", "log"];
  const env = { ...WRANGLER_ENV, HOOKSWITCH_NO_REBUILD: rebuild ? "0" : "1" };
  const server = startChild(WRANGLER, [...args, ...quiet], { cwd: root, env: childEnv(env) });
  server.stdout.pipe(process.stdout);
  server.stderr.pipe(process.stderr);
  return server;
}

/**
 * Waits until the Worker reports that it is ready.
 * @param {string} url
 * @param {Promise<unknown>} ended settled when the server is gone
 */
async function untilHealthy(url, ended) {
  const server = { isGone: false };
  void ended.then(() => (server.isGone = true));
  let last = "no answer";
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    if (server.isGone) {
      if (isStopping()) return;
      throw new Failure(
        "The local server did not start, for the reason above: mend it and run this again.",
      );
    }
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
      const text = await response.text();
      if (response.status === 200) return;
      last = `${response.status} ${text.slice(0, 300)}`;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await stopAll();
  throw new Failure(
    `GET /healthz did not answer 200 within ${seconds(START_LIMIT_MS)} (${last}): mend what it names and run this again.`,
  );
}

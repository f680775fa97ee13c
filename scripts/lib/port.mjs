// The port that the local server listens on.

import net from "node:net";
import { Failure } from "./failure.mjs";

const DEFAULT_PORT = 8787;

/** The port of `PORT`, or the usual one. */
export function wantedPort() {
  const text = process.env.PORT ?? "";
  const port = text === "" ? DEFAULT_PORT : Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Failure(
      `PORT is ${JSON.stringify(text)}, which is no port: give a number from 1 to 65535.`,
    );
  }
  return port;
}

/**
 * Fails where somebody else has the port; wrangler would silently take another one.
 * @param {number} port
 * @param {string} host
 */
export async function checkPortIsFree(port, host) {
  /** @type {Promise<string | undefined>} */
  const attempt = new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", (/** @type {NodeJS.ErrnoException} */ error) => resolve(error.code));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
  const code = await attempt;
  if (code === undefined) return;
  throw new Failure(
    code === "EADDRINUSE"
      ? `Port ${port} is taken: end what listens there, or choose another, as in \`PORT=${port + 1} npm start\`.`
      : `Port ${port} cannot be had (${code}): choose another, as in \`PORT=8788 npm start\`.`,
  );
}

// The sign-in page of `npm start`: a server of its own beside the Worker, so neither the Worker nor its assets contain it.

import { SIGN_IN_PATH, startSignIn } from "../../examples/sign-in/server.mjs";
import { setDevVar } from "./dev-vars.mjs";

/**
 * Starts the demo sign-in page and makes it the `LOGIN_URL` of `.dev.vars`, unless that names another page. Returns its
 * address; `undefined` if there is another page.
 * @param {string} url the deployment
 * @param {Record<string, string>} vars the values of `.dev.vars`
 * @param {number} port the port to listen on; if it is taken, another one
 */
export async function startDemoSignIn(url, vars, port) {
  if (!isOurs(vars.LOGIN_URL ?? "")) return undefined;
  const options = { url, key: vars.HOOKSWITCH_ROOT_KEY ?? "" };
  const server = await startSignIn({ ...options, port }).catch(() =>
    startSignIn({ ...options, port: 0 }),
  );
  // It ends with the program.
  server.unref();
  const address = server.address();
  if (address === null || typeof address === "string") return undefined;
  const signIn = `http://127.0.0.1:${address.port}${SIGN_IN_PATH}`;
  if (vars.LOGIN_URL !== signIn) setDevVar("LOGIN_URL", signIn);
  return signIn;
}

/**
 * Whether `LOGIN_URL` is empty, or was written by an earlier start.
 * @param {string} loginUrl
 */
const isOurs = (loginUrl) =>
  loginUrl === "" || (loginUrl.startsWith("http://127.0.0.1:") && loginUrl.endsWith(SIGN_IN_PATH));

// Sign-in links: they carry a one-time code behind the `#`, so that no browser's history ever has the root key.

import { Failure } from "./failure.mjs";

const PATIENCE_MS = 10_000;

/**
 * Links that sign in to the console and to the demo, one code each.
 * @param {string} url the deployment
 * @param {string} rootKey
 */
export async function signInLinks(url, rootKey) {
  const [console, demo] = [await createCode(url, rootKey), await createCode(url, rootKey)];
  return `  console      ${url}/#code=${console}
  demo         ${url}/demo#code=${demo}
               Each link works once, for 5 minutes.`;
}

/**
 * @param {string} url
 * @param {string} rootKey
 * @returns {Promise<string>}
 */
async function createCode(url, rootKey) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(`${url}/v1/sign-in-codes`, {
      method: "POST",
      headers: { authorization: `Bearer ${rootKey}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new Failure(`${url} cannot be reached: start the server, or correct the address.`);
  }
  if (response.status === 201) {
    /** @type {unknown} */
    const answer = await response.json();
    return /** @type {{ code: string }} */ (answer).code;
  }
  if (response.status === 401) {
    throw new Failure(`${url} does not accept the root key: check HOOKSWITCH_ROOT_KEY.`);
  }
  throw new Failure(`${url} answered ${response.status} to POST /v1/sign-in-codes.`);
}

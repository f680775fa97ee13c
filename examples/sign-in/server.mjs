// A sign-in page in front of Hookswitch's authorize endpoint, with its backend: the part that stays yours.
//
// `npm start` runs it on this machine. It signs in everybody as anybody, without a password, so it listens on the loopback
// interface only, and no build or deployment contains it.

import fs from "node:fs";
import http from "node:http";
import { escaped, page } from "./page.mjs";

const HOST = "127.0.0.1";
/** The path of the page. */
export const SIGN_IN_PATH = "/demo-sign-in";
/** The longest body of the form, in bytes. */
const BODY_MAX = 16_384;
/** The files of the page: those of the consent page, and a style sheet of its own. @type {Record<string, string>} */
const FILES = {
  "/style.css": "../../www/style.css",
  "/connect.css": "../../www/connect.css",
  "/icon.svg": "../../www/icon.svg",
  "/sign-in.css": "sign-in.css",
};

/**
 * @typedef {object} SignInOptions
 * @property {string} url the deployment
 * @property {string} key an API key of an admin, or the root key
 * @property {number} port the port to listen on; 0 lets the system choose
 */

/** The request of an app, as `GET /v1/authorizations/{challenge}` returns it. */
/** @typedef {{ app: { name: string }, redirect_host: string, prompt: string[], login_hint: string | null }} Authorization */

/** An answer of the API that is an error. */
class Problem extends Error {
  /**
   * @param {number} status
   * @param {{ title?: string, detail?: string }} body
   */
  constructor(status, { title = "The request failed", detail = "" }) {
    super(title);
    this.status = status;
    this.detail = detail;
  }
}

/**
 * Starts the server.
 * @param {SignInOptions} options
 * @returns {Promise<http.Server>}
 */
export function startSignIn({ url, key, port }) {
  const backend = new Backend(url, key);
  const server = http.createServer((request, response) => {
    answer(backend, request, response).catch((/** @type {unknown} */ error) => {
      const problem =
        error instanceof Problem
          ? error
          : new Problem(502, { title: "Hookswitch cannot be reached" });
      send(response, problem.status, page(problem.message, `<p>${escaped(problem.detail)}</p>`));
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => resolve(server));
  });
}

/** The calls of the backend. */
class Backend {
  #url;
  #key;

  /**
   * @param {string} url
   * @param {string} key
   */
  constructor(url, key) {
    this.#url = url;
    this.#key = key;
  }

  /**
   * @template T
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<T>}
   */
  async call(method, path, body) {
    const response = await fetch(new URL(path, this.#url), {
      method,
      headers: { authorization: `Bearer ${this.#key}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    /** @type {any} */
    const answer = await response.json();
    if (!response.ok) throw new Problem(response.status, answer);
    return answer;
  }

  /**
   * The request of an app.
   * @param {string} challenge
   * @returns {Promise<Authorization>}
   */
  read(challenge) {
    return this.call("GET", `/v1/authorizations/${encodeURIComponent(challenge)}`);
  }

  /**
   * Accepts the request for a user, who is created if there is none. Returns the address that the browser goes to.
   * @param {string} challenge
   * @param {string} userId
   */
  async accept(challenge, userId) {
    const user = `/v1/users/${encodeURIComponent(userId)}`;
    try {
      await this.call("GET", user);
    } catch (error) {
      if (!(error instanceof Problem && error.status === 404)) throw error;
      await this.call("PUT", user, { role: "member" });
    }
    return this.#end(challenge, "accept", { user_id: userId });
  }

  /**
   * Rejects the request.
   * @param {string} challenge
   * @param {string} error
   */
  reject(challenge, error) {
    return this.#end(challenge, "reject", { error });
  }

  /**
   * @param {string} challenge
   * @param {string} call
   * @param {object} body
   */
  async #end(challenge, call, body) {
    const path = `/v1/authorizations/${encodeURIComponent(challenge)}/${call}`;
    /** @type {{ redirect_to: string }} */
    const { redirect_to: to } = await this.call("POST", path, body);
    return to;
  }
}

/**
 * @param {Backend} backend
 * @param {http.IncomingMessage} request
 * @param {http.ServerResponse} response
 */
async function answer(backend, request, response) {
  // A page of another name that leads to this machine is not this page.
  if (request.headers.host !== `${HOST}:${request.socket.localPort}`) {
    throw new Problem(421, { title: "This page has another address" });
  }
  const { pathname, searchParams } = new URL(request.url ?? "/", `http://${HOST}`);
  const isRead = request.method === "GET" || request.method === "HEAD";
  const file = FILES[pathname];
  if (isRead && file !== undefined) return sendFile(response, file);
  if (pathname !== SIGN_IN_PATH) throw new Problem(404, { title: "There is no such page" });

  if (isRead) {
    const challenge = searchParams.get("challenge") ?? "";
    const authorization = await backend.read(challenge);
    // Nobody stays signed in here, so a request that may show nothing cannot succeed.
    if (authorization.prompt.includes("none")) {
      return redirect(response, await backend.reject(challenge, "login_required"));
    }
    return send(response, 200, signInPage(challenge, authorization));
  }
  if (request.method !== "POST") throw new Problem(405, { title: "The page has no such method" });
  if ((request.headers["sec-fetch-site"] ?? "same-origin") !== "same-origin") {
    throw new Problem(403, { title: "The form is not of this page" });
  }
  const form = new URLSearchParams(await readBody(request));
  const challenge = form.get("challenge") ?? "";
  if (form.get("answer") === "cancel") {
    return redirect(response, await backend.reject(challenge, "access_denied"));
  }
  const userId = (form.get("user_id") ?? "").trim();
  if (userId === "") {
    const wrong = "Enter the id of a user.";
    return send(response, 400, signInPage(challenge, await backend.read(challenge), wrong));
  }
  redirect(response, await backend.accept(challenge, userId));
}

/**
 * @param {string} challenge
 * @param {Authorization} authorization
 * @param {string} [wrong] why the form was not accepted
 */
function signInPage(challenge, { app, login_hint: hint, redirect_host: host }, wrong = "") {
  const problem = wrong === "" ? "" : `<p id="wrong" role="alert">${escaped(wrong)}</p>`;
  const invalid = wrong === "" ? "" : ` aria-invalid="true" aria-describedby="wrong"`;
  return page(
    `Sign in to continue to ${app.name}`,
    `<p>A demo page of <code>npm start</code>: it signs in anybody, without a password.</p>
      <p class="quiet">The app returns to ${escaped(host)}.</p>
      ${problem}
      <form method="post" action="${SIGN_IN_PATH}">
        <input type="hidden" name="challenge" value="${escaped(challenge)}" />
        <p><label for="user">User id</label>
        <input id="user" name="user_id" value="${escaped(hint ?? "demo-user")}" maxlength="128"
          autocomplete="off" autocapitalize="none" spellcheck="false"${invalid} /></p>
        <button name="answer" value="sign-in">Sign in</button>
        <button name="answer" value="cancel" class="quiet">Cancel</button>
      </form>`,
  );
}

/**
 * @param {http.IncomingMessage} request
 * @returns {Promise<string>}
 */
async function readBody(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of /** @type {AsyncIterable<Buffer>} */ (request)) {
    length += chunk.length;
    if (length > BODY_MAX) throw new Problem(413, { title: "The form is too long" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The headers of every answer. A form may redirect to any app, so there is no `form-action`. */
const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * @param {http.ServerResponse} response
 * @param {number} status
 * @param {string} html
 */
function send(response, status, html) {
  response.writeHead(status, { ...HEADERS, "content-type": "text/html; charset=utf-8" }).end(html);
}

/**
 * @param {http.ServerResponse} response
 * @param {string} to
 */
function redirect(response, to) {
  response.writeHead(303, { ...HEADERS, location: to }).end();
}

/**
 * @param {http.ServerResponse} response
 * @param {string} name
 */
function sendFile(response, name) {
  const type = name.endsWith(".css") ? "text/css" : "image/svg+xml";
  const content = fs.readFileSync(new URL(name, import.meta.url));
  response.writeHead(200, { ...HEADERS, "content-type": type }).end(content);
}

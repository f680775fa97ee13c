// What takes several promises of the platform, as one, and what is a line here: in Rust it takes ten times the bytes.
//
// Bytes come as views of the wasm's memory, which are good until the first `await`: what is used after it is copied.

/**
 * Has the ledger of a name answer a message. Nothing, where it did not: why is logged.
 * @param {any} ledgers  the namespace of Durable Objects
 * @param {string} name
 * @param {Uint8Array} message
 */
export async function call(ledgers, name, message) {
  const body = message.slice();
  return logged(async () => {
    const response = await send(ledgers, name, "", { method: "POST", body });
    if (!response.ok) throw new Error("the ledger answered with an error");
    return new Uint8Array(await response.arrayBuffer());
  });
}

/**
 * Has the ledger of a name take a follower. Nothing, where it did not: why is logged.
 * @param {any} ledgers  the namespace of Durable Objects
 * @param {string} name
 * @param {string} follower
 * @returns {Promise<Response | null | undefined>} with the other end of a WebSocket; `null`, where there is nothing to
 *   follow
 */
export async function follow(ledgers, name, follower) {
  return logged(async () => {
    const response = await send(ledgers, name, follower, { headers: { upgrade: "websocket" } });
    if (response.status === 404) return null;
    if (response.status !== 101) throw new Error("the ledger answered with an error");
    return response;
  });
}

/**
 * @param {any} ledgers
 * @param {string} name
 * @param {string} path
 * @param {RequestInit} init
 */
function send(ledgers, name, path, init) {
  return ledgers.get(ledgers.idFromName(name)).fetch(`http://ledger/${path}`, init);
}

/**
 * What it gives; nothing, where it fails: why is logged.
 * @template T
 * @param {() => Promise<T>} ask
 */
async function logged(ask) {
  try {
    return await ask();
  } catch (thrown) {
    const error = /** @type {Error} */ (thrown).message;
    console.error(JSON.stringify({ level: "error", message: "ledger", error }));
    return undefined;
  }
}

/**
 * Takes a WebSocket that is held while the object sleeps, where `ping` is answered by `pong` without waking it, and says
 * its first message.
 * @param {any} state  of the object
 * @param {string} text
 * @param {string} attached  what is kept with it
 */
export function accept(state, text, attached) {
  const { WebSocketPair, WebSocketRequestResponsePair } = /** @type {any} */ (globalThis);
  const [theirs, ours] = Object.values(new WebSocketPair());
  state.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  state.acceptWebSocket(ours);
  tell(ours, text, attached);
  return new Response(null, /** @type {ResponseInit} */ ({ status: 101, webSocket: theirs }));
}

/**
 * Says something to a follower, and keeps something with it. Answers whether that could be done.
 * @param {any} socket
 * @param {string} text
 * @param {string} attached
 */
export function tell(socket, text, attached) {
  try {
    socket.send(text);
    socket.serializeAttachment(attached);
    return true;
  } catch {
    return false;
  }
}

/**
 * Ends a WebSocket; one that has ended already stays so.
 * @param {any} socket
 * @param {number} code
 * @param {string} reason
 */
export function hangUp(socket, code, reason) {
  try {
    // 1005 says that there was no code, and is never sent: RFC 6455 §7.1.5.
    if (code === 1005) socket.close();
    else socket.close(code, reason);
  } catch {}
}

/**
 * The body of a request; nothing, where it is longer than `max` bytes. Where its length was said and is within bounds, it
 * takes one step instead of one for each chunk.
 * @param {Request} request
 * @param {number} max
 */
export async function body(request, max) {
  const length = Number.parseInt(request.headers.get("content-length") ?? "", 10);
  if (length > max) return undefined;
  if (length >= 0) return new Uint8Array(await request.arrayBuffer());
  const body = await read(request.body, max);
  return body.length > max ? undefined : body;
}

/**
 * A header of a request; nothing, where it has none of that name.
 * @param {Request} request
 * @param {string} name
 */
export function header(request, name) {
  return request.headers.get(name) ?? undefined;
}

/**
 * A response.
 * @param {string | undefined} text
 * @param {string} init  JSON
 */
export function respond(text, init) {
  return new Response(text, JSON.parse(init));
}

/**
 * Writes a line of the log.
 * @param {string} line
 * @param {boolean} isError
 */
export function log(line, isError) {
  console[isError ? "error" : "log"](line);
}

/**
 * Makes a request to others: no redirects, so much of an answer and no more, and so long and no longer.
 * @param {string} url
 * @param {string} init  JSON
 * @param {number} timeout  in milliseconds, for all of the answer
 * @param {number} max  in bytes
 * @returns {Promise<string>} a line with status, a space and `Retry-After`, and then the body; or an empty line, and then
 *   why there is no answer, without the URL or anything else that is secret
 */
export async function request(url, init, timeout, max) {
  try {
    const signal = AbortSignal.timeout(timeout);
    const response = await fetch(url, { ...JSON.parse(init), redirect: "manual", signal });
    const body = await read(response.body, max);
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(body);
    return `${response.status} ${response.headers.get("retry-after") ?? ""}\n${text}`;
  } catch (thrown) {
    const { name } = /** @type {Error} */ (thrown);
    return name === "TimeoutError" || name === "AbortError"
      ? "\nno answer in time"
      : "\ncould not be reached";
  }
}

/**
 * Reads a stream until it ends, or is longer than `max` bytes.
 * @param {ReadableStream<Uint8Array> | null} stream
 * @param {number} max
 */
async function read(stream, max) {
  /** @type {Uint8Array[]} */
  const chunks = [];
  let length = 0;
  const reader = stream?.getReader();
  while (reader && length <= max) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  // What is left is not wanted: whoever sends it may stop.
  if (length > max) reader?.cancel();
  return new Uint8Array(await new Blob(/** @type {BlobPart[]} */ (chunks)).arrayBuffer());
}

/**
 * Encrypts or decrypts with AES-256-GCM.
 * @param {"encrypt" | "decrypt"} what
 * @param {Uint8Array} key
 * @param {Uint8Array} nonce
 * @param {string} name  of what it is; associated data
 * @param {Uint8Array} data
 */
export async function seal(what, key, nonce, name, data) {
  const algorithm = {
    name: "AES-GCM",
    iv: nonce.slice(),
    additionalData: new TextEncoder().encode(name),
  };
  const text = data.slice();
  const imported = await crypto.subtle.importKey("raw", key.slice(), "AES-GCM", false, [what]);
  return new Uint8Array(await crypto.subtle[what](algorithm, imported, text));
}

/**
 * What lies under each of some keys: one operation. A key alone is asked for as one.
 * @param {any} kv  the namespace
 * @param {string} keys  with commas between
 * @returns {Promise<string>} likewise; nothing, for a key that holds nothing
 */
export async function lookUp(kv, keys) {
  const names = keys.split(",");
  if (names.length === 1) return (await kv.get(keys)) ?? "";
  const found = await kv.get(names);
  return names.map((name) => found.get(name) ?? "").join();
}

/**
 * A page of the list of all connections: where the next one begins, in a line of its own, and a line for each key with
 * what was written beside it, with tabs between.
 * @param {any} kv  the namespace
 * @param {string} prefix
 * @param {number} limit
 * @param {string | undefined} cursor
 */
export async function list(kv, prefix, limit, cursor) {
  const page = await kv.list({ prefix, limit, cursor });
  const lines = page.keys.map((/** @type {any} */ { name, metadata }) => {
    const { u, a, s, p } = metadata ?? {};
    return [name, u, a, s, p].join("\t");
  });
  return [page.cursor, ...lines].join("\n");
}

/**
 * What an isolate remembers: a `Map` keeps the order of insertion.
 * @type {Record<string, Map<string, string>>}
 */
const memories = {};

/**
 * Remembers something. What is set anew is the youngest again; where there is no more room, the oldest goes.
 * @param {string} memory
 * @param {number} room
 * @param {string} name
 * @param {string} text
 */
export function remember(memory, room, name, text) {
  const map = (memories[memory] ??= new Map());
  map.delete(name);
  const [oldest] = map.keys();
  if (map.size >= room && oldest !== undefined) map.delete(oldest);
  map.set(name, text);
}

/**
 * What is remembered under a name, if there is something.
 * @param {string} memory
 * @param {string} name
 */
export function recall(memory, name) {
  return memories[memory]?.get(name);
}

/**
 * Whether the rate limit has room for one more of these.
 * @param {any} limiter
 * @param {string} key
 */
export async function count(limiter, key) {
  return (await limiter.limit({ key })).success !== false;
}

/**
 * The text of a static file.
 * @param {any} assets
 * @param {string} path
 */
export async function file(assets, path) {
  const response = await assets.fetch(`http://assets${path}`);
  if (!response.ok) throw new Error("there is no such file");
  return response.text();
}

/**
 * Writes to KV, or takes away what lies under a key where there is nothing to write. Answers whether that could be done.
 * @param {any} kv  the namespace
 * @param {string} key
 * @param {string | undefined} body
 * @param {string} options  JSON
 */
export async function store(kv, key, body, options) {
  try {
    await (body === undefined ? kv.delete(key) : kv.put(key, body, JSON.parse(options)));
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a statement.
 * @param {any} database  of an object
 * @param {string} statement
 * @param {unknown[]} binds
 * @returns {unknown[]} whether it wrote anything, and after that each column of each row that it found
 */
export function execute(database, statement, binds) {
  const cursor = database.exec(statement, ...binds);
  const rows = cursor.raw().toArray();
  return [cursor.rowsWritten > 0, ...rows.flat()];
}

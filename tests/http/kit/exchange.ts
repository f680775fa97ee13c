// One request and its answer, sent exactly as given: no URL is normalised, no header is added but `host` and, unless
// the body is sent in chunks, `content-length`; and a body goes with any method.

import { Agent, request } from "node:http";

export interface Sent {
  method: string;
  /** The path and query, as they go over the wire. */
  target: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array | undefined;
}

export interface Received {
  status: number;
  headers: Headers;
  text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 128 });

/** Sends it. A connection that breaks before the answer is complete is an error. */
export function exchange(origin: string, sent: Sent): Promise<Received> {
  const { hostname, port } = new URL(origin);
  const isChunked = sent.headers?.["transfer-encoding"] !== undefined;
  const length =
    sent.body === undefined || isChunked
      ? {}
      : { "content-length": String(Buffer.byteLength(sent.body)) };
  return new Promise((resolve, reject) => {
    const outgoing = request({
      agent,
      hostname,
      port,
      method: sent.method,
      path: sent.target,
      headers: { ...length, ...sent.headers },
    });
    outgoing.once("error", reject);
    outgoing.once("response", (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.once("error", reject);
      incoming.once("aborted", () => reject(new Error("the connection broke within the answer")));
      incoming.once("end", () => {
        const headers = new Headers();
        for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
          headers.append(incoming.rawHeaders[index] ?? "", incoming.rawHeaders[index + 1] ?? "");
        }
        resolve({
          status: incoming.statusCode ?? 0,
          headers,
          text: Buffer.concat(chunks).toString("utf8"),
        });
      });
    });
    outgoing.end(sent.body);
  });
}

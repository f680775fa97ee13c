// The server's side of one WebSocket (RFC 6455), byte by byte, so that a test can do what no real server would.

import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 0x1;
const CLOSE = 0x8;

export class Frames {
  readonly #stream: Duplex;
  /** What a text of the client's is answered with. */
  onText: (text: string) => void = () => {};
  onEnd: () => void = () => {};

  /** Answers the upgrade. */
  constructor(request: IncomingMessage, stream: Duplex) {
    this.#stream = stream;
    const key = request.headers["sec-websocket-key"] ?? "";
    const accept = createHash("sha1").update(`${key}${MAGIC}`).digest("base64");
    stream.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    let held: Buffer = Buffer.alloc(0);
    stream.on("data", (bytes: Buffer) => {
      held = this.#read(Buffer.concat([held, bytes]));
    });
    stream.on("close", () => this.onEnd());
    stream.on("error", () => {});
  }

  text(text: string): void {
    this.#write(TEXT, Buffer.from(text));
  }

  /** Says good-bye, with a code. */
  close(code: number): void {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.#write(CLOSE, payload);
  }

  /** Ends the connection without a word, as a network does. */
  cut(): void {
    this.#stream.destroy();
  }

  #write(opcode: number, payload: Buffer): void {
    const long = payload.length > 125;
    const head = Buffer.alloc(long ? 4 : 2);
    head.writeUInt8(0x80 | opcode, 0);
    head.writeUInt8(long ? 126 : payload.length, 1);
    if (long) head.writeUInt16BE(payload.length, 2);
    if (!this.#stream.destroyed) this.#stream.write(Buffer.concat([head, payload]));
  }

  /** Reads whole frames, all of them short and masked as a browser's are, and answers what is left. */
  #read(bytes: Buffer): Buffer {
    let rest = bytes;
    while (rest.length >= 6) {
      const length = rest.readUInt8(1) & 0x7f;
      if (rest.length < 6 + length) break;
      const mask = rest.subarray(2, 6);
      const payload = rest.subarray(6, 6 + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
      const opcode = rest.readUInt8(0) & 0x0f;
      if (opcode === TEXT) this.onText(Buffer.from(payload).toString());
      if (opcode === CLOSE) this.#stream.end();
      rest = rest.subarray(6 + length);
    }
    return rest;
  }
}

// A network between a page and a deployment, which a test can cut, or have swallow everything.

import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export class Network {
  /** Whether a connection can be made. */
  #isUp = true;
  /** Whether what is sent arrives. */
  #isDead = false;
  readonly #server: Server;
  /** All that is open, on both sides. */
  readonly #sockets = new Set<Socket>();

  private constructor(to: () => number) {
    this.#server = createServer((near) => this.#link(near, to()));
  }

  /** A network in front of what listens at this port of this machine. */
  static async before(to: () => number): Promise<Network> {
    const network = new Network(to);
    await new Promise<void>((resolve) => network.#server.listen(0, "127.0.0.1", resolve));
    return network;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Every connection breaks, and none can be made. */
  cut(): void {
    this.#isUp = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Nothing breaks, and nothing arrives any more: not even that it does not. */
  die(): void {
    this.#isDead = true;
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  /** As it was; what was swallowed stays lost. */
  mend(): void {
    this.#isUp = true;
    this.#isDead = false;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #link(near: Socket, port: number): void {
    this.#keep(near);
    if (this.#isDead) return void near.pause();
    if (!this.#isUp) return void near.destroy();
    const far = this.#keep(connect(port, "127.0.0.1"));
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    near.pipe(far);
    far.pipe(near);
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
    return socket;
  }
}

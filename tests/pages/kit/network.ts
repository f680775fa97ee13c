// A network between a page and a deployment, which a test can cut, or have swallow everything.

import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export class Network {
  /** Whether a connection can be made. */
  #isUp = true;
  /** Whether what is sent arrives. */
  #isDead = false;
  readonly #server: Server;
  readonly #links = new Set<[Socket, Socket]>();

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

  /** How many connections there are. */
  get links(): number {
    return this.#links.size;
  }

  /** Every connection breaks, and none can be made. */
  cut(): void {
    this.#isUp = false;
    for (const pair of this.#links) for (const socket of pair) socket.destroy();
  }

  /** Nothing breaks, and nothing arrives any more: not even that it does not. */
  die(): void {
    this.#isDead = true;
    for (const pair of this.#links) for (const socket of pair) socket.unpipe().pause();
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
    near.on("error", () => {});
    if (this.#isDead) return void near.pause();
    if (!this.#isUp) return void near.destroy();
    const far = connect(port, "127.0.0.1");
    const pair: [Socket, Socket] = [near, far];
    this.#links.add(pair);
    for (const socket of pair) {
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#links.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  }
}

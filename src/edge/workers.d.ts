// The classes of Cloudflare's runtime that `entry.js` uses.

declare module "cloudflare:workers" {
  abstract class Entry {
    protected readonly ctx: unknown;
    protected readonly env: unknown;
    constructor(ctx: unknown, env: unknown);
  }
  export { Entry as DurableObject, Entry as WorkerEntrypoint };
}

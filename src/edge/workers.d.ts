// What Cloudflare's runtime has its classes made of, as far as `entry.js` uses it.

declare module "cloudflare:workers" {
  abstract class Entry {
    protected readonly ctx: unknown;
    protected readonly env: unknown;
    constructor(ctx: unknown, env: unknown);
  }
  export { Entry as DurableObject, Entry as WorkerEntrypoint };
}

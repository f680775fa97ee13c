// The name by which `entry.mjs` imports the built Worker; `worker.ts` gives the module that name.

declare module "worker-under-test/index.js" {
  interface Handler {
    fetch(request: Request): Promise<Response>;
  }
  const main: new (ctx: object, env: object) => Handler;
  export default main;
  export const Ledger: new (state: object, env: Record<string, unknown>) => Handler;
}

// The name by which `entry.mjs` imports the built Worker; `worker.ts` gives the module that name.

declare module "worker-under-test/index.js" {
  interface Handler {
    fetch(request: Request): Promise<Response>;
  }
  class Ledger implements Handler {
    constructor(state: object, env: object);
    fetch(request: Request): Promise<Response>;
    answer(message: string): Promise<string>;
  }
  const main: new (ctx: object, env: object) => Handler;
  export default main;
  export { Ledger as AppRegistry, Ledger as ExternalIds, Ledger as Operator, Ledger as UserLedger };
}

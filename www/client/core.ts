// The functions of the core that the client uses.

export { statusAt } from "../package/core.ts";
export type { Status } from "../package/core.ts";

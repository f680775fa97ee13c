// What the client takes from the core.

export { statusAt } from "../package/core.ts";
export type { Status } from "../package/core.ts";

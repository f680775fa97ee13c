// The functions and types of the core that the element uses.

export { describe, statusAt } from "../package/core.ts";
export type { Locale, Standing, Status, Words } from "../package/core.ts";

// What the element takes from the core.

export { describe, statusAt } from "../package/core.ts";
export type { Locale, Standing, Status, Words } from "../package/core.ts";

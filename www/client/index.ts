// The client: it follows a status ticket.

export { Follower, follow } from "./follower.ts";
export type { FollowOptions } from "./follower.ts";
export { FailureEvent, StateEvent, StatusEvent } from "./events.ts";
export type { FailureCode, FollowerEventMap, FollowerState } from "./events.ts";
export type { Attention, Environment, Signal } from "./environment.ts";

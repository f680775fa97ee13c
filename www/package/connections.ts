// The entry of the list of connections for browsers: it is defined once the wasm is there.

import "./index.ts";
import { defineConnections } from "../element/connections/index.ts";

defineConnections();

export { HookswitchConnections } from "../element/connections/index.ts";
export {
  ConnectionsEvent,
  ConnectionsFollower,
  followConnections,
  RevocationError,
} from "../client/connections.ts";
export type { ShownConnection, ShownConnections } from "../client/connections.ts";
export type {
  ConnectionsDetail,
  HookswitchConnectionsEventMap,
  ReconnectDetail,
} from "../element/connections/index.ts";

// The entry of the list of connections for Node, where pages are rendered, or tested with elements of a library's own.

import "./node.ts";
import { defineConnections } from "../element/connections/index.ts";

defineConnections();

export { HookswitchConnections } from "../element/connections/index.ts";
export {
  ConnectionsEvent,
  ConnectionsFollower,
  followConnections,
  RevocationError,
} from "../client/connections.ts";

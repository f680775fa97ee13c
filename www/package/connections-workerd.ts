// The entry of the list of connections for Cloudflare's Workers, where pages are rendered.

import "./workerd.ts";
import { defineConnections } from "../element/connections/index.ts";

defineConnections();

export { HookswitchConnections } from "../element/connections/index.ts";
export {
  ConnectionsEvent,
  ConnectionsFollower,
  followConnections,
  RevocationError,
} from "../client/connections.ts";

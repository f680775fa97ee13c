// The server client: for programs that have a key, never for pages.

export { Hookswitch, type HookswitchOptions, type Methods } from "./client.ts";
export { HookswitchError } from "./error.ts";
export type { List, Page } from "./list.ts";
export type { CallOptions } from "./send.ts";
export {
  verifyWebhook,
  type EventMessage,
  type TestMessage,
  type WebhookMessage,
  type WebhookToVerify,
} from "./webhook.ts";
export type * from "../api/types.ts";

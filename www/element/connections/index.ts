// `<hookswitch-connections>`, and its definition. The entries of the package define it, once the core is there to be asked.

import { HookswitchConnections } from "./element.ts";

export { HookswitchConnections };
export type {
  ConnectionsDetail,
  DisconnectDetail,
  ElementFailureCode,
  ErrorDetail,
  HookswitchConnectionsEventMap,
  ReconnectDetail,
  TicketExpiredDetail,
} from "../events.ts";

const NAME = "hookswitch-connections";

/** A server that renders pages has no registry; and of two copies on one page, the first one is it. */
export function defineConnections(): void {
  if (!globalThis.customElements || customElements.get(NAME)) return;
  customElements.define(NAME, HookswitchConnections);
}

declare global {
  interface HTMLElementTagNameMap {
    "hookswitch-connections": HookswitchConnections;
  }
}

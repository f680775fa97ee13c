// Defines `<hookswitch-status>`.

import { HookswitchStatus } from "./element.ts";

export { HookswitchStatus };
export type {
  ChangeDetail,
  DisconnectDetail,
  ElementFailureCode,
  ErrorDetail,
  HookswitchStatusEventMap,
  TicketExpiredDetail,
} from "./events.ts";

const NAME = "hookswitch-status";

// A server that renders pages has no registry; and of two copies on one page, the first one is it.
if (globalThis.customElements && !customElements.get(NAME)) {
  customElements.define(NAME, HookswitchStatus);
}

declare global {
  interface HTMLElementTagNameMap {
    "hookswitch-status": HookswitchStatus;
  }
}

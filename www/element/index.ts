// `<hookswitch-status>`, and its definition. The entries of the package define it, once the core is there to be asked.

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

/** A server that renders pages has no registry; and of two copies on one page, the first one is it. */
export function define(): void {
  if (!globalThis.customElements || customElements.get(NAME)) return;
  customElements.define(NAME, HookswitchStatus);
}

declare global {
  interface HTMLElementTagNameMap {
    "hookswitch-status": HookswitchStatus;
  }
}

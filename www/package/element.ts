// The entry of the element for browsers: it is defined once the wasm is there.

import "./index.ts";
import { define } from "../element/index.ts";

define();

export { HookswitchStatus } from "../element/index.ts";
export type {
  ChangeDetail,
  DisconnectDetail,
  ElementFailureCode,
  ErrorDetail,
  HookswitchStatusEventMap,
  TicketExpiredDetail,
} from "../element/index.ts";

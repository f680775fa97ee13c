// The Worker with a panic on request, in tests alone. If a request has the header `x-test-panic: N`, the Rust code
// panics where it reads the clock for the Nth time from then on.

import * as entry from "../../src/edge/entry.js";
import * as glue from "../../src/edge/glue.js";

export * from "../../src/edge/entry.js";

/** The exports of the wasm if it was compiled with the feature `panic-test`. */
const { panicForTest } = /** @type {{ panicForTest: () => void }} */ (
  /** @type {unknown} */ (glue)
);

let readingsUntilPanic = 0;

const now = Date.now;
Date.now = () => {
  if (readingsUntilPanic > 0) {
    readingsUntilPanic -= 1;
    if (readingsUntilPanic === 0) panicForTest();
  }
  return now();
};

export default class extends entry.default {
  /**
   * @override
   * @param {Request} request
   */
  fetch(request) {
    readingsUntilPanic = Number(request.headers.get("x-test-panic") ?? 0);
    return super.fetch(request);
  }
}

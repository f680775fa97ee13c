//! A function that panics. Only `tests/panic` compiles it, to see a panic of the real Worker (feature `panic-test`).

use wasm_bindgen::prelude::*;

/// Panics, so that a test sees the log line.
///
/// # Panics
/// Always, with a fixed text.
#[wasm_bindgen(js_name = panicForTest)]
#[allow(clippy::panic)]
pub fn panic_for_test() {
    panic!("a panic for a test");
}

//! What a page may know of a handle: the wasm-bindgen exports of the npm package.

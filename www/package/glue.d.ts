// What `wasm-bindgen` makes of `src/browser/exports.rs`, as far as it is used here. The build puts it in place of this.

/** Runs the wasm, once: what comes after is answered by it. */
export function initSync(from: { module: WebAssembly.Module | BufferSource }): unknown;

export function handleKind(text: unknown): string | undefined;
export function parseHandle(text: unknown): unknown;
export function statusAt(status: unknown, at: unknown): unknown;
export function describe(subject: unknown, status: unknown, locale: unknown): unknown;

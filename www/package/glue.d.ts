// The functions that `wasm-bindgen` generates from `src/browser/exports.rs`. The build replaces this file.

/** Runs the wasm, once: what comes after is answered by it. */
export function initSync(from: { module: WebAssembly.Module | BufferSource }): unknown;

export function handleKind(text: unknown): string | undefined;
export function parseHandle(text: unknown): unknown;
export function statusAt(status: unknown, at: unknown): unknown;
export function describe(subject: unknown, status: unknown, locale: unknown): unknown;

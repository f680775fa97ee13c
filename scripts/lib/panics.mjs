// Has a wasm file end at once where it would panic. No input reaches a panic, and there is nobody to read what one says:
// the Worker's log has the trap. So what formats and prints panics goes, and with it where in the sources each would be.

/** Functions that nothing comes back from. */
const PANICS =
  /panicking|panic_|begin_unwind|rust_start_panic|rust_panic|expect_failed|unwrap_failed|slice_(?:start|end|index|error)\w*fail|handle_error|handle_alloc_error|capacity_overflow|default_hook/;

/** Is called where nothing panics: it says what to do when something does. */
const HOOKS = /set_hook|take_hook/;

/**
 * What only the messages of panics are made with; nothing else here prints with `{:?}`. Only what is long: the compiler
 * has short functions that are the same share a body, under the name of any of them.
 */
const MESSAGES =
  /^<(?:str|char) as \S*fmt::Debug>|fmt::builders::|PanicHookInfo as \S*fmt::Display|escape_debug_ext|is_printable|grapheme_extend|io::error::Error as \S*fmt::Display|io::(?:Write|default_write_fmt).*::write_(?:char|str|fmt|vectored|all_vectored)$/;

/** No locals, `unreachable`, `end`. */
const TRAP = Uint8Array.of(0x00, 0x00, 0x0b);

/** @param {import("./wasm.mjs").Wasm} wasm  changed in place */
export function trapAtPanics(wasm) {
  trapWhere(wasm, (name) => (PANICS.test(name) || MESSAGES.test(name)) && !HOOKS.test(name));
}

/**
 * Has functions end at once that are not called, but that a table has.
 * @param {import("./wasm.mjs").Wasm} wasm  changed in place
 * @param {(name: string) => boolean} isUnused
 */
export function trapWhere(wasm, isUnused) {
  wasm.bodies = wasm.bodies.map((body, index) => (isUnused(wasm.names[index] ?? "") ? TRAP : body));
}

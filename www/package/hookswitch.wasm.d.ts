/** The package's wasm, where a wasm file is imported as a compiled module: for example in Cloudflare's Workers. */
declare const module: WebAssembly.Module;
export default module;

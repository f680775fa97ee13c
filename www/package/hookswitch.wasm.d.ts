/** The package's wasm, where a wasm file is imported as a compiled module: in Cloudflare's Workers, say. */
declare const module: WebAssembly.Module;
export default module;

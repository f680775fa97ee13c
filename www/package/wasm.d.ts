// For `workerd.ts`: a wasm file that is imported is a compiled module. The types for users are in `hookswitch.wasm.d.ts`.
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

// For `node.ts`: the compressed bytes of a wasm file, which the build stores in the program.
declare module "*.wasm?gzip" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

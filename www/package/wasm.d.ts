// For `workerd.ts`: a wasm file that is imported is a compiled module. The types for users are in `hookswitch.wasm.d.ts`.
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

// For `workerd.ts`: a wasm file that is imported is a compiled module. What users see is in `hookswitch.wasm.d.ts`.
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

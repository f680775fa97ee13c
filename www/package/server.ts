// The entry of the server client: for Node, Workers, Deno and Bun. It needs no wasm.

export * from "../server/index.ts";

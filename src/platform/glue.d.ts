// What `wasm-bindgen` makes of `src/edge/mod.rs` and `src/ledger/mod.rs`. The build puts it in place of this.

/** Starts the wasm: before anything else is called. */
export function initSync(from: { module: WebAssembly.Module }): unknown;

export function fetch(request: Request, env: unknown, context: unknown): Promise<Response>;

export class Ledger {
  constructor(state: unknown, env: unknown);
  fetch(request: Request): Promise<Response>;
  alarm(): Promise<void>;
  webSocketMessage(socket: WebSocket): void;
  webSocketClose(socket: WebSocket, code: number): void;
}

/** How often the wasm was started. What is due to be started anew is, before it answers. */
export function __worker_init_state(): { instanceId: number };

/** Starts the wasm anew: what was made before is not to be used any more. */
export function __wbg_reset_state(): void;

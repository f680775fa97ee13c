// The JavaScript that `wasm-bindgen` generates from `src/edge` and `src/ledger`. The build replaces this file.

/** Starts the wasm. It must be called before everything else. */
export function initSync(from: { module: WebAssembly.Module }): unknown;

export function fetch(request: Request, env: unknown, context: unknown): Promise<Response>;

/** The methods of every class of ledgers. */
export interface Ledger {
  answer(message: string): string | Promise<string>;
  fetch(request: Request): Promise<Response>;
  alarm(): Promise<unknown>;
  webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): unknown;
  webSocketClose(socket: WebSocket, code: number, reason: string, wasClean: boolean): unknown;
}

export type LedgerClass = new (state: unknown, env: unknown) => Ledger;

export const UserLedger: LedgerClass;
export const AppRegistry: LedgerClass;
export const ExternalIds: LedgerClass;
export const Operator: LedgerClass;

/** The number of starts of the wasm. If another start is due, it is made before the answer. */
export function __worker_init_state(): { instanceId: number };

/** Starts the wasm again: objects that were created before must not be used any more. */
export function __wbg_reset_state(): void;

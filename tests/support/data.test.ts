// What a wasm file's memory starts with is blanked where nobody refers to it, and nowhere else.

import assert from "node:assert/strict";
import test from "node:test";
import { forgetUnused } from "../../scripts/lib/data.mjs";
import type { Wasm } from "../../scripts/lib/wasm.mjs";

interface Memory {
  /** The functions' code. */
  code?: number[];
  /** Segments by their addresses. */
  segments: Record<number, number[]>;
}

/** A file with nothing but this. */
function fileOf({ code = [], segments }: Memory) {
  const pieces = Object.entries(segments).map(([address, bytes]) => ({
    address: Number(address),
    bytes: Uint8Array.from(bytes),
  }));
  const wasm = {
    bodies: [Uint8Array.from(code)],
    globals: () => new Uint8Array(),
    segments: () => pieces,
  };
  const left = () => Object.fromEntries(pieces.map(({ address, bytes }) => [address, [...bytes]]));
  return { wasm: wasm as unknown as Wasm, left };
}

const item = (address: number, size: number, pinned = false) => ({ address, size, pinned });

/** `i32.const 1024` */
const CONSTANT = [0x41, 0x80, 0x08];

test("what code says the address of is kept, and the rest is blanked", () => {
  const { wasm, left } = fileOf({ code: CONSTANT, segments: { 1024: [1, 2, 3, 4, 5, 6] } });
  forgetUnused(wasm, [item(1024, 2), item(1026, 3), item(1029, 1, true)]);
  assert.deepEqual(left(), { 1024: [1, 2, 0, 0, 0, 6] });
});

test("an address in the middle keeps the whole, and so does that of an access", () => {
  // `i32.load offset=1026`
  const code = [0x28, 0x00, 0x82, 0x08];
  const { wasm, left } = fileOf({ code, segments: { 1024: [1, 2, 3, 4] } });
  forgetUnused(wasm, [item(1024, 4)]);
  assert.deepEqual(left(), { 1024: [1, 2, 3, 4] });
});

test("larger constants may hold addresses, too", () => {
  // `i64.const 16 * 2^32 + 1024`, `v128.const i32x4 0 0 1028 0`
  const long = [0x42, 0x80, 0x88, 0x80, 0x80, 0x80, 0x02];
  const vector = [0xfd, 0x0c, ...[0, 0, 0, 0], ...[0, 0, 0, 0], ...[4, 4, 0, 0], ...[0, 0, 0, 0]];
  const { wasm, left } = fileOf({
    code: [...long, ...vector],
    segments: { 1024: [1, 2, 3, 4, 5, 6] },
  });
  forgetUnused(wasm, [item(1024, 2), item(1026, 2), item(1028, 2)]);
  assert.deepEqual(left(), { 1024: [1, 2, 0, 0, 5, 6] });
});

test("what is kept keeps what it refers to, though a hole parts its segments", () => {
  // The item at 1024 has 16 bytes: a hole of zeros, and then the address 1100, which refers to 1200.
  const address = (value: number) => [value & 0xff, value >> 8, 0, 0];
  const { wasm, left } = fileOf({
    code: CONSTANT,
    segments: {
      1024: [7, 7, 7, 7],
      1036: address(1100),
      1100: address(1200),
      1200: [8, 8, 8, 8, 9, 9],
    },
  });
  forgetUnused(wasm, [item(1024, 16), item(1100, 4), item(1200, 4), item(1204, 2)]);
  assert.deepEqual(left(), {
    1024: [7, 7, 7, 7],
    1036: address(1100),
    1100: address(1200),
    1200: [8, 8, 8, 8, 0, 0],
  });
});

test("what one item shares with another that is kept is kept", () => {
  const { wasm, left } = fileOf({ code: CONSTANT, segments: { 1024: [1, 2, 3, 4] } });
  forgetUnused(wasm, [item(1024, 3), item(1022, 4), item(1026, 2)]);
  assert.deepEqual(left(), { 1024: [1, 2, 3, 0] });
});

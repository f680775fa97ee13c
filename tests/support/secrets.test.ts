import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { findSecrets } from "./secrets.ts";

const hex = "00112233445566778899aabbccddeeff0011223344556677";
const token = `hct_${hex}`;
const bytes = Buffer.from(hex, "hex");
const rootKey = `root_${Buffer.alloc(32, 0xa7).toString("base64url")}`;

describe("a secret is found", () => {
  const spelt: [string, string | Buffer][] = [
    ["as it is", token],
    ["in Partoo's spelling", `\\x${hex}`],
    ["in upper-case hex", hex.toUpperCase()],
    ["as raw bytes", bytes],
    ["as base64", bytes.toString("base64")],
    ["as base64url, after other bytes", Buffer.concat([Buffer.of(1), bytes]).toString("base64url")],
    ["as the hex of its text", Buffer.from(token).toString("hex")],
  ];
  for (const [name, content] of spelt) {
    test(name, () => {
      const folder = mkdtempSync(path.join(os.tmpdir(), "hookswitch-test-"));
      try {
        const nested = path.join(folder, "deep", "er");
        mkdirSync(nested, { recursive: true });
        const file = path.join(nested, "rows.sqlite");
        const noise = Buffer.from([0, 255, 3]);
        writeFileSync(file, Buffer.concat([noise, Buffer.from(content), noise]));
        const hits = findSecrets({ persistPath: folder }, { token });
        assert.ok(hits.length > 0);
        assert.ok(hits.every((hit) => hit.where === file && hit.secret === "token"));
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  test("in the log, by the bytes that it stands for", () => {
    const line = `key ${Buffer.alloc(32, 0xa7).toString("hex")}`;
    assert.equal(findSecrets({ logs: [line] }, { rootKey }).length > 0, true);
  });
});

test("what gives no secret away is no hit", () => {
  const logs = [token.slice(0, 12), "hct_", Buffer.alloc(24, 1).toString("hex"), "root_"];
  assert.deepEqual(findSecrets({ logs }, { token, rootKey }), []);
});

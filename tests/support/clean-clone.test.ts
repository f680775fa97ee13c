// In a fresh clone there are no npm packages yet, and the scripts install them: so they load without them.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";

const PROJECT = path.resolve(import.meta.dirname, "../..");

/** The scripts and the demo page that they start, in a folder of their own: what `npm test` finds in a fresh clone. */
function bareScripts() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "clean-clone-"));
  fs.cpSync(path.join(PROJECT, "scripts"), path.join(folder, "scripts"), { recursive: true });
  const demo = path.join("examples", "sign-in");
  fs.cpSync(path.join(PROJECT, demo), path.join(folder, demo), { recursive: true });
  fs.copyFileSync(path.join(PROJECT, "package.json"), path.join(folder, "package.json"));
  return folder;
}

test("the scripts load before the npm packages are installed", () => {
  const folder = bareScripts();
  try {
    // Those at the top are commands, and do something when they are loaded; all that they use is below.
    const modules = fs
      .readdirSync(path.join(folder, "scripts"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".mjs") && name.includes(path.sep));
    const loading = modules.map((name) => `await import(${JSON.stringify(`./scripts/${name}`)});`);
    const loaded = spawnSync(
      process.execPath,
      ["--input-type=module", "--eval", loading.join("\n")],
      { cwd: folder, encoding: "utf8", timeout: 60_000 },
    );
    assert.equal(loaded.stderr, "");
    assert.equal(loaded.status, 0);
    assert.ok(modules.length > 20);

    const asked = spawnSync(process.execPath, ["scripts/test.mjs", "no-such-suite"], {
      cwd: folder,
      encoding: "utf8",
      timeout: 60_000,
    });
    assert.match(asked.stdout + asked.stderr, /There is no suite no-such-suite/);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

// Where the Worker keeps its data while it is measured.

import { mkdtempSync, statfsSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const MEMORY = "/dev/shm";
const ROOM = 256 * 1024 * 1024;

/** A new folder: in memory, where there is room, since else it is the disk that is measured. */
export function newFolder() {
  return mkdtempSync(path.join(hasRoom() ? MEMORY : os.tmpdir(), "hookswitch-bench-"));
}

function hasRoom() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ROOM;
  } catch {
    return false;
  }
}

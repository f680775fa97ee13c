// The package as its users have it: packed by npm, and installed into an empty folder elsewhere.

import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
const PROJECT = fileURLToPath(new URL("../../../", import.meta.url));
const BUILT = path.join(PROJECT, "build", "package");
const LIMIT_MS = 120_000;

/** A program that npm installed for this project. */
export const projectBin = (name: string): string =>
  path.join(PROJECT, "node_modules", ".bin", name);

/** A file of this project. */
export const inProject = (...parts: string[]): string => path.join(PROJECT, ...parts);

/** Runs a program to its end; what it wrote is in the error, where it fails. */
export async function run(
  folder: string,
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const bin = path.join(PROJECT, "node_modules", ".bin");
  const environment = { ...process.env, PATH: `${bin}${path.delimiter}${process.env["PATH"]}` };
  try {
    const { stdout } = await execute(command, args, {
      cwd: folder,
      env: { ...environment, ...env },
      timeout: LIMIT_MS,
      maxBuffer: 32 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(" ")}\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** The report of `npm pack` about a file of the package. */
export interface PackedFile {
  path: string;
  size: number;
}

/** An empty project that has installed the package, and nothing else. */
export class Consumer {
  /** The project's folder. */
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "hookswitch-package-"));
  /** The packed package. */
  tarball = "";
  /** The content of the file. */
  files: PackedFile[] = [];

  /** Packs the package and installs it. Nothing is asked of any registry, since it depends on nothing. */
  static async create(): Promise<Consumer> {
    const consumer = new Consumer();
    await consumer.#install();
    return consumer;
  }

  async #install(): Promise<void> {
    const packed = path.join(this.folder, "packed");
    mkdirSync(packed);
    const said = await run(packed, "npm", ["pack", BUILT, "--json"]);
    const [pack] = Object.values(JSON.parse(said) as { filename: string; files: PackedFile[] }[]);
    if (pack === undefined) throw new Error(`npm pack said ${said}`);
    this.tarball = path.join(packed, pack.filename);
    this.files = pack.files;
    this.write("package.json", JSON.stringify({ private: true, type: "module" }));
    const quiet = ["--offline", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    await run(this.folder, "npm", ["install", ...quiet, this.tarball]);
  }

  /** The folder that the package was installed into. */
  get installed(): string {
    return this.path("node_modules", "hookswitch");
  }

  path(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  /** Writes a file of the project, and answers where it is. */
  write(name: string, text: string): string {
    const file = this.path(name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Makes packages of ours packages of the project, too. */
  link(...names: string[]): void {
    for (const name of names) {
      const place = this.path("node_modules", name);
      mkdirSync(path.dirname(place), { recursive: true });
      symlinkSync(inProject("node_modules", name), place);
    }
  }

  /** Copies a file of ours into the project. */
  copy(from: string, name: string): void {
    mkdirSync(path.dirname(this.path(name)), { recursive: true });
    copyFileSync(from, this.path(name));
  }

  run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
    return run(this.folder, command, args, env);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

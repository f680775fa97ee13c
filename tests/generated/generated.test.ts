// Clients that published generators make of `/openapi.json`: each is generated without a warning, and fits its language.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";

import { root } from "../support/config.ts";

const execute = promisify(execFile);

/** The version of openapi-python-client. npm's generators are in `package.json`. */
const PYTHON_CLIENT = "openapi-python-client==0.29.1";

const DESCRIPTION = path.join(root, "www", "openapi.json");
const { components, paths } = JSON.parse(readFileSync(DESCRIPTION, "utf8")) as {
  components: { schemas: Record<string, unknown> };
  paths: Record<string, Record<string, { operationId: string }>>;
};
const schemas = Object.keys(components.schemas);
const operations = Object.values(paths).flatMap((methods) =>
  Object.values(methods).map(({ operationId }) => operationId),
);

const folder = mkdtempSync(path.join(os.tmpdir(), "hookswitch-generated-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const bin = (name: string): string => path.join(root, "node_modules", ".bin", name);

/** Runs a program, and returns what it wrote. It fails if that contains a warning. */
async function run(command: string, args: readonly string[], more: string[] = []): Promise<string> {
  const PATH = [...more, process.env["PATH"] ?? ""].join(path.delimiter);
  const { stdout, stderr } = await execute(command, args, {
    cwd: folder,
    env: { ...process.env, PATH, NO_COLOR: "1" },
    maxBuffer: 32 * 1024 * 1024,
  });
  const output = `${stdout}\n${stderr}`;
  assert.doesNotMatch(output, /warn|error|skipp|duplicate|unsupported/i, output);
  return output;
}

/** Fails unless TypeScript accepts a generated file. */
async function compiles(file: string): Promise<void> {
  const options = ["--strict", "--skipLibCheck", "--module", "esnext", "--target", "es2022"];
  const more = ["--moduleResolution", "bundler", "--lib", "es2022,dom,dom.iterable"];
  await run(bin("tsc"), ["--noEmit", "--ignoreConfig", ...options, ...more, file]);
}

test("openapi_typescript_generates_types_of_every_schema_and_operation", async () => {
  const file = path.join(folder, "types.ts");
  await run(bin("openapi-typescript"), [DESCRIPTION, "--output", file]);
  const types = readFileSync(file, "utf8");
  for (const name of schemas) assert.match(types, new RegExp(`^        ${name}: `, "m"), name);
  for (const id of operations) assert.match(types, new RegExp(`^    ${id}: `, "m"), id);
  await compiles(file);
});

test("hey_api_generates_a_client_with_every_schema_and_operation", async () => {
  const to = path.join(folder, "hey");
  await run(bin("openapi-ts"), ["--input", DESCRIPTION, "--output", to, "--no-log-file"]);
  const types = readFileSync(path.join(to, "types.gen.ts"), "utf8");
  const calls = readFileSync(path.join(to, "sdk.gen.ts"), "utf8");
  for (const name of schemas) assert.match(types, new RegExp(`^export type ${name} =`, "m"), name);
  for (const id of operations) {
    assert.match(calls, new RegExp(`^export const ${id} =`, "mi"), id);
  }
});

test("openapi_python_client_generates_a_client_with_every_operation", async (context) => {
  const python = await pythonClient();
  if (python === undefined) {
    context.skip("Python 3 with venv, or its package index, is not there");
    return;
  }
  const to = path.join(folder, "python");
  const args = ["generate", "--path", DESCRIPTION, "--output-path", to];
  await run(path.join(python, "openapi-python-client"), args, [python]);
  const [name = ""] = readdirSync(to).filter((name) =>
    existsSync(path.join(to, name, "client.py")),
  );
  const calls = readdirSync(path.join(to, name, "api"), { recursive: true, encoding: "utf8" });
  const modules = calls.filter((file) => /\.py$/.test(file) && !file.endsWith("__init__.py"));
  assert.equal(modules.length, operations.length);
  const models = readdirSync(path.join(to, name, "models")).map((file) => file.replaceAll("_", ""));
  const isObject = (schema: string): boolean =>
    "properties" in (components.schemas[schema] as object);
  for (const schema of schemas.filter(isObject)) {
    assert.ok(models.includes(`${schema.toLowerCase()}.py`), schema);
  }
  await run(path.join(python, "python"), ["-m", "compileall", "-q", to]);
});

/** The programs of a new virtual environment with the generator; none if it cannot be installed here. */
async function pythonClient(): Promise<string | undefined> {
  const venv = path.join(folder, "venv");
  const programs = path.join(venv, "bin");
  try {
    await execute("python3", ["-m", "venv", venv]);
    const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    await execute(path.join(programs, "python"), [...install, PYTHON_CLIENT]);
    return programs;
  } catch {
    return undefined;
  }
}

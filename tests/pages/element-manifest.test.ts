// `custom-elements.json`: valid, and neither more nor less than what there is.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, test } from "node:test";

import { Ajv } from "ajv";
import type { CustomElementDeclaration, Package } from "custom-elements-manifest/schema.d.ts";
import type { Browser, Page } from "playwright-core";

import { launch } from "./kit/browser.ts";
import { blankPage } from "./kit/follow.ts";
import { StatusServer } from "./kit/status-server.ts";

const require = createRequire(import.meta.url);
const FOLDER = path.resolve("www", "element");
const manifest = JSON.parse(
  readFileSync(path.join(FOLDER, "custom-elements.json"), "utf8"),
) as Package;
const described = manifest.modules[0]?.declarations?.[0] as CustomElementDeclaration;

/** All that the element is made from, in one text. */
const source = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(path.join(FOLDER, name), "utf8"))
  .join("\n");

let server: StatusServer;
let browser: Browser;
let page: Page;

before(async () => {
  [server, browser] = await Promise.all([StatusServer.start(), launch()]);
  page = await blankPage(await browser.newContext(), server.url, "<hookswitch-status>");
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const names = (items: readonly { name: string }[] = []): string[] =>
  items.map(({ name }) => name).sort();

/** Every different thing that the pattern's first group finds in the source. */
const found = (pattern: RegExp): string[] =>
  [...new Set([...source.matchAll(pattern)].map(([, name = ""]) => name))].sort();

test("the_manifest_is_valid", () => {
  const schema = require("custom-elements-manifest/schema.json") as object;
  const isValid = new Ajv({ allowUnionTypes: true, strict: false }).compile(schema);
  assert.ok(isValid(manifest), JSON.stringify(isValid.errors));
});

test("the_manifest_names_every_attribute", async () => {
  const observed = await page.evaluate(
    () =>
      (customElements.get("hookswitch-status") as unknown as { observedAttributes: string[] })
        .observedAttributes,
  );
  assert.deepEqual(names(described.attributes), [...observed].sort());
  assert.equal(described.tagName, "hookswitch-status");
});

test("the_manifest_names_every_property", async () => {
  const callbacks = /Callback$|^constructor$/;
  const properties = await page.evaluate(() => {
    const { prototype } = customElements.get("hookswitch-status") ?? {};
    return Object.entries(Object.getOwnPropertyDescriptors(prototype ?? {})).map(
      ([name, descriptor]) => [name, descriptor.set === undefined] as [string, boolean],
    );
  });
  const own = properties.filter(([name]) => !callbacks.test(name));
  assert.deepEqual(names(described.members), own.map(([name]) => name).sort());
  const readonly = (described.members ?? []).filter((member) => "readonly" in member);
  assert.deepEqual(
    names(readonly),
    own
      .filter(([, isReadonly]) => isReadonly)
      .map(([name]) => name)
      .sort(),
  );
});

test("the_manifest_names_every_event", () => {
  assert.deepEqual(names(described.events), found(/tell\(\s*this,\s*"([\w-]+)"/g));
});

test("the_manifest_names_every_part", async () => {
  const parts = await page.evaluate(() => {
    const root = document.querySelector("hookswitch-status")?.shadowRoot;
    return [...(root?.querySelectorAll("[part]") ?? [])].map((node) => node.getAttribute("part"));
  });
  assert.deepEqual(names(described.cssParts), [...new Set(parts)].sort());
});

test("the_manifest_names_every_custom_property", () => {
  assert.deepEqual(names(described.cssProperties), found(/var\((--hookswitch-[\w-]+)/g));
});

test("the_manifest_names_every_state", () => {
  const tones = ["good", "waiting", "paused", "ended", "unknown"];
  for (const tone of tones) assert.ok(source.includes(`[data-tone="${tone}"]`));
  assert.deepEqual(names(described.cssStates), [...tones, "stale"].sort());
});

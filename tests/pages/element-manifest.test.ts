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
import type { Status } from "../../www/package/types.ts";
import { EVERYTHING } from "./kit/connections.ts";
import { blankPage } from "./kit/follow.ts";
import { StatusServer } from "./kit/status-server.ts";

const require = createRequire(import.meta.url);
const FOLDER = path.resolve("www", "element");
const manifest = JSON.parse(
  readFileSync(path.join(FOLDER, "custom-elements.json"), "utf8"),
) as Package;
/** The elements, each with the folders that it is made from. */
const ELEMENTS = [
  { tag: "hookswitch-status", folders: ["."], states: true },
  { tag: "hookswitch-connections", folders: ["connections"], states: false },
] as const;

const declarations = manifest.modules.flatMap(
  ({ declarations = [] }) => declarations as CustomElementDeclaration[],
);

/** The description of an element. */
function describedAs(tag: string): CustomElementDeclaration {
  const found = declarations.find(({ tagName }) => tagName === tag);
  assert.ok(found, tag);
  return found;
}

/** All that is in folders, in one text. */
const sourceOf = (folders: readonly string[]): string =>
  folders
    .flatMap((folder) =>
      readdirSync(path.join(FOLDER, folder))
        .filter((name) => name.endsWith(".ts"))
        .map((name) => readFileSync(path.join(FOLDER, folder, name), "utf8")),
    )
    .join("\n");

/** The parts of both elements: the style, and the handling of tickets. */
const SHARED = ["style.ts", "ticket-host.ts"]
  .map((name) => readFileSync(path.join(FOLDER, name), "utf8"))
  .join("\n");

let server: StatusServer;
let browser: Browser;
let page: Page;

before(async () => {
  [server, browser] = await Promise.all([StatusServer.start(), launch()]);
  const body =
    "<hookswitch-status></hookswitch-status><hookswitch-connections></hookswitch-connections>";
  page = await blankPage(await browser.newContext(), server.url, body);
  server.say("hst_all", EVERYTHING as unknown as Status);
  await page.addScriptTag({ type: "module", url: "/hookswitch/connections.js" });
  await page.evaluate(async () => {
    await customElements.whenDefined("hookswitch-connections");
    const element = document.querySelector("hookswitch-connections");
    if (element) Reflect.set(element, "ticket", "hst_all");
  });
  await page.locator("hookswitch-connections .row").nth(5).waitFor();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const names = (items: readonly { name: string }[] = []): string[] =>
  items.map(({ name }) => name).sort();

/** Every different thing that the pattern's first group finds in a source. */
const found = (source: string, pattern: RegExp): string[] =>
  [...new Set([...source.matchAll(pattern)].map(([, name = ""]) => name))].sort();

test("the_manifest_is_valid", () => {
  const schema = require("custom-elements-manifest/schema.json") as object;
  const isValid = new Ajv({ allowUnionTypes: true, strict: false }).compile(schema);
  assert.ok(isValid(manifest), JSON.stringify(isValid.errors));
});

for (const { tag, folders, states } of ELEMENTS) {
  const described = describedAs(tag);
  const source = `${sourceOf(folders)}\n${SHARED}`;

  test(`the_manifest_names_every_attribute (${tag})`, async () => {
    const observed = await page.evaluate(
      (tag) =>
        (customElements.get(tag) as unknown as { observedAttributes: string[] }).observedAttributes,
      tag,
    );
    assert.deepEqual(names(described.attributes), [...observed].sort());
  });

  test(`the_manifest_names_every_property (${tag})`, async () => {
    const callbacks = /Callback$|^constructor$/;
    const properties = await page.evaluate((tag) => {
      const { prototype } = customElements.get(tag) ?? {};
      return Object.entries(Object.getOwnPropertyDescriptors(prototype ?? {})).map(
        ([name, descriptor]) => [name, descriptor.set === undefined] as [string, boolean],
      );
    }, tag);
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

  test(`the_manifest_names_every_event (${tag})`, () => {
    assert.deepEqual(
      names(described.events),
      found(source, /tell\(\s*(?:this|this\.#element),\s*"([\w-]+)"/g),
    );
  });

  test(`the_manifest_names_every_part (${tag})`, async () => {
    const parts = await page.evaluate((tag) => {
      const root = document.querySelector(tag)?.shadowRoot;
      return [...(root?.querySelectorAll("[part]") ?? [])].map((node) => node.getAttribute("part"));
    }, tag);
    assert.deepEqual(names(described.cssParts), [...new Set(parts)].sort());
  });

  test(`the_manifest_names_every_custom_property (${tag})`, () => {
    assert.deepEqual(names(described.cssProperties), found(source, /var\((--hookswitch-[\w-]+)/g));
  });

  test(`the_manifest_names_every_state (${tag})`, () => {
    const tones = states ? ["good", "waiting", "paused", "ended", "unknown"] : [];
    for (const tone of tones) assert.ok(source.includes(`[data-tone="${tone}"]`));
    assert.deepEqual(names(described.cssStates), [...tones, ...(states ? ["stale"] : [])].sort());
  });
}

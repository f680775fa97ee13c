// The files that are served beside the calls.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serve } from "./kit/service.ts";

type Service = Awaited<ReturnType<typeof serve>>;
let service: Service;

before(async () => {
  service = await serve();
});
after(() => service.stop());

test("the_home_page_loads_nothing_from_elsewhere_and_runs_no_script_within_it", async () => {
  const page = await fetch(`${service.url}/`);
  assert.equal(page.status, 200);
  assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
  const policy = page.headers.get("content-security-policy") ?? "";
  assert.ok(policy.startsWith("default-src 'none'") && !policy.includes("unsafe-inline"), policy);
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval';/);
  const html = await page.text();
  assert.ok(
    !/(src|href)="(https?:)?\/\/|<style|<script(?![^>]* src=)| on[a-z]+=| style=/.test(html),
  );
  for (const [, link] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
    const { status } = await fetch(new URL(link ?? "", `${service.url}/`));
    assert.equal(status, 200, link);
  }
});

test("the_description_is_served_and_may_be_read_from_any_page", async () => {
  const answer = await fetch(`${service.url}/openapi.json`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
  assert.equal(answer.headers.get("access-control-allow-origin"), "*");
  const description = (await answer.json()) as { openapi: string; paths: object };
  assert.match(description.openapi, /^3\.1\./);
  assert.ok("/v1/tokens/check" in description.paths);
});

test("the_package_is_served_and_may_be_loaded_by_any_page", async () => {
  for (const [name, type] of [
    ["index.js", "text/javascript"],
    ["element.js", "text/javascript"],
    ["hookswitch.wasm", "application/wasm"],
  ] as const) {
    const answer = await fetch(`${service.url}/hookswitch/${name}`);
    assert.equal(answer.status, 200, name);
    assert.ok(answer.headers.get("content-type")?.startsWith(type), name);
    assert.equal(answer.headers.get("access-control-allow-origin"), "*", name);
    await answer.arrayBuffer();
  }
});

test("what_the_link_page_is_made_of_is_not_served", async () => {
  const { status } = await fetch(`${service.url}/connect/en/connect.txt`);
  assert.equal(status, 404);
});

test("what_the_package_has_for_other_runtimes_is_not_served", async () => {
  for (const name of ["node.js", "workerd.js", "element-node.js", "package.json"]) {
    const { status } = await fetch(`${service.url}/hookswitch/${name}`);
    assert.equal(status, 404, name);
  }
});

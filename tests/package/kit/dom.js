// The element in a DOM that is no browser's, as test runners have it: jsdom and happy-dom. Writes what it shows.
//
//     node dom.js jsdom http://127.0.0.1:1234

import assert from "node:assert/strict";

const [kind, server] = process.argv.slice(2);

/** A window of this kind, whose globals are those of the program, as test runners do it. */
async function populate() {
  const url = "http://localhost/";
  const html = "<!doctype html><html lang='en'><body></body></html>";
  const window =
    kind === "jsdom"
      ? new (await import("jsdom")).JSDOM(html, { url, pretendToBeVisual: true }).window
      : new (await import("happy-dom")).Window({ url });
  const own = ["AbortController", "AbortSignal", "CustomEvent", "Event", "EventTarget"];
  if (kind === "happy-dom") own.push("fetch", "Headers", "Request", "Response");
  for (const name of Object.getOwnPropertyNames(window)) {
    if (name in globalThis && !own.includes(name)) continue;
    const value = name === "fetch" ? window.fetch.bind(window) : window[name];
    Object.defineProperty(globalThis, name, { configurable: true, writable: true, value });
  }
  Object.assign(globalThis, { window, document: window.document, location: window.location });
}

async function until(what, ask) {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    if (ask()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`not in time: ${what}`);
}

const unhandled = [];
process.on("uncaughtException", (error) => unhandled.push(String(error)));
process.on("unhandledRejection", (error) => unhandled.push(String(error)));
try {
  await main();
} catch (error) {
  console.error(error, unhandled);
  process.exit(1);
}
console.log(JSON.stringify({ unhandled }));
process.exit(0);

async function main() {
  await populate();
  const { HookswitchStatus } = await import("hookswitch/element");

  const element = document.createElement("hookswitch-status");
  assert.ok(element instanceof HookswitchStatus);
  const asked = [];
  element.addEventListener("hookswitch-disconnect", ({ detail }) => asked.push(detail.id));
  element.disconnectable = true;
  document.body.append(element);
  const text = () => element.shadowRoot?.textContent ?? "";
  await until("nothing to show", () => text().includes("There is nothing to show yet."));
  element.server = server;
  element.ticket = `hst_${"0".repeat(90)}`;
  await until("connected", () => text().includes("Connected"));
  for (const name of ["end", "sure"]) element.shadowRoot?.querySelector(`button.${name}`)?.click();
  await until("asked to disconnect", () => asked.length === 1);
  element.remove();
  document.body.append(element);
  await until("connected again", () => element.state !== "closed" && text().includes("Connected"));
  element.remove();
  assert.equal(element.state, "closed");
}

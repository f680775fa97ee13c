// What the page gives the element: attributes and properties, good ones and bad ones.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import type { Browser, BrowserContext, Page } from "playwright-core";

import { sleep, untilTrue } from "../http/kit/wait.ts";
import { axeFindings, launch, shoot, Watch } from "./kit/browser.ts";
import { listen, part, property, put, seen, words } from "./kit/element.ts";
import { blankPage } from "./kit/follow.ts";
import { connection, fromNow, token } from "./kit/statuses.ts";
import { problem, StatusServer } from "./kit/status-server.ts";

const TICKET = "hst_a";
const HEX = "0".repeat(48);

let server: StatusServer;
let browser: Browser;
let context: BrowserContext;
let watch: Watch;
let page: Page;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());
beforeEach(async () => {
  server = await StatusServer.start();
  server.say(TICKET, connection("active"));
  context = await browser.newContext({ locale: "en-GB" });
  watch = new Watch(context, [server.url]);
  page = await blankPage(context, server.url);
  await listen(page);
});
afterEach(async () => {
  await context.close();
  await server.stop();
  watch.forgive(/WebSocket|Failed to load resource/);
  assert.deepEqual([watch.errors, watch.strangers], [[], []]);
});

/** The codes of the errors that were told. */
async function codes(): Promise<unknown[]> {
  const errors = (await seen(page)).filter(({ type }) => type === "hookswitch-error");
  return errors.map(({ detail }) => detail["code"]);
}

test("a_secret_in_place_of_a_ticket_is_sent_nowhere_and_not_kept", async () => {
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  for (const secret of ["hct_", "hat_", "hrt_", "hak_", "hcs_", "\\x"].map((name) => name + HEX)) {
    const element = await put(page, { ticket: secret, label: "Acme CRM" });
    await untilTrue("refused", async () => (await codes()).at(-1) === "ticket_secret");
    assert.equal(await words(element, "status"), "Status unknown");
    assert.equal(await words(element, "sentence"), "This status cannot be shown.");
    assert.equal(await property(element, "ticket"), "");
    assert.ok(!(await page.content()).includes(HEX));
    assert.ok(!JSON.stringify(await seen(page)).includes(HEX));
  }
  await sleep(100);
  assert.deepEqual([requests, server.seen], [[], []]);
  await shoot(page, "element-refused");
  assert.deepEqual(await axeFindings(page), []);
});

test("no_attribute_makes_it_throw", async () => {
  const texts = ["", " ", "null", "hst_", "hst_ä", "<b>", "x".repeat(5_000), "\u0000", "💥", "{}"];
  for (const name of ["ticket", "server", "lang", "label", "disconnectable", "compact", "hidden"]) {
    for (const text of texts) {
      const isTicket = name === "ticket";
      await put(page, { ...(isTicket ? {} : { ticket: TICKET }), [name]: text });
      await page.evaluate(
        ([name, text]) => {
          const element = document.querySelector("hookswitch-status");
          element?.setAttribute(String(name), String(text));
          element?.removeAttribute(String(name));
        },
        [name, text],
      );
    }
  }
  for (const value of [null, undefined, 0, {}, [], "x"]) {
    await page.evaluate((value) => {
      const element = document.querySelector("hookswitch-status");
      for (const name of ["ticket", "server", "label", "lang", "renew"]) {
        Object.assign(element ?? {}, { [name]: value });
      }
    }, value);
  }
  await sleep(100);
});

test("a_bad_ticket_and_a_bad_server_are_said_in_words_and_told", async () => {
  for (const [attributes, code] of [
    [{ ticket: "nonsense" }, "ticket_malformed"],
    [{ ticket: "hst_forged" }, "ticket_invalid"],
    [{ ticket: TICKET, server: "http://" }, "server_invalid"],
    [{ ticket: TICKET, server: "ftp://a.example" }, "server_invalid"],
  ] as const) {
    const element = await put(page, attributes);
    await untilTrue(code, async () => (await codes()).at(-1) === code);
    assert.equal(await words(element, "status"), "Status unknown");
    assert.equal(await property(element, "stale"), true);
  }
});

test("a_bad_language_is_told_and_the_next_best_is_taken", async () => {
  const element = await put(page, { ticket: TICKET, lang: "not a language" });
  await untilTrue("shown", async () => (await words(element, "status")) === "Connected");
  assert.deepEqual(await codes(), ["lang_invalid"]);
});

test("without_a_ticket_it_waits_and_complains_of_nothing", async () => {
  const element = await put(page, {});
  assert.equal(await words(element, "sentence"), "There is nothing to show yet.");
  assert.deepEqual(await seen(page), []);
  await shoot(page, "element-none");
  assert.deepEqual(await axeFindings(page), []);
});

test("what_cannot_be_reached_from_the_start_is_said_in_words", async () => {
  server.live = "refused";
  server.poll = problem(503, "unavailable");
  const element = await put(page, { ticket: TICKET });
  await untilTrue("said", async () =>
    (await words(element, "sentence")).startsWith("The server cannot"),
  );
  await shoot(page, "element-unreachable");
  assert.deepEqual(await axeFindings(page), []);
  server.poll = undefined;
  await untilTrue("shown", async () => (await words(element, "status")) === "Connected");
  assert.equal(await words(element, "freshness"), "Checked regularly");
  await shoot(page, "element-polling");
});

test("while_the_status_is_read_it_says_so", async () => {
  server.live = "hanging";
  const element = await put(page, { ticket: TICKET, label: "Acme CRM" });
  assert.equal(await words(element, "status"), "Reading the status…");
  await shoot(page, "element-loading");
  assert.deepEqual(await axeFindings(page), []);
});

test("an_ended_ticket_is_told_and_another_one_goes_on_where_it_was", async () => {
  const element = await put(page, { ticket: TICKET });
  await untilTrue("live", async () => (await words(element, "freshness")) === "Live");
  server.close(4001);
  await untilTrue("over", async () =>
    (await words(element, "freshness")).startsWith("No longer updated, as of "),
  );
  assert.equal(await words(element, "status"), "Connected");
  const told = (await seen(page)).at(-1);
  assert.deepEqual(
    [told?.type, told?.detail],
    ["hookswitch-ticket-expired", { id: connection("active").id }],
  );
  await shoot(page, "element-over");
  assert.deepEqual(await axeFindings(page), []);

  server.say("hst_b", connection("active"));
  await element.evaluate((host) => ((host as HTMLElement & { ticket: string }).ticket = "hst_b"));
  assert.equal(await words(element, "status"), "Connected");
  await untilTrue("live", async () => (await words(element, "freshness")) === "Live");
});

test("a_page_that_can_renew_tickets_is_asked_for_one", async () => {
  server.say("hst_b", connection("inactive"));
  const element = await put(page, { ticket: TICKET });
  await untilTrue("live", async () => (await words(element, "freshness")) === "Live");
  await element.evaluate((host) => Object.assign(host, { renew: () => Promise.resolve("hst_b") }));
  server.close(4001);
  await untilTrue("paused", async () => (await words(element, "status")) === "Paused");
  assert.deepEqual(await codes(), []);
});

test("another_ticket_is_for_something_else_and_nothing_of_the_first_is_left", async () => {
  const element = await put(page, { ticket: TICKET });
  await untilTrue("shown", async () => (await words(element, "status")) === "Connected");
  server.live = "hanging";
  await element.evaluate((host) => ((host as HTMLElement & { ticket: string }).ticket = "hst_b"));
  await untilTrue("gone", async () => (await words(element, "status")) === "Reading the status…");
  assert.equal(await property(element, "status"), undefined);
});

test("properties_and_attributes_say_the_same_but_for_the_ticket", async () => {
  const attributes = await page.evaluate(() => {
    const element = document.createElement("hookswitch-status");
    element.ticket = "hst_a";
    element.server = new URL("https://a.example/");
    element.label = "Acme";
    element.disconnectable = true;
    element.compact = true;
    const set = Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
    element.server = element.label = null;
    element.disconnectable = element.compact = false;
    return [set, element.attributes.length, element.server, element.label];
  });
  const set = { server: "https://a.example/", label: "Acme", disconnectable: "", compact: "" };
  assert.deepEqual(attributes, [set, 0, "", ""]);
});

test("properties_that_were_set_before_it_was_defined_hold", async () => {
  const early = await context.newPage();
  await early.route(`${server.url}/early`, (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<!doctype html><main><hookswitch-status ticket="nonsense"></hookswitch-status></main>`,
    }),
  );
  await early.goto(`${server.url}/early`);
  await early.evaluate(async () => {
    Object.assign(document.querySelector("hookswitch-status") ?? {}, {
      ticket: "hst_a",
      label: "Acme CRM",
    });
    const entry = "/hookswitch/element.js";
    await import(entry);
  });
  const element = early.locator("hookswitch-status");
  await untilTrue("shown", async () => (await words(element, "status")) === "Connected");
  assert.equal(await words(element, "label"), "Acme CRM");
});

test("the_language_is_its_own_or_that_of_what_it_stands_in_or_that_of_the_person", async () => {
  const spoken = await page.evaluate(async () => {
    const main = document.querySelector("main");
    const element = document.createElement("hookswitch-status");
    const card = () => element.shadowRoot?.querySelector<HTMLElement>(".card")?.lang;
    const speak = async (page: string, around: string, own: string) => {
      document.documentElement.lang = page;
      main?.setAttribute("lang", around);
      element.setAttribute("lang", own);
      element.remove();
      main?.append(element);
      await new Promise((resolve) => setTimeout(resolve));
      return card();
    };
    return [
      await speak("de", "fr", "es-MX"),
      await speak("de", "fr-CA", ""),
      await speak("de-AT", "", ""),
      await speak("ja", "", ""),
      await speak("", "", "tlh"),
      await speak("fr", "", "FR-ca"),
    ];
  });
  assert.deepEqual(spoken, ["es-MX", "fr-CA", "de-AT", "en-GB", "en-GB", "fr-CA"]);
});

test("times_are_written_as_the_language_writes_them", async () => {
  const expected = {
    en: ["Time left", "2 hr 5 min"],
    fr: ["Temps restant", "2 h 5 min"],
    de: ["Verbleibende Zeit", "2 Std., 5 Min."],
    es: ["Tiempo restante", "2 h 5 min"],
  };
  server.say(TICKET, token("valid", { expires_at: fromNow(2 * 3_600 + 5 * 60 + 20) }));
  for (const [lang, [name, span]] of Object.entries(expected)) {
    const element = await put(page, { ticket: TICKET, lang });
    await part(element, "time-left").waitFor();
    const text = (await words(element, "time-left")).replaceAll(/[\u00a0\u202f]/g, " ");
    assert.deepEqual(text.split("\n"), [name, span]);
  }
});

// Somebody at the console: a tab of a real browser, and what is done in it, in the words of whoever sits there.

import assert from "node:assert/strict";

import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";

import type { Service } from "../../http/kit/service.ts";
import { Watch, WIDE } from "./browser.ts";

/** What Chromium writes by itself of each answer that is not 2xx. */
const REFUSED = /^Failed to load resource: the server responded with a status of/;

/** How long a visitor waits for anything. */
const PATIENCE_MS = 15_000;

export class Visitor {
  readonly page: Page;
  readonly watch: Watch;
  readonly #url: string;
  /** What must be found nowhere in the page. */
  readonly #secrets = new Set<string>();

  private constructor(page: Page, watch: Watch, url: string) {
    this.page = page;
    this.watch = watch;
    this.#url = url;
  }

  static async at(
    browser: Browser,
    service: Service,
    options: BrowserContextOptions = {},
  ): Promise<Visitor> {
    const context = await browser.newContext({ viewport: WIDE, ...options });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const watch = new Watch(context, [service.url]);
    const visitor = new Visitor(await context.newPage(), watch, service.url);
    visitor.page.setDefaultTimeout(PATIENCE_MS);
    await visitor.page.goto(service.url);
    return visitor;
  }

  /** At the console, and signed in: as root, unless with another key. */
  static async signedIn(
    browser: Browser,
    service: Service,
    options: BrowserContextOptions & { key?: string } = {},
  ): Promise<Visitor> {
    const { key = service.secrets.rootKey, ...rest } = options;
    const visitor = await Visitor.at(browser, service, rest);
    await visitor.signIn(key);
    await visitor.sees("#main h1");
    return visitor;
  }

  /** Types a key and sends it. */
  async signIn(key: string): Promise<void> {
    this.#secrets.add(key);
    await this.page.getByLabel("API key or root key").fill(key);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  /** Goes where a link would lead. */
  async goes(fragment: string): Promise<void> {
    await this.page.evaluate((to) => {
      location.hash = to;
    }, fragment);
  }

  /** Waits until this can be seen. */
  async sees(selector: string): Promise<Locator> {
    const found = this.page.locator(selector).first();
    await found.waitFor();
    return found;
  }

  /** Waits until this text can be seen, in the page or in a part of it. */
  async reads(text: string | RegExp, within = "body"): Promise<void> {
    await this.page.locator(within).getByText(text).first().waitFor();
  }

  /** Presses the button of this name, in the uppermost dialog where there is one. */
  async presses(name: string | RegExp): Promise<void> {
    await (await this.#foremost()).getByRole("button", { name, exact: true }).first().click();
  }

  /** Presses the button that sends a dialog, and waits until that is done and the dialog closed. */
  async sends(name: string): Promise<void> {
    await this.presses(name);
    await this.page.locator("dialog[open]").waitFor({ state: "detached" });
  }

  async fills(label: string, text: string): Promise<void> {
    await (await this.#foremost()).getByLabel(label, { exact: true }).fill(text);
  }

  async chooses(label: string, option: string): Promise<void> {
    await (await this.#foremost()).getByLabel(label, { exact: true }).selectOption(option);
  }

  /** The row of a table that has this text. */
  row(text: string | RegExp): Locator {
    return this.page.getByRole("row").filter({ hasText: text });
  }

  /** Takes what a copy-once dialog shows, by its copy button, and closes it. Gives the secrets. */
  async takesSecrets(): Promise<string[]> {
    const shown = this.page.locator("dialog [data-secret]");
    await shown.first().waitFor();
    const secrets = await shown.allTextContents();
    const buttons = this.page.locator("dialog .secret").getByRole("button");
    for (const [index, secret] of secrets.entries()) {
      this.#secrets.add(secret);
      await buttons.nth(index).click();
      await this.reads(/^Copied /, "dialog .toast");
      assert.equal(await this.page.evaluate(() => navigator.clipboard.readText()), secret);
    }
    await this.presses("Done");
    await this.page.locator("dialog[open]").waitFor({ state: "detached" });
    await this.assertNoSecret();
    return secrets;
  }

  /** That no key and no token is anywhere that outlives the moment. */
  async assertNoSecret(): Promise<void> {
    const places = await this.page.evaluate(async () => {
      const inputs = [...document.querySelectorAll("input, textarea")];
      const values = inputs.map((input) => (input as HTMLInputElement).value);
      const databases = await indexedDB.databases();
      return {
        address: location.href,
        document: document.documentElement.outerHTML,
        values: values.join("\n"),
        storage: JSON.stringify([localStorage, sessionStorage, document.cookie, databases]),
        history: JSON.stringify([history.state, document.title, window.name]),
      };
    });
    for (const secret of this.#secrets) {
      for (const [place, text] of Object.entries(places)) {
        assert.ok(!text.includes(secret), `a secret is in the ${place}`);
      }
    }
  }

  /** What must be found nowhere, although the visitor did not type or take it here. */
  hides(secret: string): void {
    this.#secrets.add(secret);
  }

  /** The text of what has the focus. */
  focused(): Promise<string> {
    return this.page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute("aria-label") ?? element?.textContent?.trim() ?? "";
    });
  }

  /** How much wider than the window the page is. */
  overflow(): Promise<number> {
    return this.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
  }

  /** Leaves; and nothing went wrong meanwhile that nobody looked at. */
  async leaves(): Promise<void> {
    await this.assertNoSecret();
    this.watch.forgive(REFUSED);
    assert.deepEqual([this.watch.errors, this.watch.strangers], [[], []]);
    await this.watch.context.close();
  }

  /** The front page, anew, as one who reloads it. */
  async reloads(): Promise<void> {
    await this.page.reload();
  }

  /** Opens an address of the service in this tab. */
  async opens(rest: string): Promise<void> {
    await this.page.goto(`${this.#url}${rest}`);
  }

  async #foremost(): Promise<Locator> {
    const dialogs = this.page.locator("dialog[open]");
    return (await dialogs.count()) === 0 ? this.page.locator("body") : dialogs.last();
  }
}

// The pictures of the documentation, made by `npm run screenshots`: the status element in its states, and the console.

import { mkdirSync, statSync } from "node:fs";
import path from "node:path";

import type { Browser } from "playwright-core";

import { asUser, consume, mint, newUser } from "../http/kit/actions.ts";
import { userPath } from "../http/kit/api.ts";
import { appPath } from "../http/kit/connections.ts";
import { serve } from "../http/kit/service.ts";
import { launch } from "./kit/browser.ts";
import { Visitor } from "./kit/console.ts";
import { connection, token } from "./kit/statuses.ts";
import { StatusServer } from "./kit/status-server.ts";

const FOLDER = path.resolve("docs", "assets");
const SCHEMES = ["light", "dark"] as const;

const STATUSES = {
  initiated: connection("initiated"),
  active: connection("active"),
  inactive: connection("inactive"),
  revoked: connection("revoked"),
  "token-valid": token("valid"),
  "token-consumed": token("consumed"),
};

const STYLE = `
  html, body { margin: 0; padding: 0; background: light-dark(#fff, #0d1117); }
  body main { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; align-items: start; width: 616px; max-width: none; padding: 12px; margin: 0; }
`;

/** The status element in six states, side by side. */
async function element(browser: Browser): Promise<void> {
  const server = await StatusServer.start();
  for (const [name, status] of Object.entries(STATUSES)) server.say(`hst_${name}`, status);
  const elements = Object.keys(STATUSES).map((name) => {
    const label = name.startsWith("token") ? "Invitation" : "Acme CRM";
    const button = name === "active" ? "disconnectable" : "";
    return `<hookswitch-status lang="en" ticket="hst_${name}" label="${label}" ${button}></hookswitch-status>`;
  });
  const head = `<meta name="color-scheme" content="light dark"><style>${STYLE}</style>
    <script type="module" src="/hookswitch/element.js"></script>`;
  server.page(elements.join(""), head);
  for (const colorScheme of SCHEMES) {
    // The policy of the page does not allow its style.
    const context = await browser.newContext({
      colorScheme,
      bypassCSP: true,
      viewport: { width: 664, height: 800 },
    });
    const page = await context.newPage();
    await page.goto(server.url);
    await page.waitForFunction(() =>
      [...document.querySelectorAll("hookswitch-status")].every(
        ({ state, status }) => state !== "connecting" && status !== undefined,
      ),
    );
    await page.locator("main").screenshot({ path: fileOf(`element-${colorScheme}`) });
    await context.close();
  }
  await server.stop();
}

/** A user's connections in the console. */
async function operatorConsole(browser: Browser): Promise<void> {
  const service = await serve();
  const { root } = service;
  const user = await newUser(root);
  const self = await asUser(root, user);
  for (const [app_id, name] of [
    ["crm", "Acme CRM"],
    ["calendar", "Calendar"],
    ["billing", "Billing"],
  ] as const) {
    await root.put(appPath(app_id), { name, scopes: ["read", "write"] }, 201);
    const { token: secret } = await mint(self, user, { app_id });
    if (app_id !== "billing") await consume(self, secret);
  }
  for (const colorScheme of SCHEMES) {
    const visitor = await Visitor.signedIn(browser, service, {
      colorScheme,
      viewport: { width: 960, height: 600 },
    });
    await visitor.goes(`#${userPath(user).replace("/v1", "")}/connections`);
    await visitor.reads("crm");
    await visitor.page.screenshot({ path: fileOf(`console-${colorScheme}`) });
    await visitor.page.context().close();
  }
  await service.stop();
}

const fileOf = (name: string): string => path.join(FOLDER, `${name}.png`);

const PICTURES: Record<string, (browser: Browser) => Promise<void>> = {
  element,
  console: operatorConsole,
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PICTURES);
mkdirSync(FOLDER, { recursive: true });
const browser = await launch();
for (const name of names) {
  const make = PICTURES[name];
  if (make === undefined) throw new Error(`there is no picture ${name}`);
  await make(browser);
  for (const scheme of SCHEMES) {
    const { size } = statSync(fileOf(`${name}-${scheme}`));
    console.log(`docs/assets/${name}-${scheme}.png: ${Math.ceil(size / 1_024)} KB`);
  }
}
await browser.close();

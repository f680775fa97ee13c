// The link page as a browser without a script would use it: fetch it, send its form.

import type { Answer, Api } from "./api.ts";
import { form, postForm, type Params } from "./oauth.ts";

export type Page = Answer<string>;

/** Opens a link, as nobody in particular. */
export function open(
  api: Api,
  token: string,
  more: { state?: string; method?: string; headers?: Record<string, string> } = {},
): Promise<Page> {
  const { state, method = "GET", headers = {} } = more;
  const target = `/connect?${form({ token, state })}`;
  return api.as(undefined).send<string>(method, target, { headers });
}

/** The hidden fields of a page's form, as a browser reads them. */
export function fields({ body }: Page): Params {
  const hidden = body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
  return Object.fromEntries(
    [...hidden].map(([, name = "", value = ""]) => [name, unescaped(value)]),
  );
}

/** Presses a button of a page. */
export function press(
  api: Api,
  page: Page,
  consent: "approve" | "decline" = "approve",
  headers: Record<string, string> = {},
): Promise<Page> {
  return post(api, { ...fields(page), consent }, headers);
}

export function post(
  api: Api,
  params: Params,
  headers: Record<string, string> = {},
): Promise<Page> {
  return postForm<string>(api.as(undefined), "/connect", params, headers);
}

/** Where an answer sends the browser, and with which parameters. */
export function sent({ status, headers, text }: Page): { to: string; query: Params } {
  const location = headers.get("location");
  if (status !== 303 || location === null) throw new Error(`sent nowhere: ${status} ${text}`);
  const [to = "", query = ""] = location.split("?");
  return { to, query: Object.fromEntries(new URLSearchParams(query)) };
}

/** What a page is called. */
export function heading({ body }: Page): string {
  return unescaped(/<h1>(.*?)<\/h1>/.exec(body)?.[1] ?? "");
}

function unescaped(html: string): string {
  const names: Record<string, string> = { lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" };
  return html.replace(/&(#?\w+);/g, (whole, name: string) => names[name] ?? whole);
}

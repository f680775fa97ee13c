// The page of a user's connected apps: `/connections#ticket=hst_…`. Operators without a front end of their own link to it.

import "./page.css";
import { PAGE_TEXTS } from "./texts.ts";
import { languageOf } from "../element/language.ts";

const element = document.querySelector("hookswitch-connections");

/** Writes the page in the language of the `lang` in the link, or else of the browser. */
function write(lang: string | null): void {
  const { documentElement } = document;
  documentElement.lang = lang ?? "";
  if (lang === null) documentElement.removeAttribute("lang");
  const { locale, tag } = languageOf(documentElement);
  const texts = PAGE_TEXTS[locale];
  documentElement.lang = tag;
  document.title = texts.title;
  for (const name of ["title", "intro"] as const) {
    const node = document.getElementById(name);
    if (node) node.textContent = texts[name];
  }
  const problem = document.getElementById("problem");
  if (problem) problem.textContent = texts.missing;
}

/** Reads the link. The ticket leaves the address bar at once, and goes into no request but those to the API. */
function open(): void {
  const link = new URLSearchParams(location.hash.slice(1));
  const ticket = link.get("ticket");
  if (ticket !== null) history.replaceState(null, "", location.pathname);
  write(link.get("lang"));
  const [problem, intro] = ["problem", "intro"].map((id) => document.getElementById(id));
  if (problem) problem.hidden = ticket !== null;
  if (intro) intro.hidden = ticket === null;
  if (element === null) return;
  element.hidden = ticket === null;
  // The element may be defined later.
  Reflect.set(element, "ticket", ticket ?? "");
}

const host = document.getElementById("host");
if (host) host.textContent = location.host;
open();
// Another link in the same tab changes nothing but the fragment.
addEventListener("hashchange", () => {
  if (location.hash.includes("ticket=")) open();
});

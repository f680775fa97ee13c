// In which language the element speaks.

import type { Locale } from "./core.ts";

export interface Language {
  /** The language of the words. */
  locale: Locale;
  /** The whole tag, by which times and numbers are written: `fr-CA`. */
  tag: string;
}

const LOCALES: readonly string[] = ["en", "fr", "de", "es"] satisfies Locale[];

/**
 * The first of these that is one of the four languages: the element's own `lang`, that of what it stands in, and what
 * the person prefers; English where none is.
 */
export function languageOf(element: Element): Language {
  for (const lang of [...declared(element), ...navigator.languages]) {
    const tag = canonical(lang);
    const locale = tag?.split("-")[0] ?? "";
    if (tag !== undefined && isLocale(locale)) return { locale, tag };
  }
  return { locale: "en", tag: "en" };
}

/** A tag of BCP 47 in its usual spelling; undefined where it is not well formed. */
export function canonical(lang: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(lang)[0];
  } catch {
    return undefined;
  }
}

function isLocale(text: string): text is Locale {
  return LOCALES.includes(text);
}

/** The `lang` of the element and of all that it stands in, from the inside outwards. */
function* declared(element: Element): Generator<string> {
  let node: Node | null = element;
  while (node) {
    if (node instanceof Element && node.hasAttribute("lang")) yield node.getAttribute("lang") ?? "";
    node = node instanceof ShadowRoot ? node.host : node.parentNode;
  }
}

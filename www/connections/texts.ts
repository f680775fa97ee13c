// The texts of the page. Those of the list are the element's.

import type { Locale } from "../element/core.ts";

interface PageTexts {
  title: string;
  intro: string;
  /** For a link without a ticket, and a page that was reloaded. */
  missing: string;
}

export const PAGE_TEXTS: Record<Locale, PageTexts> = {
  en: {
    title: "Connected apps",
    intro: "These apps can use your account.",
    missing: "This link does not work any more. Open the page again from where you came.",
  },
  fr: {
    title: "Applications connectées",
    intro: "Ces applications peuvent utiliser votre compte.",
    missing: "Ce lien ne fonctionne plus. Ouvrez de nouveau la page là d’où vous venez.",
  },
  de: {
    title: "Verbundene Apps",
    intro: "Diese Apps können Ihr Konto verwenden.",
    missing:
      "Dieser Link funktioniert nicht mehr. Öffnen Sie die Seite noch einmal dort, wo Sie herkommen.",
  },
  es: {
    title: "Aplicaciones conectadas",
    intro: "Estas aplicaciones pueden usar su cuenta.",
    missing: "Este enlace ya no funciona. Abra de nuevo la página desde donde vino.",
  },
};

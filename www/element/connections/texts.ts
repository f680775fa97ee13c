// What the list of connections says beside the texts of both elements. `{}` stands for a name.

import type { Locale } from "../core.ts";

export interface ListTexts {
  /** The name of the list. */
  title: string;
  empty: string;
  emptyHint: string;
  loading: string;
  expired: string;
  refused: string;
  /** That there are more than are shown. */
  more: string;
  scopes: string;
  lastUsed: string;
  never: string;
  /** Announced after a revocation. */
  ended: string;
}

export const LIST_TEXTS: Record<Locale, ListTexts> = {
  en: {
    title: "Connected apps",
    empty: "No connected apps",
    emptyHint: "Apps that you connect appear here.",
    loading: "Reading your connections…",
    expired: "The permission to see your connections has run out.",
    refused: "Your connections cannot be shown.",
    more: "Only the newest 100 connections are shown.",
    scopes: "Permissions",
    lastUsed: "Last used",
    never: "Never",
    ended: "{} is disconnected.",
  },
  fr: {
    title: "Applications connectées",
    empty: "Aucune application connectée",
    emptyHint: "Les applications que vous connectez apparaissent ici.",
    loading: "Lecture de vos connexions…",
    expired: "L’autorisation de voir vos connexions a pris fin.",
    refused: "Vos connexions ne peuvent pas être affichées.",
    more: "Seules les 100 connexions les plus récentes sont affichées.",
    scopes: "Autorisations",
    lastUsed: "Dernière utilisation",
    never: "Jamais",
    ended: "{} est déconnecté.",
  },
  de: {
    title: "Verbundene Apps",
    empty: "Keine verbundenen Apps",
    emptyHint: "Apps, die Sie verbinden, erscheinen hier.",
    loading: "Ihre Verbindungen werden gelesen …",
    expired: "Die Erlaubnis, Ihre Verbindungen zu sehen, ist abgelaufen.",
    refused: "Ihre Verbindungen können nicht angezeigt werden.",
    more: "Nur die neuesten 100 Verbindungen werden angezeigt.",
    scopes: "Berechtigungen",
    lastUsed: "Zuletzt verwendet",
    never: "Noch nie",
    ended: "{} ist getrennt.",
  },
  es: {
    title: "Aplicaciones conectadas",
    empty: "No hay aplicaciones conectadas",
    emptyHint: "Las aplicaciones que conecte aparecerán aquí.",
    loading: "Leyendo sus conexiones…",
    expired: "El permiso para ver sus conexiones ha caducado.",
    refused: "Sus conexiones no se pueden mostrar.",
    more: "Solo se muestran las 100 conexiones más recientes.",
    scopes: "Permisos",
    lastUsed: "Último uso",
    never: "Nunca",
    ended: "{} está desconectado.",
  },
};

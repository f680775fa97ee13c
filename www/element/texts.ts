// What the element says beside the status itself, which the core says. `{}` stands for a name or a time.

import type { Locale } from "./core.ts";

export interface Texts {
  // What is shown, where it has no name.
  connection: string;
  connection_token: string;
  access_token: string;
  refresh_token: string;
  api_key: string;

  // How fresh it is.
  live: string;
  polling: string;
  connecting: string;
  offline: string;
  over: string;
  asOf: string;

  since: string;
  left: string;

  // Where there is no status.
  loading: string;
  unknown: string;
  none: string;
  unreachable: string;
  expired: string;
  refused: string;

  // Of a connection that is ended here, where the provider did not confirm it and is not asked any more.
  endedHere: string;
  unconfirmed: string;

  // The way to end it.
  disconnect: string;
  revoke: string;
  askDisconnect: string;
  askRevoke: string;
  consequence: string;
  cancel: string;
  working: string;
  failed: string;
}

export const TEXTS: Record<Locale, Texts> = {
  en: {
    connection: "Connection",
    connection_token: "Connection token",
    access_token: "Access token",
    refresh_token: "Refresh token",
    api_key: "API key",
    live: "Live",
    polling: "Checked regularly",
    connecting: "Updating…",
    offline: "Offline",
    over: "No longer updated",
    asOf: "as of {}",
    since: "Since",
    left: "Time left",
    loading: "Reading the status…",
    unknown: "Status unknown",
    none: "There is nothing to show yet.",
    unreachable: "The server cannot be reached. Trying again…",
    expired: "The permission to see this status has run out.",
    refused: "This status cannot be shown.",
    endedHere: "Disconnected here",
    unconfirmed: "This connection is off here. Its provider has not confirmed that it ended there.",
    disconnect: "Disconnect",
    revoke: "Revoke",
    askDisconnect: "Disconnect {}?",
    askRevoke: "Revoke {}?",
    consequence: "It stops working at once. This cannot be undone.",
    cancel: "Cancel",
    working: "One moment…",
    failed: "That did not work. Please try again.",
  },
  fr: {
    connection: "Connexion",
    connection_token: "Jeton de connexion",
    access_token: "Jeton d’accès",
    refresh_token: "Jeton de renouvellement",
    api_key: "Clé d’API",
    live: "En direct",
    polling: "Vérifié régulièrement",
    connecting: "Actualisation…",
    offline: "Hors ligne",
    over: "N’est plus actualisé",
    asOf: "état à {}",
    since: "Depuis",
    left: "Temps restant",
    loading: "Lecture de l’état…",
    unknown: "État inconnu",
    none: "Il n’y a encore rien à afficher.",
    unreachable: "Le serveur est injoignable. Nouvel essai en cours…",
    expired: "L’autorisation de voir cet état a pris fin.",
    refused: "Cet état ne peut pas être affiché.",
    endedHere: "Déconnecté ici",
    unconfirmed:
      "Cette connexion est coupée ici. Son fournisseur n’a pas confirmé qu’elle y a pris fin.",
    disconnect: "Déconnecter",
    revoke: "Révoquer",
    askDisconnect: "Déconnecter {} ?",
    askRevoke: "Révoquer {} ?",
    consequence: "L’arrêt est immédiat et définitif.",
    cancel: "Annuler",
    working: "Un instant…",
    failed: "Cela n’a pas fonctionné. Veuillez réessayer.",
  },
  de: {
    connection: "Verbindung",
    connection_token: "Verbindungstoken",
    access_token: "Zugriffstoken",
    refresh_token: "Erneuerungstoken",
    api_key: "API-Schlüssel",
    live: "Live",
    polling: "Wird regelmäßig geprüft",
    connecting: "Wird aktualisiert …",
    offline: "Offline",
    over: "Wird nicht mehr aktualisiert",
    asOf: "Stand: {}",
    since: "Seit",
    left: "Verbleibende Zeit",
    loading: "Status wird gelesen …",
    unknown: "Status unbekannt",
    none: "Es gibt noch nichts anzuzeigen.",
    unreachable: "Der Server ist nicht erreichbar. Es wird weiter versucht …",
    expired: "Die Erlaubnis, diesen Status zu sehen, ist abgelaufen.",
    refused: "Dieser Status kann nicht angezeigt werden.",
    endedHere: "Hier getrennt",
    unconfirmed:
      "Diese Verbindung ist hier aus. Ihr Anbieter hat nicht bestätigt, dass sie dort beendet ist.",
    disconnect: "Trennen",
    revoke: "Widerrufen",
    askDisconnect: "{} trennen?",
    askRevoke: "{} widerrufen?",
    consequence: "Das wirkt sofort und lässt sich nicht rückgängig machen.",
    cancel: "Abbrechen",
    working: "Einen Moment …",
    failed: "Das hat nicht geklappt. Bitte noch einmal versuchen.",
  },
  es: {
    connection: "Conexión",
    connection_token: "Token de conexión",
    access_token: "Token de acceso",
    refresh_token: "Token de renovación",
    api_key: "Clave de API",
    live: "En directo",
    polling: "Se comprueba con regularidad",
    connecting: "Actualizando…",
    offline: "Sin conexión",
    over: "Ya no se actualiza",
    asOf: "estado a las {}",
    since: "Desde",
    left: "Tiempo restante",
    loading: "Leyendo el estado…",
    unknown: "Estado desconocido",
    none: "Todavía no hay nada que mostrar.",
    unreachable: "No se puede contactar con el servidor. Reintentando…",
    expired: "El permiso para ver este estado ha caducado.",
    refused: "Este estado no se puede mostrar.",
    endedHere: "Desconectado aquí",
    unconfirmed:
      "Esta conexión está cortada aquí. Su proveedor no ha confirmado que se haya cerrado allí.",
    disconnect: "Desconectar",
    revoke: "Revocar",
    askDisconnect: "¿Desconectar {}?",
    askRevoke: "¿Revocar {}?",
    consequence: "Deja de funcionar al instante. No se puede deshacer.",
    cancel: "Cancelar",
    working: "Un momento…",
    failed: "No ha funcionado. Inténtelo de nuevo.",
  },
};

/** The text with what stands for `{}` in its place. */
export function fill(text: string, value: string): string {
  // A function, since a name may hold what `replace` takes for a pattern.
  return text.replace("{}", () => value);
}

// The list's own tree: a row for each connection, made once and changed only where it says another thing.

import { draw, drawing, FRESHNESS, TONES } from "../icons.ts";
import type { Texts } from "../texts.ts";
import { fill } from "../texts.ts";
import { button, close, make, mark, open, say } from "../view.ts";
import type { ListPicture, RowPicture } from "./picture.ts";
import { listSheet } from "./style.ts";

/** What the person does. */
export interface Wishes {
  /** Confirmed that a connection shall end. */
  end(id: string): void;
  /** Connects anew. */
  reconnect(id: string): void;
}

/** How far the ending of a connection has come. */
export type Endings = ReadonlyMap<string, "working" | "failed">;

export class ListView {
  readonly #list = make("ul", "list");
  readonly #note = make("div", "note");
  readonly #word = make("strong");
  readonly #hint = make("span");
  readonly #more = make("p", "more");
  readonly #freshness = make("span", "fresh", "freshness");
  readonly #freshIcon = drawing();
  readonly #fresh = make("span");
  readonly #announced = make("p", "announced", "");
  readonly #dialog = make("dialog", "dialog");
  readonly #question = make("p", "question", "dialog-title");
  readonly #consequence = make("p", "consequence", "dialog-text");
  readonly #cancel = button("keep", "cancel-button");
  readonly #sure = button("sure", "confirm-button");
  readonly #rows = new Map<string, Row>();
  readonly #wishes: Wishes;
  /** The connection that the dialog asks about. */
  #asked: string | undefined;

  constructor(root: ShadowRoot, wishes: Wishes) {
    this.#wishes = wishes;
    const sheet = listSheet();
    if (sheet) root.adoptedStyleSheets = [sheet];
    // The focus goes here when the row that has it goes away.
    this.#list.tabIndex = -1;
    this.#note.setAttribute("role", "status");
    this.#note.append(this.#word, this.#hint);
    this.#announced.setAttribute("role", "status");
    this.#freshness.append(this.#freshIcon, this.#fresh);
    const foot = make("div", "foot", "");
    foot.append(this.#more, this.#freshness);
    root.append(this.#list, this.#note, foot, this.#announced, this.#makeDialog());
    this.#cancel.addEventListener("click", () => close(this.#dialog));
    this.#sure.addEventListener("click", () => {
      close(this.#dialog);
      if (this.#asked !== undefined) wishes.end(this.#asked);
    });
  }

  show(picture: ListPicture, endings: Endings): void {
    const { texts, note } = picture;
    for (const node of [this.#list, this.#note, this.#dialog, this.#freshness, this.#announced]) {
      mark(node, "lang", picture.tag);
    }
    mark(this.#list, "aria-label", picture.name);
    this.#list.hidden = picture.rows.length === 0;
    this.#note.hidden = note === undefined;
    mark(this.#note, "data-tone", note?.tone ?? "");
    say(this.#word, note?.word ?? "");
    say(this.#hint, note?.hint ?? "");
    this.#more.hidden = picture.more === "";
    say(this.#more, picture.more);
    this.#freshness.hidden = picture.freshness === undefined;
    mark(this.#freshness, "data-is", picture.freshness ?? "");
    if (picture.freshness) draw(this.#freshIcon, FRESHNESS[picture.freshness]);
    say(this.#fresh, picture.fresh);
    this.#showRows(picture, endings);
    say(this.#consequence, texts.consequence);
    say(this.#cancel, texts.cancel);
    say(this.#sure, texts.disconnect);
  }

  /** Says it to those who do not see the list. */
  announce(text: string): void {
    say(this.#announced, text);
  }

  #showRows({ rows, texts }: ListPicture, endings: Endings): void {
    const gone = new Set(this.#rows.keys());
    let before: Element | null = null;
    for (const picture of rows) {
      const { id } = picture;
      gone.delete(id);
      const row = this.#rows.get(id) ?? this.#makeRow(id);
      row.show(picture, texts, endings.get(id));
      const place: Element | null = before
        ? before.nextElementSibling
        : this.#list.firstElementChild;
      // A row that is moved loses the focus, so one that is in its place stays there.
      if (place !== row.node) this.#list.insertBefore(row.node, place);
      before = row.node;
    }
    for (const id of gone) this.#remove(id);
  }

  #makeRow(id: string): Row {
    const row = new Row({
      ask: (question) => {
        this.#asked = id;
        say(this.#question, question);
        open(this.#dialog);
      },
      reconnect: () => this.#wishes.reconnect(id),
    });
    this.#rows.set(id, row);
    return row;
  }

  #remove(id: string): void {
    const node = this.#rows.get(id)?.node;
    const hadFocus = node?.matches(":focus-within") || (this.#dialog.open && this.#asked === id);
    if (this.#asked === id) close(this.#dialog);
    node?.remove();
    this.#rows.delete(id);
    if (!hadFocus) return;
    const next = this.#list.querySelector("button");
    (next ?? this.#list).focus();
  }

  #makeDialog(): HTMLElement {
    this.#question.id = "question";
    this.#consequence.id = "consequence";
    this.#dialog.setAttribute("role", "alertdialog");
    this.#dialog.setAttribute("aria-labelledby", "question");
    this.#dialog.setAttribute("aria-describedby", "consequence");
    // The first of the two, so that Return does no harm.
    this.#cancel.autofocus = true;
    const choice = make("div", "choice", "");
    choice.append(this.#cancel, this.#sure);
    this.#dialog.append(this.#question, this.#consequence, choice);
    return this.#dialog;
  }
}

interface RowWishes {
  ask(question: string): void;
  reconnect(): void;
}

class Row {
  readonly node = make("li", "row");
  readonly #logo = make("span", "logo");
  readonly #name = make("div", "name");
  readonly #about = make("div", "about");
  readonly #state = make("div", "state", "status");
  readonly #icon = drawing();
  readonly #word = make("span");
  readonly #hint = make("div", "hint", "sentence");
  readonly #scopes = make("ul", "scopes");
  readonly #times = make("div", "times");
  readonly #since = new Fact("since");
  readonly #used = new Fact("last-used");
  readonly #actions = make("div", "actions");
  readonly #anew = button("anew", "reconnect-button");
  readonly #end = button("end", "disconnect-button");
  readonly #problem = make("p", "problem");
  #question = "";
  #logoUrl: string | undefined;

  constructor(wishes: RowWishes) {
    this.#logo.setAttribute("aria-hidden", "true");
    this.#state.append(this.#icon, this.#word);
    this.#times.append(this.#since.node, this.#used.node);
    const facts = make("div", "facts", "");
    facts.append(this.#name, this.#about, this.#state, this.#hint, this.#scopes, this.#times);
    this.#problem.setAttribute("role", "alert");
    this.#actions.append(this.#anew, this.#end);
    this.node.append(this.#logo, facts, this.#actions, this.#problem);
    this.#end.addEventListener("click", () => {
      if (this.#end.ariaDisabled !== "true") wishes.ask(this.#question);
    });
    this.#anew.addEventListener("click", () => wishes.reconnect());
  }

  show(picture: RowPicture, texts: Texts, ending: "working" | "failed" | undefined): void {
    this.#showLogo(picture);
    say(this.#name, picture.name);
    this.#about.hidden = picture.about === "";
    say(this.#about, picture.about);
    mark(this.#state, "data-tone", picture.tone);
    draw(this.#icon, TONES[picture.tone]);
    say(this.#word, picture.word);
    this.#hint.hidden = picture.hint === "";
    say(this.#hint, picture.hint);
    this.#showScopes(picture);
    this.#since.show(texts.since, picture.since, picture.sinceAt);
    this.#used.show(picture.lastUsedName, picture.lastUsed, picture.lastUsedAt);
    this.#end.hidden = !picture.canEnd;
    this.#anew.hidden = !picture.canReconnect;
    this.#actions.hidden = !picture.canEnd && !picture.canReconnect;
    say(this.#end, ending === "working" ? texts.working : texts.disconnect);
    say(this.#anew, texts.reconnect);
    // Buttons of many rows have the same word: their names are told apart by the app.
    mark(this.#end, "aria-label", `${this.#end.textContent} – ${picture.name}`);
    mark(this.#anew, "aria-label", `${texts.reconnect} – ${picture.name}`);
    // Not `disabled`, which would take the focus away.
    this.#end.ariaDisabled = ending === "working" ? "true" : null;
    this.#problem.hidden = ending !== "failed";
    say(this.#problem, ending === "failed" ? texts.failed : "");
    this.#question = fill(texts.askDisconnect, picture.name);
  }

  #showScopes({ scopes, scopesName }: RowPicture): void {
    this.#scopes.hidden = scopes.length === 0;
    mark(this.#scopes, "aria-label", scopesName);
    const shown = [...this.#scopes.children].map(({ textContent }) => textContent);
    if (shown.join("\n") === scopes.join("\n")) return;
    const items = scopes.map((scope) => {
      const item = make("li", "scope");
      item.textContent = scope;
      return item;
    });
    this.#scopes.replaceChildren(...items);
  }

  /** The logo; the first letter of the name if there is none, or none that can be loaded. */
  #showLogo({ logoUrl, name }: RowPicture): void {
    if (logoUrl === this.#logoUrl && this.#logo.childNodes.length > 0) return;
    this.#logoUrl = logoUrl;
    const letter = (): void =>
      this.#logo.replaceChildren((/^./u.exec(name)?.[0] ?? "").toUpperCase());
    if (logoUrl === undefined) return letter();
    const image = document.createElement("img");
    image.alt = "";
    image.referrerPolicy = "no-referrer";
    image.addEventListener("error", letter);
    image.src = logoUrl;
    this.#logo.replaceChildren(image);
  }
}

/** A time with its name. */
class Fact {
  readonly node: HTMLElement;
  readonly #name = make("dt");
  readonly #value = make("time");

  constructor(part: string) {
    this.node = make("dl", part);
    const value = make("dd");
    value.append(this.#value);
    this.node.append(this.#name, value);
  }

  show(name: string, text: string, at: string | null): void {
    say(this.#name, name);
    say(this.#value, text);
    // Without an attribute, the text would have to be a time itself.
    mark(this.#value, "datetime", at ?? "P0D");
  }
}

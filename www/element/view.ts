// The element's own tree: made once, and changed only where what it says is another thing.

import { draw, drawing, FRESHNESS, TONES } from "./icons.ts";
import type { Picture } from "./picture.ts";
import { styleSheet } from "./style.ts";
import { fill } from "./texts.ts";

/** What the person does. */
export interface Wishes {
  /** Confirmed that it shall end. */
  end(): void;
}

/** How far the ending has come, which the person asked for. */
export type Ending = "none" | "working" | "failed";

export class View {
  readonly #card: HTMLElement;
  readonly #icon = drawing();
  readonly #label = make("span", "label");
  readonly #word = make("strong", "word", "status");
  readonly #sentence = make("span", "sentence");
  readonly #freshness = make("span", "fresh", "freshness");
  readonly #freshIcon = drawing();
  readonly #fresh = make("span");
  readonly #times = make("dl", "times");
  readonly #since = new Time("since");
  readonly #left = new Time("left", "time-left");
  readonly #actions = make("div", "actions");
  readonly #endButton = button("end", "disconnect-button");
  readonly #problem = make("p", "problem");
  readonly #dialog = make("dialog", "dialog");
  readonly #question = make("p", "question", "dialog-title");
  readonly #consequence = make("p", "consequence", "dialog-text");
  readonly #cancel = button("keep", "cancel-button");
  readonly #sure = button("sure", "confirm-button");

  constructor(root: ShadowRoot, wishes: Wishes) {
    const sheet = styleSheet();
    if (sheet) root.adoptedStyleSheets = [sheet];
    const icon = make("span", "icon");
    icon.append(this.#icon);
    this.#label.id = "label";
    this.#freshness.append(this.#freshIcon, this.#fresh);

    // One region, so that a change is told with what it is a change of. The time left is outside: nobody wants to be
    // told each second.
    const said = make("div", "said", "");
    said.setAttribute("role", "status");
    said.append(this.#label, this.#freshness, this.#word, this.#sentence);

    this.#left.value.setAttribute("role", "timer");
    this.#times.append(this.#since.row, this.#left.row);
    this.#problem.setAttribute("role", "alert");
    this.#actions.append(this.#endButton, this.#problem);
    const more = make("div", "more", "");
    more.append(this.#times, this.#actions);

    this.#card = make("div", "card");
    this.#card.setAttribute("role", "group");
    this.#card.setAttribute("aria-labelledby", "label");
    // Takes the focus when the button that has it goes away.
    this.#card.tabIndex = -1;
    const body = make("div", "body", "");
    body.append(said, more);
    this.#card.append(icon, body);
    root.append(this.#card, this.#makeDialog());

    this.#endButton.addEventListener("click", () => this.#ask());
    this.#cancel.addEventListener("click", () => close(this.#dialog));
    this.#sure.addEventListener("click", () => {
      close(this.#dialog);
      wishes.end();
    });
  }

  show(picture: Picture, hasButton: boolean, ending: Ending): void {
    const { texts, standing } = picture;
    for (const node of [this.#card, this.#dialog]) mark(node, "lang", picture.tag);
    mark(this.#card, "data-tone", picture.tone);
    draw(this.#icon, TONES[picture.tone]);
    say(this.#label, picture.name);
    say(this.#word, picture.word);
    say(this.#sentence, picture.sentence);

    this.#freshness.hidden = picture.freshness === undefined;
    mark(this.#freshness, "data-is", picture.freshness ?? "");
    if (picture.freshness) draw(this.#freshIcon, FRESHNESS[picture.freshness]);
    say(this.#fresh, picture.fresh);

    this.#since.show(texts.since, picture.since, standing?.since);
    this.#left.show(texts.left, picture.left, standing?.endsAt);
    this.#times.hidden = picture.since === "" && picture.left === "";
    this.#showEnding(picture, hasButton && picture.canEnd, ending);
  }

  #showEnding({ texts, name, isToken }: Picture, isOffered: boolean, ending: Ending): void {
    if (!isOffered) {
      const hadFocus = this.#dialog.open || this.#endButton.matches(":focus");
      close(this.#dialog);
      this.#actions.hidden = true;
      if (hadFocus) this.#card.focus();
    }
    this.#actions.hidden = !isOffered;
    const verb = isToken ? texts.revoke : texts.disconnect;
    say(this.#endButton, ending === "working" ? texts.working : verb);
    // Not `disabled`, which would take the focus away.
    this.#endButton.ariaDisabled = ending === "working" ? "true" : null;
    say(this.#problem, ending === "failed" ? texts.failed : "");
    say(this.#question, fill(isToken ? texts.askRevoke : texts.askDisconnect, name));
    say(this.#consequence, texts.consequence);
    say(this.#cancel, texts.cancel);
    say(this.#sure, verb);
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

  /** A modal dialog brings what is wanted of it: Escape closes it, and the focus returns to the button. */
  #ask(): void {
    if (this.#endButton.ariaDisabled !== "true" && !this.#dialog.open) open(this.#dialog);
  }
}

/** A time with its name: a row that is there only when there is a time. */
class Time {
  readonly row: HTMLElement;
  readonly value = make("time");
  readonly #name = make("dt");

  constructor(className: string, part = className) {
    this.row = make("div", className, part);
    const description = make("dd");
    description.append(this.value);
    this.row.append(this.#name, description);
  }

  show(name: string, text: string, at: string | null | undefined): void {
    this.row.hidden = text === "";
    say(this.#name, name);
    say(this.value, text);
    if (at) this.value.dateTime = at;
  }
}

function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  part = className,
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (part) made.setAttribute("part", part);
  return made;
}

function button(className: string, part: string): HTMLButtonElement {
  const made = make("button", className, part);
  made.type = "button";
  return made;
}

/** Opens a dialog, as a modal one where the DOM has these: that of some test environments has not. */
function open(dialog: HTMLDialogElement): void {
  if (typeof dialog.showModal === "function") dialog.showModal();
  else dialog.setAttribute("open", "");
}

function close(dialog: HTMLDialogElement): void {
  if (typeof dialog.close === "function") dialog.close();
  else dialog.removeAttribute("open");
}

/** Says it, unless it is said already: what is not changed is not announced. */
function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** The same for what is no text. */
function mark(element: Element, attribute: string, value: string): void {
  if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
}

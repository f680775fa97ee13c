// A step on the page: its commands, its button, and what came of it.

import { curl, type Call } from "./call.ts";

export class Step {
  readonly #item: HTMLElement;
  readonly #commands = document.createElement("div");
  readonly #answer = document.createElement("p");
  readonly #button: HTMLButtonElement | HTMLAnchorElement;

  /** The item of the list with this name, and the button or link to put into it. */
  constructor(name: string, button: HTMLButtonElement | HTMLAnchorElement) {
    const item = document.querySelector<HTMLElement>(`[data-step="${name}"]`);
    if (item === null) throw new Error(`there is no step ${name}`);
    this.#item = item;
    this.#button = button;
    button.classList.add("action");
    this.#answer.className = "answer";
    this.#answer.setAttribute("role", "status");
    item.append(this.#commands, button, this.#answer);
    this.enable(false);
  }

  get button(): HTMLButtonElement | HTMLAnchorElement {
    return this.#button;
  }

  /** Shows the commands for these calls, or for whatever else is done in a shell. */
  show(...calls: (Call | string)[]): void {
    const texts = calls.map((call) =>
      typeof call === "string" ? call : curl(call, location.origin),
    );
    this.#commands.replaceChildren(...texts.map(command));
  }

  enable(isSo: boolean): void {
    if (this.#button instanceof HTMLButtonElement) this.#button.disabled = !isSo;
    else if (isSo) this.#button.removeAttribute("aria-disabled");
    else this.#button.setAttribute("aria-disabled", "true");
  }

  /** Says what came of it. */
  say(text: string, outcome: "done" | "problem" | "open" = "done"): void {
    this.#answer.textContent = text;
    this.#answer.classList.toggle("problem", outcome === "problem");
    this.#item.classList.toggle("done", outcome === "done");
  }
}

export function button(text: string): HTMLButtonElement {
  return Object.assign(document.createElement("button"), { type: "button", textContent: text });
}

/** A command, with a button to copy it. */
function command(text: string): HTMLElement {
  const figure = document.createElement("div");
  figure.className = "curl";
  const pre = document.createElement("pre");
  // It scrolls, so the keyboard has to reach it.
  pre.tabIndex = 0;
  pre.setAttribute("role", "group");
  pre.setAttribute("aria-label", "Command");
  const code = document.createElement("code");
  code.textContent = text;
  pre.append(code);
  const copy = button("Copy");
  copy.setAttribute("aria-label", "Copy the command");
  copy.addEventListener("click", () => void copied(text, copy));
  figure.append(pre, copy);
  return figure;
}

async function copied(text: string, copy: HTMLButtonElement): Promise<void> {
  const said = document.getElementById("said");
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (said) said.textContent = "The browser does not allow copying: select the text instead.";
    return;
  }
  if (said) said.textContent = "The command was copied.";
  copy.textContent = "Copied";
  setTimeout(() => (copy.textContent = "Copy"), 2_000);
}

// What every element of the console is: one that draws into the page itself, so that one style sheet and one tree of
// headings, labels and ids hold for all of them.

import { LitElement } from "lit";

export abstract class View extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}

// What the lists on a user's page have in common: they are read when they appear, and again when something has changed.

import type { PropertyValues } from "lit";

import type { Pager } from "./pager.ts";
import type { User } from "./types.ts";
import { View } from "./view.ts";

export abstract class UserList<T> extends View {
  static override properties = {
    user: { attribute: false },
    revision: { attribute: false },
    chosen: { state: true },
  };
  declare user: User;
  declare revision: number;
  /** What the list is narrowed to; all of it, where that is empty. */
  declare chosen: string;
  protected abstract readonly pager: Pager<T>;

  constructor() {
    super();
    this.chosen = "";
  }

  protected get userId(): string {
    return this.user.user_id;
  }

  /** What of a query narrows the list. */
  protected narrowed(name: string): Record<string, string | undefined> {
    return { [name]: this.chosen || undefined };
  }

  protected narrow(chosen: string): void {
    this.chosen = chosen;
    void this.pager.first();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has("revision")) return;
    void (changed.get("revision") === undefined ? this.pager.first() : this.pager.refresh());
  }

  /** Tells the page that something was done here. */
  protected acted(): void {
    this.dispatchEvent(new Event("acted", { bubbles: true }));
  }
}

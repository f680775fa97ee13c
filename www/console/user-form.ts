// Making a user, and changing one.

import { html, nothing, type TemplateResult } from "lit";

import { announce } from "./announce.ts";
import { putUser, readUser } from "./calls.ts";
import { checkField, selectField, textField, type Option } from "./fields.ts";
import { assertFree, FormDialog, type Form } from "./form-dialog.ts";
import type { Role, User } from "./types.ts";
import { listed } from "./words.ts";

const ROLES: Option[] = [
  ["member", "member — may change itself"],
  ["manager", "manager — may change users of its groups"],
  ["admin", "admin — may change every user"],
  ["none", "none — may change nobody"],
];

class UserForm extends FormDialog<User> {
  user: User | undefined = undefined;
  /** The id to begin with, where there is no user yet. */
  suggested = "";

  protected override get title_(): string {
    return this.user === undefined ? "New user" : `Edit ${this.user.user_id}`;
  }

  protected override get verb(): string {
    return this.user === undefined ? "Create user" : "Save";
  }

  protected override fields(): TemplateResult {
    const { user } = this;
    return html`
      ${
        user === undefined
          ? textField({
              label: "User id",
              name: "user_id",
              value: this.suggested,
              required: true,
              maxlength: 128,
              first: this.suggested === "",
              mono: true,
              hint: "Your id for the user. It cannot be changed later.",
              error: this.wrong("user_id"),
            })
          : nothing
      }
      ${selectField({
        label: "Role",
        name: "role",
        value: user?.role ?? "member",
        options: ROLES,
        error: this.wrong("role"),
      })}
      ${
        user !== undefined
          ? html`<p class="hint">
              All API keys of the user have its role. Before you give the user more rights, revoke
              its API keys.
            </p>`
          : nothing
      }
      ${textField({
        label: "Groups",
        name: "groups",
        value: user?.groups.join(", ") ?? "",
        placeholder: "paris, sales",
        hint: "Separated by commas. Managers may change the users of their groups.",
        error: this.wrong("groups"),
      })}
      ${textField({
        label: "External id",
        name: "external_id",
        value: user?.external_id ?? "",
        mono: true,
        maxlength: 128,
        hint: "The id of the user in another system. It is unique.",
        error: this.wrong("external_id"),
      })}
      ${checkField({
        label: "Connectable: connection tokens can be created for the user",
        name: "connectable",
        checked: user?.connectable ?? true,
      })}
    `;
  }

  protected override async send(form: Form): Promise<User> {
    const id = this.user?.user_id ?? form.text("user_id");
    if (this.user === undefined) await assertFree("user_id", () => readUser(id));
    return putUser(id, {
      role: form.text("role") as Role,
      groups: listed(form.text("groups"), /,/),
      external_id: form.optional("external_id") ?? null,
      connectable: form.isOn("connectable"),
    });
  }
}

customElements.define("hs-user-form", UserForm);

/** Opens the form: for a new user, where none is given. */
export async function editUser(user?: User, suggested = ""): Promise<User | undefined> {
  const form = new UserForm();
  form.user = user;
  form.suggested = suggested;
  const saved = await form.open();
  if (saved !== undefined) announce(user === undefined ? "The user was created." : "Saved.");
  return saved;
}

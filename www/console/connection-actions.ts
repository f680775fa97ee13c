// What is done to connections: made, switched off and on, revoked, given tokens.

import { html, type TemplateResult } from "lit";

import { announce } from "./announce.ts";
import { changeConnection, createConnection, issueTokens } from "./calls.ts";
import { confirm } from "./confirm.ts";
import { checkField, textField } from "./fields.ts";
import { FormDialog, type Form } from "./form-dialog.ts";
import { showSecrets } from "./secret-dialog.ts";
import type { Connection } from "./types.ts";

const SCOPE = {
  label: "Scope",
  name: "scope",
  mono: true,
  hint: "Separated by spaces. If empty: all scopes.",
};

class ConnectForm extends FormDialog<Connection> {
  userId = "";

  protected override get title_(): string {
    return `Connect ${this.userId} to an app`;
  }

  protected override get verb(): string {
    return "Connect";
  }

  protected override fields(): TemplateResult {
    return html`
      <p>The user has already agreed: the connection is active immediately.</p>
      ${textField({
        label: "App id",
        name: "app_id",
        mono: true,
        required: true,
        first: true,
        error: this.wrong("app_id"),
      })}
      ${textField({ ...SCOPE, error: this.wrong("scope") })}
    `;
  }

  protected override send(form: Form, keyFor: (body: unknown) => string): Promise<Connection> {
    const json = {
      user_id: this.userId,
      app_id: form.text("app_id"),
      scope: form.optional("scope"),
    };
    return createConnection(json, keyFor(json));
  }
}

customElements.define("hs-connect-form", ConnectForm);

/** Opens the form. Whether a connection was made. */
export async function connectFor(userId: string): Promise<boolean> {
  const form = new ConnectForm();
  form.userId = userId;
  const made = await form.open();
  if (made !== undefined) announce("The connection was created.");
  return made !== undefined;
}

type Issued = Awaited<ReturnType<typeof issueTokens>>;

class IssueForm extends FormDialog<Issued> {
  connectionId = "";

  protected override get title_(): string {
    return "Issue tokens";
  }

  protected override get verb(): string {
    return "Issue";
  }

  protected override fields(): TemplateResult {
    return html`
      ${textField({
        label: "Validity of the access token (seconds)",
        name: "ttl",
        type: "number",
        value: "3600",
        min: 1,
        max: 86_400,
        required: true,
        first: true,
        error: this.wrong("ttl"),
      })}
      ${checkField({ label: "With a refresh token", name: "refresh_token", checked: true })}
      ${textField({ ...SCOPE, error: this.wrong("scope") })}
    `;
  }

  protected override send(form: Form, keyFor: (body: unknown) => string): Promise<Issued> {
    const json = {
      ttl: form.number("ttl"),
      refresh_token: form.isOn("refresh_token"),
      scope: form.optional("scope"),
    };
    return issueTokens(this.connectionId, json, keyFor(json));
  }
}

customElements.define("hs-issue-form", IssueForm);

/** Opens the form, then shows the tokens once. Whether any were issued. */
export async function issueUnder(connectionId: string): Promise<boolean> {
  const form = new IssueForm();
  form.connectionId = connectionId;
  const issued = await form.open();
  if (issued === undefined) return false;
  const { access_token, refresh_token } = issued;
  await showSecrets("Tokens issued", [
    { name: "Access token", text: access_token },
    ...(refresh_token === undefined ? [] : [{ name: "Refresh token", text: refresh_token }]),
  ]);
  return true;
}

type Verb = "revoke" | "disable" | "enable";

const QUESTIONS: Record<Verb, { title: string; text: TemplateResult; verb: string; done: string }> =
  {
    revoke: {
      title: "Revoke this connection?",
      text: html`<p>
        The connection and all its tokens are revoked in one write. This cannot be undone.
        Credentials that it stores are then revoked at their provider. To connect again, the user
        must authorize the app again.
      </p>`,
      verb: "Revoke",
      done: "Connection revoked.",
    },
    disable: {
      title: "Disable this connection?",
      text: html`<p>
        All its tokens are <em>inactive</em> until you enable the connection again. Nothing is
        revoked, and the provider is not notified.
      </p>`,
      verb: "Disable",
      done: "Connection disabled.",
    },
    enable: {
      title: "Enable this connection?",
      text: html`<p>Its tokens that have not expired are <em>valid</em> again.</p>`,
      verb: "Enable",
      done: "Connection enabled.",
    },
  };

/** Asks, and does it. Whether it was sent. */
export async function change(id: string, verb: Verb): Promise<boolean> {
  const { done, ...question } = QUESTIONS[verb];
  const changed = await confirm({
    ...question,
    isGrave: verb === "revoke",
    asksReason: true,
    act: (because, keyFor) => changeConnection(id, verb, because, keyFor([verb, because])),
  });
  if (changed === undefined) return false;
  if (!changed.changed) announce(`The connection was already ${changed.previous}.`);
  else if (changed.status !== "revoking") announce(done);
  else announce("Revoked here. The provider is being asked to revoke its credentials.");
  return true;
}

// The console: the front page for whoever is not signed in, and everything else for whoever is.

import { html, nothing, render } from "lit";

import { announce } from "./announce.ts";
import { confirm } from "./confirm.ts";
import { session } from "./session.ts";
import "./shell.ts";
import { codeFromAddress, sessionKeyFor } from "./sign-in-code.ts";
import "./sign-in.ts";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/badges.css";
import "./styles/panels.css";
import "./styles/tables.css";
import "./styles/states.css";
import "./styles/dialogs.css";
import "./styles/front.css";
import "./styles/frame.css";
import "./styles/pages.css";

const front = document.getElementById("front");
const place = document.getElementById("console");

function show(): void {
  front?.toggleAttribute("hidden", session.isSignedIn);
  document.body.classList.toggle("signed-in", session.isSignedIn);
  if (place === null) return;
  render(session.isSignedIn ? html`<hs-shell></hs-shell>` : nothing, place);
  if (session.isSignedIn) return;
  // Whatever was open was of a session that is over; but a secret that was made in it is shown this once.
  for (const dialog of document.querySelectorAll("dialog")) {
    if (dialog.closest("hs-secret") === null) dialog.close();
  }
  document.title = "Hookswitch";
}

/**
 * A link with a sign-in code signs in, when the page is opened by it and when it is entered into the address bar later.
 * It replaces a session only if the person agrees: until then the code stays unused.
 */
async function signInByAddress(): Promise<void> {
  const code = codeFromAddress();
  if (code === undefined) return;
  try {
    const key = session.isSignedIn ? await askToReplace(code) : await sessionKeyFor(code);
    if (key === undefined) return;
    // Nothing of the earlier session stays on the page.
    if (session.isSignedIn) session.signOut();
    await session.signIn(key);
    announce("Signed in.");
  } catch (problem) {
    document.querySelector("hs-sign-in")?.refused(problem);
  }
}

/** The new session key; undefined if the person keeps the session that there is. */
function askToReplace(code: string): Promise<string | undefined> {
  return confirm({
    title: "Replace the current session?",
    text: html`<p>
      This tab is signed in (${session.who}). The link that was just opened signs in as root
      instead.
    </p>`,
    verb: "Sign in with the link",
    act: () => sessionKeyFor(code),
  });
}

// Before the shell listens, so that the shell never takes a code for a page.
addEventListener("hashchange", () => void signInByAddress());
session.addEventListener("change", show);
show();
void signInByAddress();

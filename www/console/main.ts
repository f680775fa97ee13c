// The console: the front page for whoever is not signed in, and everything else for whoever is.

import { html, nothing, render } from "lit";

import { keyFromAddress } from "./fragment.ts";
import { session } from "./session.ts";
import "./shell.ts";
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

/** A link with a key signs in: when the page is opened by it, and when it is put into the address bar later. */
function signInByAddress(): void {
  const key = keyFromAddress();
  if (key === undefined) return;
  session.signIn(key).catch((problem: unknown) => {
    document.querySelector("hs-sign-in")?.refused(problem);
  });
}

// Before the shell is there to listen, so that it never takes a key for a page.
addEventListener("hashchange", signInByAddress);
session.addEventListener("change", show);
show();
signInByAddress();

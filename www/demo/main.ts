// The demo: from a user and an app to a connection that is revoked, with the status before one's eyes.

import { Problem } from "../console/http.ts";
import { codeFromAddress, sessionKeyFor } from "../console/sign-in-code.ts";
import { Refusal, send, type Call } from "./call.ts";
import { Step, button } from "./step.ts";

const USER = "demo-user";
const APP = "demo-app";

/** What the element tells when its button was pressed, and confirmed. */
interface Disconnect {
  waitUntil(work: Promise<unknown>): void;
}

const PUT_USER: Call = { method: "PUT", path: `/v1/users/${USER}`, body: { role: "member" } };
const PUT_APP: Call = {
  method: "PUT",
  path: `/v1/apps/${APP}`,
  body: {
    name: "Demo CRM",
    description: "An app of this demo.",
    scopes: ["contacts.read", "calendar.write"],
    client_type: "public",
  },
};
const MINT: Call = {
  method: "POST",
  path: "/v1/tokens",
  body: { user_id: USER, app_id: APP, ttl: 3600 },
};
const ticketFor = (id: string): Call => ({
  method: "POST",
  path: "/v1/status-tickets",
  body: { connection_id: id },
});
const revocation = (id: string): Call => ({
  method: "POST",
  path: `/v1/connections/${id}/revoke`,
  body: { reason: "The demo is over." },
});

/** The key: in this variable, and nowhere else. */
let key: string | undefined;
let connection: string | undefined;

const link = Object.assign(document.createElement("a"), {
  textContent: "Open the link",
  target: "_blank",
  rel: "noopener",
  // Also while it leads nowhere yet.
  role: "link",
});
const steps = {
  make: new Step("make", button("Create both")),
  link: new Step("link", button("Create a link")),
  show: new Step("show", button("Create a ticket and follow it")),
  open: new Step("open", link),
  revoke: new Step("revoke", button("Revoke the connection")),
};
const again = element("again", HTMLButtonElement);
const field = element("key", HTMLInputElement);
const answer = element("key-answer", HTMLElement);
const place = element("status", HTMLElement);

/** Everything after the link, as it is before there is one. */
function reset(): void {
  connection = undefined;
  const id = "$CONNECTION_ID";
  steps.make.show(PUT_USER, PUT_APP);
  steps.link.show(MINT);
  steps.show.show(ticketFor(id));
  const page = `${location.origin}/connect`;
  steps.open.show(
    `curl "${page}?token=$TOKEN"`,
    `curl -d "token=$TOKEN" -d consent=approve '${page}'`,
  );
  steps.revoke.show(revocation(id));
  link.removeAttribute("href");
  place.replaceChildren();
  place.hidden = true;
  for (const step of [steps.link, steps.show, steps.open, steps.revoke]) {
    step.enable(false);
    step.say("", "open");
  }
  again.disabled = true;
}

/** Does what a step is for; what goes wrong is said there. */
async function take(step: Step, work: (key: string) => Promise<string>): Promise<void> {
  if (key === undefined) return;
  step.enable(false);
  try {
    step.say(await work(key));
  } catch (problem) {
    step.say(words(problem), "problem");
    step.enable(true);
    throw problem;
  }
}

/** What went wrong, for people. */
function words(problem: unknown): string {
  if (problem instanceof Refusal) return problem.message;
  if (problem instanceof Problem) return `${problem.title}. ${problem.detail}`;
  return "The server cannot be reached. Try again.";
}

async function use(candidate: string): Promise<void> {
  answer.classList.remove("problem");
  answer.textContent = "Trying the key…";
  try {
    await send({ method: "GET", path: `/v1/apps/${APP}` }, candidate);
  } catch (problem) {
    // That there is no such app yet is only told to whom may make it.
    if (!(problem instanceof Refusal && problem.status === 404)) {
      sayWrong(problem);
      field.setAttribute("aria-invalid", "true");
      return;
    }
  }
  key = candidate;
  field.value = "";
  field.removeAttribute("aria-invalid");
  answer.textContent = "The key is valid. Continue below.";
  steps.make.enable(true);
}

function sayWrong(problem: unknown): void {
  answer.textContent = words(problem);
  answer.classList.add("problem");
}

async function make(key: string): Promise<string> {
  await send(PUT_USER, key);
  await send(PUT_APP, key);
  steps.link.enable(true);
  return `The user ${USER} and the app ${APP} exist.`;
}

async function mint(key: string): Promise<string> {
  const minted = await send<{ token: string; connection_id: string }>(MINT, key);
  connection = minted.connection_id;
  link.href = `/connect?token=${encodeURIComponent(minted.token)}`;
  steps.show.show(ticketFor(connection));
  steps.revoke.show(revocation(connection));
  steps.show.enable(true);
  again.disabled = false;
  return `The connection ${connection} waits for the user.`;
}

async function show(key: string): Promise<string> {
  const id = connection ?? "";
  const { ticket } = await send<{ ticket: string }>(ticketFor(id), key);
  const status = Object.assign(document.createElement("hookswitch-status"), { ticket });
  status.setAttribute("label", "Demo CRM");
  status.toggleAttribute("disconnectable", true);
  // It stays in sight, so it leaves room for the steps.
  status.toggleAttribute("compact", matchMedia("(width < 45rem)").matches);
  status.addEventListener("hookswitch-change", (event) => {
    if ((event as CustomEvent<{ status: string }>).detail.status !== "active") return;
    steps.open.enable(false);
    steps.open.say("The user agreed.");
  });
  status.addEventListener("hookswitch-disconnect", (event) => {
    (event as CustomEvent<Disconnect>).detail.waitUntil(take(steps.revoke, revoke));
  });
  place.replaceChildren(status);
  place.hidden = false;
  steps.open.enable(true);
  steps.revoke.enable(true);
  return "The element follows the connection.";
}

async function revoke(key: string): Promise<string> {
  await send(revocation(connection ?? ""), key);
  steps.open.enable(false);
  link.removeAttribute("href");
  return "The connection is revoked. The element shows it.";
}

function element<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`there is no #${id}`);
  return found;
}

const ignore = (): void => undefined;
const on = (step: Step, work: (key: string) => Promise<string>): void =>
  step.button.addEventListener("click", () => void take(step, work).catch(ignore));

on(steps.make, make);
on(steps.link, mint);
on(steps.show, show);
on(steps.revoke, revoke);
link.addEventListener("click", () => steps.open.say("The link is open in another tab.", "open"));
again.addEventListener("click", () => {
  reset();
  steps.link.enable(true);
});
element("key-form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void use(field.value.trim());
});

/**
 * A link with a sign-in code opens the demo with a session key, also a link that is entered into the address bar later.
 * It replaces a key only if the person agrees.
 */
async function useAddress(): Promise<void> {
  const code = codeFromAddress();
  if (code === undefined) return;
  const question = "This page has a key. Replace it by a new session as root?";
  if (key !== undefined && !confirm(question)) return;
  try {
    await use(await sessionKeyFor(code));
  } catch (problem) {
    sayWrong(problem);
  }
}
addEventListener("hashchange", () => void useAddress());
reset();
void useAddress();

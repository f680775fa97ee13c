// Finding something by what it is called. What is a secret goes nowhere near the address bar.

import { checkSecret } from "./calls.ts";
import { to } from "./router.ts";

const SECRET = /^(?:hct|hat|hrt|hak)_[0-9a-f]{48}$|^\\x[0-9a-f]{48}$/i;
const OTHER_SECRET = /^(?:hcs_|whsec_|hst_|hsc_|hsk_|root_)/;

/** A secret that there is no look-up for. */
export class NotForFinding extends Error {}

/** Where to go for this text: a user, a connection, a token. Rejects where a token is unknown. */
export async function placeOf(text: string): Promise<string> {
  if (/^ca_[0-9a-f]{48}$/i.test(text)) return to.connection(text);
  if (/^tok_[0-9a-f]{48}$/i.test(text)) return to.token(text);
  if (SECRET.test(text)) return to.token((await checkSecret(text)).token_id);
  if (OTHER_SECRET.test(text)) throw new NotForFinding();
  return to.user(text);
}

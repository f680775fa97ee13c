// `npm run sign-in`: prints links that sign in to the console and the demo of the local server.
//
//     npm run sign-in -- https://hookswitch.example   of a deployment, with its root key in HOOKSWITCH_ROOT_KEY

import { readDevVars } from "./lib/dev-vars.mjs";
import { Failure, runMain } from "./lib/failure.mjs";
import { wantedPort } from "./lib/port.mjs";
import { signInLinks } from "./lib/sign-in.mjs";

await runMain(async () => {
  const given = process.argv[2];
  // The key of the local server is never sent elsewhere.
  const rootKey =
    process.env.HOOKSWITCH_ROOT_KEY ??
    (given === undefined ? readDevVars().HOOKSWITCH_ROOT_KEY : undefined);
  if (!rootKey) {
    throw new Failure(
      "There is no root key: set HOOKSWITCH_ROOT_KEY, or run npm start once for a local server.",
    );
  }
  const url = (given ?? `http://127.0.0.1:${wantedPort()}`).replace(/\/+$/, "");
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Failure("The address is not a URL: give one that begins with https://.");
  }
  console.log(await signInLinks(url, rootKey));
});

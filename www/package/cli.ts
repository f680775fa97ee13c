// The program `hookswitch`, for Node.

import { main } from "../cli/program.ts";

// A reader that closes the pipe, such as `head`, has enough.
process.stdout.on("error", ({ code }: { code?: string }) => process.exit(code === "EPIPE" ? 0 : 1));
process.exitCode = await main(process.argv.slice(2), process.env);

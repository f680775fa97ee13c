// How the scripts fail: one sentence with the cause and the remedy.

/** A failure that the developer can act on; its message is the whole story, so no stack is printed. */
export class Failure extends Error {}

/**
 * Runs a script's main function; its number, if it gives one, is the exit code.
 * @param {() => Promise<number | void>} main
 */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (error instanceof Failure) {
      console.error(`\n✗ ${error.message}`);
    } else {
      console.error(error);
    }
    process.exitCode = 1;
  }
}

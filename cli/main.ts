import { type Command, CommanderError } from 'commander';
import { endWhenNobodyReads } from './closed-output.ts';
import { program } from './program.ts';
import { reportError } from './report-error.ts';

/**
 * Exit codes: 0 means that everything is done, 1 that some inputs failed (each is named on standard
 * error), 2 that the command was used wrongly.
 */
const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;

endWhenNobodyReads();
await run(process.argv);

async function run(argv: readonly string[]): Promise<void> {
  try {
    await throwingUsageErrors(program()).parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has already printed its message. Only help and version exit with 0.
      process.exitCode = error.exitCode === 0 ? 0 : EXIT_WRONG_USE;
      return;
    }
    process.exitCode = reportError(error) === 'wrong-use' ? EXIT_WRONG_USE : EXIT_FAILED;
  }
}

/** Makes commander throw. It would otherwise exit with 1, which here means a failed input. */
function throwingUsageErrors(command: Command): Command {
  command.exitOverride().showHelpAfterError('(run the command with --help to see its arguments and options)');
  for (const child of command.commands) throwingUsageErrors(child);
  return command;
}

import { AutoSwiftNetError } from '../classifier/errors.ts';
import { ConfigurationError } from '../functions/errors.ts';

/**
 * Prints an error on standard error: one line for what input or the machine caused, everything for a defect of ours.
 * `prefix` names the input, where the message does not.
 */
export function reportError(error: unknown, prefix = 'autoswiftnet'): 'wrong-use' | 'failed' {
  const expected = isExpected(error);
  if (expected && process.env['AUTOSWIFTNET_DEBUG'] !== '1') {
    process.stderr.write(`${prefix}: ${oneLine(error.message)}\n`);
  } else {
    const text = error instanceof Error ? describe(error) : String(error);
    process.stderr.write(`${prefix}: ${text}\n`);
    if (!expected)
      process.stderr.write('This is a bug in autoswiftnet. Please report it and include the lines above.\n');
  }
  return error instanceof ConfigurationError ? 'wrong-use' : 'failed';
}

/** Whether input or the machine caused it; anything else is a defect. */
export function isExpected(error: unknown): error is Error {
  return error instanceof AutoSwiftNetError || isOfTheSystem(error);
}

/** Text from outside (a file's name, a label) with nothing in it that a terminal would obey. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${describe(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

/** Node's own errors of the system (no such file, no space left, address in use) name the call that failed. */
function isOfTheSystem(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

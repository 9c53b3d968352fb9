import { AutoSwiftNetError } from '../classifier/errors.ts';
import { ConfigurationError } from '../functions/errors.ts';

/**
 * Prints an error on standard error: one line if the input or the machine caused it, and the whole
 * stack trace if it is a bug of ours.
 * @param prefix names the input, for messages that do not name it themselves
 */
export function reportError(error: unknown, prefix = 'autoswiftnet'): 'wrong-use' | 'failed' {
  const expected = isExpected(error);
  const subject = oneLine(prefix);
  if (expected && process.env['AUTOSWIFTNET_DEBUG'] !== '1') {
    process.stderr.write(`${subject}: ${oneLine(error.message)}\n`);
  } else {
    const text = error instanceof Error ? describe(error) : String(error);
    process.stderr.write(`${subject}: ${text.split('\n').map(oneLine).join('\n')}\n`);
    if (!expected)
      process.stderr.write('This is a bug in autoswiftnet. Please report it and include the lines above.\n');
  }
  return error instanceof ConfigurationError ? 'wrong-use' : 'failed';
}

/** Tells whether the input or the machine caused an error. Any other error is a bug. */
export function isExpected(error: unknown): error is Error {
  return error instanceof AutoSwiftNetError || isOfTheSystem(error);
}

/**
 * Makes outside text (a file name, a label) safe to print: control characters, which a terminal
 * would obey, become spaces, and so do separators of lines and marks that turn the direction in
 * which a text is shown, by which `gnp.exe` looks like `exe.png`.
 */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ');
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${describe(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

/**
 * System errors of Node (file not found, no space left, address in use) name the call that failed.
 */
function isOfTheSystem(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

import { createInterface } from 'node:readline/promises';
import { EXIT_CODES } from '../exit-on-signals.ts';

/** Where a question is asked, and answered. */
interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks a question, by default on standard error. Only `y` and `yes` mean yes. Ctrl-D means no, and
 * so does Ctrl-C, after which the program exits with 130.
 */
export async function confirm(
  question: string,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<boolean> {
  const asking = new AbortController();
  const prompt = createInterface({ input, output });
  prompt.once('SIGINT', () => {
    process.exitCode = EXIT_CODES.SIGINT;
    asking.abort();
  });
  prompt.once('close', () => asking.abort());
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `, { signal: asking.signal })).trim());
  } catch (error) {
    if (!asking.signal.aborted) throw error;
    output.write('\n');
    return false;
  } finally {
    prompt.close();
  }
}

/** Exit code of a process whose reader is gone, as shells define it: 128 and SIGPIPE's number. */
export const EXIT_CLOSED_OUTPUT = 141;

let end = (): void => process.exit();

/**
 * Ends the process without a message once nobody reads its output: `autoswiftnet … | head` closes
 * the pipe early. The exit code then says that the work did not come to its end, unless it says
 * already that something failed.
 */
export function endWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exitCode ||= EXIT_CLOSED_OUTPUT;
      end();
    });
  }
}

/**
 * Lets a command end in its own way instead, because it has something to remove first.
 * @param own called for each piece of output that nobody reads
 */
export function onClosedOutput(own: () => void): void {
  end = own;
}

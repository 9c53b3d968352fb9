/** Exit codes of a process that a signal ended, as shells define them: 128 and its number. */
export const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Ends the process without a message when it is interrupted. What was printed for finished inputs
 * stays. Without this, a container whose first process is this one would ignore Ctrl-C.
 */
export function exitOnSignals(): void {
  for (const [signal, code] of Object.entries(EXIT_CODES)) {
    // The pause lets other listeners remove their temporary files first.
    process.on(signal, () => setImmediate(() => process.exit(code)));
  }
}

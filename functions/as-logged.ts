/**
 * Returns what was thrown in the form that Powertools' logger takes: an error with its stack and
 * cause, anything else as text.
 */
export function asLogged(error: unknown): Error | string {
  return error instanceof Error ? error : String(error);
}

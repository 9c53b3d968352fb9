/**
 * Returns the message of anything that was thrown, or the thing itself as text when it has no
 * message. It looks for `message` instead of `instanceof Error`, because an error from another
 * realm (a worker thread or a sandbox) is not an instance of this realm's `Error`.
 * @example
 * messageOf(new Error('no such file')) // no such file
 * messageOf('aborted') // aborted
 */
export function messageOf(error: unknown): string {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error;
  return hasMessage && typeof error.message === 'string' ? error.message : String(error);
}

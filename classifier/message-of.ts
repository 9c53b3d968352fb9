/**
 * The message of whatever was thrown, or the thing itself as text when it has none. Looks for `message` instead of asking
 * `instanceof Error`: an error of another realm (a worker thread's, a sandbox's) is no instance of this one's `Error`.
 * @example messageOf(new Error('no such file')) // no such file
 * @example messageOf('aborted') // aborted
 */
export function messageOf(error: unknown): string {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error;
  return hasMessage && typeof error.message === 'string' ? error.message : String(error);
}

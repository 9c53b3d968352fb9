/**
 * Returns the `code` of an error (`EEXIST`, or one of ours). It also works for errors of another
 * realm: in a sandbox, the errors of Node are not instances of the sandbox's Error.
 */
export function errorCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

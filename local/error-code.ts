/** The `code` of an error (`EEXIST`, or one of ours), whatever realm it was made in: Node's own are not `instanceof` a sandbox's Error. */
export function errorCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

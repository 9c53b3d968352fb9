/** Options of curl with a value: `['-H', 'content-type: image/jpeg']`. */
export type CurlOption = readonly [name: string, value: string];

/**
 * Makes a command for a POSIX shell that sends a request by curl.
 * @param token the user's token, if the API asks for one
 * @example
 * curl 'http://127.0.0.1:3000/models' \
 *   -H 'authorization: Bearer TOKEN'
 */
export function curl(url: string, token: string | null, options: readonly CurlOption[] = []): string {
  const all = [...(token === null ? [] : [['-H', `authorization: Bearer ${token}`] as const]), ...options];
  const lines = all.map(([name, value]) => `${name} ${shellWord(value)}`);
  return [`curl ${shellWord(url)}`, ...lines].join(' \\\n  ');
}

/** Quotes a text for a POSIX shell. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

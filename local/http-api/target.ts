/** Where a request goes. */
export interface Target {
  /** Percent-decoded. */
  readonly path: string;
  /** As it was sent, without its question mark. */
  readonly query: string;
}

/**
 * Reads a request's target as HTTP APIs do: the path is decoded, and cut off at a question mark that was encoded in it (seen on AWS:
 * https://github.com/hotsock/voker/pull/8). What is no UTF-8 becomes U+FFFD; a stray percent sign stays.
 * @param url as Node has it: a path with its query, or a whole URL from a client that takes this for a proxy
 */
export function parseTarget(url = '/'): Target {
  const target = url.startsWith('/') ? url : url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '') || '/';
  const mark = target.indexOf('?');
  const path = percentDecode(mark < 0 ? target : target.slice(0, mark));
  return { path: path.split('?', 1)[0] ?? '', query: mark < 0 ? '' : target.slice(mark + 1) };
}

function percentDecode(text: string): string {
  return text.replace(/(%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString());
}

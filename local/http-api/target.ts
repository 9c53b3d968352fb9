/** The address that a request asks for. */
export interface Target {
  /** Percent-decoded. */
  readonly path: string;
  /** As it was sent, without the question mark. */
  readonly query: string;
}

/**
 * Reads the target of a request as API Gateway's HTTP API does. The path is decoded, and cut off at
 * a question mark that was encoded in it (observed on AWS:
 * https://github.com/hotsock/voker/pull/8). Bytes that are not UTF-8 become U+FFFD; a stray percent
 * sign stays. An address without a path asks for `/`.
 * @param url as Node gives it: a path with its query, or a whole URL from a client that takes this
 * server for a proxy
 */
export function parseTarget(url = '/'): Target {
  const target = url.startsWith('/') ? url : url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '');
  const mark = target.indexOf('?');
  const path = percentDecode(mark < 0 ? target : target.slice(0, mark));
  return { path: path.split('?', 1)[0] || '/', query: mark < 0 ? '' : target.slice(mark + 1) };
}

function percentDecode(text: string): string {
  return text.replace(/(%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString());
}

import type { Random } from '../random.ts';
import { hostileText } from '../texts/hostile-texts.ts';
import type { ChangeRequest } from './change-target.ts';
import { type HostileRequest, setHeader } from './hostile-request.ts';

const TYPES = [
  'application/json',
  'application/json;charset=utf-16',
  'APPLICATION/JSON ; a="b;c"',
  'application/json, image/png',
  'image/*',
  'image/jpeg; q=1',
  'multipart/form-data',
  'multipart/form-data; boundary=',
  'multipart/form-data; boundary="',
  'multipart/mixed; boundary=x',
  'application/x-www-form-urlencoded',
  'text/plain',
  'text/html; charset=x',
  'binary/octet-stream',
  '/',
  ';',
  '',
  'a/b/c',
];
const ENCODINGS = ['gzip', 'deflate', 'br', 'identity', 'gzip, gzip', 'GZIP', 'zstd', 'x', '', '*', 'gzip;q=1', ','];
const ORIGINS = [
  'https://page.example',
  'https://a.pages.example',
  'https://page.example.evil.example',
  'https://page.example@evil.example',
  'null',
  '',
  '*',
  'https://page.example, https://page.example',
  'file://',
  'javascript:alert(1)',
];
const HOSTS = [
  'evil.example',
  '127.0.0.1',
  '127.0.0.1:99999',
  'localhost.',
  '[::1]',
  '',
  'LOCALHOST',
  '127.0.0.1@evil.example',
  'a b',
];
const ETAGS = ['*', '"', 'W/"a"', '"a", "b"', ',', '""', `${'"a",'.repeat(2000)}"b"`];
const NAMES = [
  'accept',
  'cookie',
  'authorization',
  'range',
  'x-forwarded-for',
  'accept-encoding',
  'te',
  'expect',
  'upgrade',
  'trailer',
];
const STRANGE_NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'x',
  'content-length',
  'transfer-encoding',
  'host',
  'connection',
];
const LONG = 9_000;
const MANY = 150;

/** Changes of the headers. */
export const HEADER_CHANGES: Readonly<Record<string, ChangeRequest>> = {
  'header: content-type': (request, random) => setHeader(request, 'content-type', random.oneOf(TYPES)),
  'header: content-encoding': (request, random) => setHeader(request, 'content-encoding', random.oneOf(ENCODINGS)),
  'header: origin': (request, random) => setHeader(request, 'origin', originOf(random)),
  'header: preflight': (request, random) => {
    request.method = 'OPTIONS';
    setHeader(request, 'origin', originOf(random));
    setHeader(request, 'access-control-request-method', random.oneOf(['POST', 'x', '', '*']));
    if (random.isChance(0.5)) setHeader(request, 'access-control-request-headers', hostileText(random));
  },
  'header: host': (request, random) => setHeader(request, 'host', random.oneOf(HOSTS)),
  'header: idempotency-key': (request, random) =>
    setHeader(request, 'idempotency-key', random.isChance(0.5) ? hostileText(random) : random.oneOf(['a', 'b'])),
  'header: if-none-match': (request, random) => setHeader(request, 'if-none-match', random.oneOf(ETAGS)),
  'header: a hostile text': (request, random) => setHeader(request, random.oneOf(NAMES), hostileText(random)),
  'header: a strange name': (request, random) => {
    const name = random.isChance(0.6) ? random.oneOf(STRANGE_NAMES) : hostileText(random);
    request.headers.push([name, random.oneOf(['1', '', 'chunked', 'close', '-1'])]);
  },
  'header: given twice': (request, random) => {
    const header = random.oneOf([
      ...request.headers,
      ['content-type', 'image/png'] as const,
      ['cookie', 'a=b'] as const,
    ]);
    for (let times = 1 + random.below(5); times > 0; times -= 1) request.headers.push(header);
  },
  'header: very long': (request, random) => setHeader(request, random.oneOf(NAMES), 'x'.repeat(random.below(2 * LONG))),
  'header: very many': (request, random) => manyHeaders(request, random),
  'header: control characters': (request, random) =>
    setHeader(request, random.oneOf(NAMES), `a${String.fromCharCode(random.below(0x20))}b\u007f\u0080`),
};

function originOf(random: Random): string {
  return random.isChance(0.8) ? random.oneOf(ORIGINS) : hostileText(random);
}

function manyHeaders(request: HostileRequest, random: Random): void {
  for (let at = random.below(MANY); at > 0; at -= 1) request.headers.push([`x-${at}`, String(at)]);
}

import type { Random } from '../random.ts';
import { hostileText } from '../texts/hostile-texts.ts';
import { changePath, changeQuery, type HostileRequest } from './hostile-request.ts';

export type ChangeRequest = (request: HostileRequest, random: Random) => void;

const TRAVERSAL = ['/../', '/./', '//', '/%2e%2e/', '/%2E%2E%2F', '/..;/', '/..\\', '\\', '/', '/%5c..', ';a=b'];
const ESCAPES = [
  '%',
  '%z',
  '%zz',
  '%00',
  '%0d%0a',
  '%c0%af',
  '%ff',
  '%ed%a0%80',
  '%u0041',
  '%2561',
  '%3f',
  '%2f',
  '%23',
];
const NUMBERS = ['9'.repeat(400), '1e309', '-1e309', '1e-400', '9007199254740993', '0b11', '0x7fffffff', '١٢', '1_000'];
const WRONG = [
  'true',
  'TRUE',
  '1,2',
  '[1]',
  '{"$gt":0}',
  'NaN',
  'null',
  '',
  '+5',
  ' 5',
  '5 ',
  '5.0',
  '05',
  '%00',
  '\u0001',
];
const NAMES = ['top', 'limit', 'label', 'query', 'order', 'cursor', 'model', 'explain', 'minProbability', 'bucket'];
const STRANGE_NAMES = ['__proto__', 'constructor', 'top[]', 'label[$ne]', 'toString', '', 'TOP', 'bucket%00', 'a.b'];
const BUCKETS = [
  'scans',
  'bucket',
  'service',
  '',
  '..',
  'scans/',
  'SCANS',
  '__proto__',
  'scans%00',
  '%E0%A4%A',
  'a'.repeat(64),
];
const METHODS = ['HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'get', 'PROPFIND', 'M-SEARCH', 'GET'];
const FAR = 12_000;

/** Changes of the method, the path and the query. */
export const TARGET_CHANGES: Readonly<Record<string, ChangeRequest>> = {
  'another method': (request, random) => {
    request.method = random.oneOf(METHODS);
  },
  'path: traversal': (request, random) => changePath(request, (path) => insert(path, random.oneOf(TRAVERSAL), random)),
  'path: escapes': (request, random) => changePath(request, (path) => insert(path, random.oneOf(ESCAPES), random)),
  'path: hostile segment': (request, random) =>
    changePath(request, (path) => {
      const segments = path.split('/');
      const text = hostileText(random);
      segments[1 + random.below(segments.length)] = random.isChance(0.7) ? escaped(text) : text;
      return segments.join('/');
    }),
  'path: very long': (request, random) =>
    changePath(request, (path) => path + random.oneOf(['/', 'A', '/a', '%2e', '../']).repeat(random.below(FAR))),
  'path: whole address': (request, random) => {
    request.target = random.oneOf(['http://evil.example', 'http://127.0.0.1', '//evil.example', '*']) + request.target;
  },
  'query: given twice': (request, random) =>
    changeQuery(request, (query) => {
      const pairs = query.split('&');
      return [...pairs, ...Array(1 + random.below(200)).fill(random.oneOf(pairs))].join('&');
    }),
  'query: a number': (request, random) =>
    changeQuery(request, (query) => withPair(query, random.oneOf(NAMES), random.oneOf(NUMBERS))),
  'query: a wrong type': (request, random) =>
    changeQuery(request, (query) => withPair(query, random.oneOf(NAMES), random.oneOf(WRONG))),
  'query: a hostile text': (request, random) =>
    changeQuery(request, (query) => withPair(query, random.oneOf(NAMES), escaped(hostileText(random)))),
  'query: a strange name': (request, random) =>
    changeQuery(request, (query) => withPair(query, random.oneOf(STRANGE_NAMES), '1')),
  'query: escapes': (request, random) => changeQuery(request, (query) => insert(query, random.oneOf(ESCAPES), random)),
  'query: very many': (request, random) =>
    changeQuery(request, () => Array.from({ length: random.below(3000) }, (_, index) => `p${index}=1`).join('&')),
  'query: bucket': (request, random) =>
    changeQuery(request, (query) => withPair(query, 'bucket', random.oneOf(BUCKETS))),
};

/** A URL holds no half surrogate pair. */
function escaped(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

function withPair(query: string, name: string, value: string): string {
  const others = query.split('&').filter((pair) => pair !== '' && !pair.startsWith(`${name}=`));
  return [...others, `${name}=${value}`].join('&');
}

function insert(text: string, by: string, random: Random): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + by + text.slice(at);
}

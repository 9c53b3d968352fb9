import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { BOUNDARY, field, file, form } from '../../functions/api/bodies.ts';
import { KEY } from '../../functions/api/made-requests.ts';
import type { Random } from '../random.ts';
import { JSON_CHANGES } from '../texts/change-json.ts';
import { hostileText } from '../texts/hostile-texts.ts';
import type { ChangeRequest } from './change-target.ts';
import { type HostileRequest, setHeader } from './hostile-request.ts';

/** Its default takes seconds for the bomb. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const COMPRESSIONS = {
  gzip: (bytes: Buffer) => gzipSync(bytes),
  deflate: (bytes: Buffer) => deflateSync(bytes),
  br: (bytes: Buffer) => brotliCompressSync(bytes, BROTLI),
};
/** Far more than the limit of a body. */
const BOMB = Buffer.alloc(64 * 1024 * 1024);
const bombs = new Map<string, Buffer>();

/** Most go to where they are read. */
const TARGETS = [
  '/classify',
  '/classify?top=3',
  '/classify?bucket=scans',
  '/classify?model=auto&explain=true',
  '/uploads',
];
const TARGET_SHARE = 0.9;

/** Changes of the body. Most are given the target and the media type that they need. */
export function bodyChanges(picture: Buffer): Readonly<Record<string, ChangeRequest>> {
  const changes = Object.entries(changesOf(picture)).map(([name, change]): [string, ChangeRequest] => [
    name,
    (request, random) => {
      if (random.isChance(TARGET_SHARE)) {
        request.method = 'POST';
        request.target = random.oneOf(TARGETS);
      }
      change(request, random);
    },
  ]);
  return Object.fromEntries(changes);
}

function changesOf(picture: Buffer): Readonly<Record<string, ChangeRequest>> {
  return {
    'body: JSON': (request, random) => setJson(request, changedJson(picture, random)),
    'body: JSON with names twice': (request, random) =>
      setJson(request, `{"key":"a","__proto__":{"key":${JSON.stringify(hostileText(random))}},"key":"${KEY}"}`),
    'body: JSON in other bytes': (request, random) => {
      const text = `{"key":"${KEY}"}`;
      setJson(request, random.oneOf([Buffer.from(text, 'utf16le'), Buffer.from(`\ufeff${text}`), random.bytes(30)]));
    },
    'body: a form': (request, random) => setForm(request, picture, random),
    'body: a form that is cut off': (request, random) => {
      setForm(request, picture, random);
      request.body = request.body.subarray(0, random.below(request.body.length));
    },
    'body: a form with another boundary': (request, random) => {
      setForm(request, picture, random);
      const boundary = random.oneOf(['', '-', BOUNDARY.slice(1), `${BOUNDARY}-`, 'x'.repeat(300), '"', `"${BOUNDARY}`]);
      setHeader(request, 'content-type', `multipart/form-data; boundary=${boundary}`);
    },
    'body: a form of very many parts': (request, random) => {
      const parts = Array.from({ length: random.below(3000) }, (_, index) => field(`f${index}`, 'x'));
      put(request, form([...parts, file(picture)]));
    },
    'body: bytes of a form changed': (request, random) => {
      setForm(request, picture, random);
      for (let times = random.below(10); times >= 0; times -= 1) {
        request.body[random.below(Math.min(400, request.body.length))] = random.below(256);
      }
    },
    'body: compressed': (request, random) => {
      const name = random.oneOf(['gzip', 'deflate', 'br'] as const);
      setHeader(request, 'content-encoding', name);
      const whole = COMPRESSIONS[name](random.isChance(0.7) ? picture : request.body);
      request.body = random.isChance(0.6) ? whole : whole.subarray(0, random.below(whole.length));
    },
    'body: very much compressed': (request, random) => {
      const name = random.oneOf(['gzip', 'deflate', 'br'] as const);
      setHeader(request, 'content-encoding', name);
      const bomb = bombs.get(name) ?? COMPRESSIONS[name](BOMB);
      bombs.set(name, bomb);
      request.body = bomb;
    },
    'body: compressed bytes changed': (request, random) => {
      setHeader(request, 'content-encoding', 'gzip');
      request.body = gzipSync(picture);
      request.body[random.below(Math.min(40, request.body.length))] = random.below(256);
    },
    'body: nothing': (request) => {
      request.body = Buffer.alloc(0);
    },
  };
}

function changedJson(picture: Buffer, random: Random): string {
  const whole = random.oneOf([
    JSON.stringify({ key: KEY }),
    JSON.stringify({ contentType: 'image/jpeg' }),
    JSON.stringify({ image: picture.toString('base64') }),
    JSON.stringify({ image: `data:image/jpeg;base64,${picture.toString('base64url')}` }),
  ]);
  return JSON_CHANGES[random.oneOf(Object.keys(JSON_CHANGES))]?.(whole, random) ?? whole;
}

function setJson(request: HostileRequest, body: string | Buffer): void {
  setHeader(request, 'content-type', 'application/json');
  request.body = Buffer.from(body as string);
}

function setForm(request: HostileRequest, picture: Buffer, random: Random): void {
  const name = () => hostileText(random).replaceAll('"', '');
  const one = () =>
    random.oneOf([file(picture), file(picture, { name: name(), fileName: name() }), field(name(), 'x')]);
  put(request, form(Array.from({ length: random.below(4) }, one)));
}

function put(request: HostileRequest, made: ReturnType<typeof form>): void {
  setHeader(request, 'content-type', made.headers['content-type'] ?? '');
  request.body = made.body;
}

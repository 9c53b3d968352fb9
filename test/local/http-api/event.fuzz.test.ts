import fc from 'fast-check';
import { readRequest } from '../../../functions/api/request.ts';
import { toHttpEvent } from '../../../local/http-api/event.ts';
import { parseTarget } from '../../../local/http-api/target.ts';

const SEED = 20_261_125;
const NOW = new Date('2026-11-25T12:00:00Z');

const text = fc.string({ unit: 'binary' }).map((value) => Buffer.from(value).toString());
const contentType = fc.constantFrom(
  'image/png',
  'application/json',
  'text/plain; charset=utf-8',
  'a',
  '',
  'application/octet-stream',
  'multipart/form-data; boundary=a',
  'application/x-www-form-urlencoded',
);

function eventOf(url: string, headers: readonly (readonly [string, string])[], body: Uint8Array) {
  const request = {
    method: 'POST',
    url,
    httpVersion: '1.1',
    rawHeaders: headers.flat(),
    sourceIp: '192.0.2.1',
    port: 1,
  };
  // Lambda hands it over as JSON.
  return JSON.parse(JSON.stringify(toHttpEvent(request, body, NOW)));
}

test('every request becomes an event that the function can read, whatever its target and headers', () => {
  const header = fc.tuple(fc.string(), fc.string());
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.array(header), fc.uint8Array(), (url, headers, body) => {
      const { path, query } = readRequest(eventOf(url, headers, body));

      expect(path).toBe(parseTarget(url).path);
      expect(query.toString()).toBe(new URLSearchParams(parseTarget(url).query).toString());
    }),
    { seed: SEED, numRuns: 1000 },
  );
});

test('bytes arrive unchanged, whatever their media type, and text arrives as text', () => {
  fc.assert(
    fc.property(contentType, fc.uint8Array(), text, (type, bytes, words) => {
      const sent = /^(text|application\/json)/.test(type) ? Buffer.from(words) : Buffer.from(bytes);

      const { body } = readRequest(eventOf('/', [['content-type', type]], sent));

      expect(body.size).toBe(sent.length);
      expect(body.bytes().equals(sent)).toBe(true);
    }),
    { seed: SEED, numRuns: 1000 },
  );
});

test('a path arrives decoded, up to a question mark', () => {
  fc.assert(
    fc.property(fc.array(text), (parts) => {
      const path = `/${parts.join('/')}`;

      expect(parseTarget(`/${parts.map(encodeURIComponent).join('/')}?q`)).toEqual({
        path: path.split('?')[0],
        query: 'q',
      });
    }),
    { seed: SEED, numRuns: 500 },
  );
});

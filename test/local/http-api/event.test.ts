import { readdirSync, readFileSync } from 'node:fs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import { toHttpEvent } from '../../../local/http-api/event.ts';

const FOLDER = new URL('../../fixtures/events/http-api/', import.meta.url);
const NOW = new Date('2024-06-17T15:52:39.080Z');

const captureSchema = z.object({
  about: z.string(),
  request: z.object({
    method: z.string(),
    target: z.string(),
    headers: z.array(z.tuple([z.string(), z.string()])),
    bodyBase64: z.string(),
  }),
  event: z.looseObject({ requestContext: z.looseObject({}) }),
});

const captures = readdirSync(FOLDER).map((name) => ({
  name,
  ...captureSchema.parse(JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))),
}));

/** Fields that differ between APIs and between requests. They must be there all the same. */
const OF_ITS_OWN = [
  ['requestContext', 'accountId'],
  ['requestContext', 'apiId'],
  ['requestContext', 'domainPrefix'],
  ['requestContext', 'requestId'],
  ['headers', 'x-amzn-trace-id'],
  ['headers', 'x-forwarded-port'],
  ['headers', 'x-forwarded-proto'],
] as const;

/** The local gateway asks nobody to log in. */
function comparable(event: object): unknown {
  const copy = structuredClone(event) as Record<string, Record<string, unknown>>;
  delete copy['requestContext']?.['authorizer'];
  for (const [part, field] of OF_ITS_OWN) {
    const value = copy[part]?.[field];
    if (copy[part] !== undefined) copy[part][field] = typeof value;
  }
  return copy;
}

function eventOf({
  method,
  target,
  headers,
  bodyBase64,
}: (typeof captures)[number]['request']): APIGatewayProxyEventV2 {
  const request = { method, url: target, httpVersion: '1.1', rawHeaders: headers.flat(), sourceIp: '203.0.113.7' };
  return toHttpEvent({ ...request, port: 3000 }, Buffer.from(bodyBase64, 'base64'), NOW);
}

test.each(captures)('$name: $about', ({ request, event }) => {
  expect(comparable(eventOf(request))).toEqual(comparable(event));
});

test('every request has its own id and trace', () => {
  const [first, second] = [0, 1].map(() => eventOf({ method: 'GET', target: '/', headers: [], bodyBase64: '' }));

  expect(first?.requestContext.requestId).toMatch(/^[\w+/]{15}=$/);
  expect(first?.requestContext.requestId).not.toBe(second?.requestContext.requestId);
  expect(first?.headers['x-amzn-trace-id']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
});

test('a client behind a proxy keeps its address, and the connection keeps its own headers', () => {
  const headers: [string, string][] = [
    ['X-Forwarded-For', '198.51.100.1'],
    ['Connection', 'keep-alive'],
    ['Transfer-Encoding', 'chunked'],
    ['__proto__', 'x'],
  ];

  const event = eventOf({ method: 'POST', target: '/classify', headers, bodyBase64: 'YWJj' });

  expect(event.headers).toMatchObject({ 'x-forwarded-for': '198.51.100.1, 203.0.113.7', 'content-length': '3' });
  expect(Object.keys(event.headers)).not.toEqual(expect.arrayContaining(['connection']));
  expect(Object.hasOwn(event.headers, '__proto__')).toBe(true);
});

test.each([
  ['/%', '/%'],
  ['/%zz', '/%zz'],
  ['/%ff', '/\ufffd'],
  ['http://127.0.0.1:3000/models?x', '/models'],
  ['http://127.0.0.1:3000?x', '/'],
  ['*', '*'],
  ['', '/'],
])('the target %j has the path %j', (target, path) => {
  expect(eventOf({ method: 'GET', target, headers: [], bodyBase64: '' }).rawPath).toBe(path);
});

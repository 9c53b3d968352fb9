import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { healthOf } from '../../functions/api/health.ts';
import { PortTakenError } from '../../local/errors.ts';
import { type Gateway, type Health, type ServeFile, startGateway } from '../../local/gateway.ts';
import type { Invoke } from '../../local/http-api/serve.ts';
import { listen, preferPort } from '../../local/listen.ts';

const HEALTH: Health = {
  ...healthOf({ modelNames: ['sample'], auth: null, maxImageBytes: 1000 }),
  endpoints: { s3: 'http://127.0.0.1:1' },
  bucket: 'uploads',
  queues: { uploads: 'http://127.0.0.1:2/uploads' },
  table: 'table',
};

/** A page that consists of one file. */
const servePage: ServeFile = (request, response) => {
  if (request.url !== '/page.html') return false;
  response.end('the page');
  return true;
};

/** A function that returns the request it received. */
const echo: Invoke = async (event) => ({
  statusCode: 418,
  headers: { 'x-from': 'function' },
  body: JSON.stringify(event),
});

let gateway: Gateway;
let health: Health;
let api: Invoke | undefined;

beforeEach(async () => {
  health = HEALTH;
  api = echo;
  gateway = await startGateway(0, { health: () => health, api: () => api, serveFile: servePage });
});

afterEach(() => gateway.close());

test('GET /health says what runs', async () => {
  const response = await fetch(`${gateway.url}/health?x=1`);

  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual(HEALTH);
});

test.each(['starting', 'stopping'] as const)('%s is a 503 that says when to ask again', async (status) => {
  health = { ...HEALTH, status };

  const response = await fetch(`${gateway.url}/health`);

  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('1');
  expect(await response.json()).toMatchObject({ status });
});

test.each([
  ['GET', '/images?label=a'],
  ['POST', '/classify'],
  ['POST', '/health'],
  ['GET', '/'],
  ['GET', '/nothing'],
  ['GET', '/__proto__'],
  ['GET', '//health'],
  ['POST', '/page.html'],
])('%s %s goes to the function', async (method, target) => {
  const response = await fetch(`${gateway.url}${target}`, { method });

  expect(response.status).toBe(418);
  expect(response.headers.get('x-from')).toBe('function');
  const [rawPath, rawQueryString = ''] = target.split('?');
  expect(await response.json()).toMatchObject({ rawPath, rawQueryString, requestContext: { http: { method } } });
});

test('a path that is not a route is first looked up among the files', async () => {
  const response = await fetch(`${gateway.url}/page.html`);

  expect([response.status, await response.text()]).toEqual([200, 'the page']);
});

/** A function whose answer is worth compressing, unless its type says otherwise. */
const large = (headers: Readonly<Record<string, string>>): Invoke => {
  return async () => ({ statusCode: 200, headers, body: 'text '.repeat(1000) });
};

test.each([
  ['gzip, deflate, br', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['identity', null],
  ['zstd', null],
])('a client that accepts %s gets the encoding %s', async (accepted, encoding) => {
  api = large({ 'content-type': 'application/json', vary: 'origin' });

  const response = await fetch(`${gateway.url}/models`, { headers: { 'accept-encoding': accepted } });

  expect(response.headers.get('content-encoding')).toBe(encoding);
  expect(response.headers.get('vary')?.toLowerCase()).toBe('origin, accept-encoding');
  expect(await response.text()).toBe('text '.repeat(1000));
});

test.each([
  ['a picture', large({ 'content-type': 'image/webp' }), null],
  [
    'what the function has compressed',
    async () => ({
      statusCode: 200,
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(randomBytes(5_000)).toString('base64'),
      isBase64Encoded: true,
    }),
    'gzip',
  ],
  [
    'a small answer',
    async () => ({ statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{}' }),
    null,
  ],
])('%s is sent as it is', async (_what, invoke: Invoke, encoding) => {
  api = invoke;

  const response = await fetch(`${gateway.url}/models`, { headers: { 'accept-encoding': 'br, gzip' } });

  expect(response.headers.get('content-encoding')).toBe(encoding);
  expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0);
});

test.each(['application/yaml', 'application/problem+json', 'text/html; charset=utf-8'])(
  '%s is compressed',
  async (type) => {
    api = large({ 'content-type': type });

    const response = await fetch(`${gateway.url}/models`, { headers: { 'accept-encoding': 'gzip' } });

    expect(response.headers.get('content-encoding')).toBe('gzip');
  },
);

test('until the function is loaded, the gateway itself answers', async () => {
  api = undefined;

  const response = await fetch(`${gateway.url}/models`);

  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('1');
  expect(await response.json()).toEqual({ message: 'Service Unavailable' });
});

test('a foreign page may not post', async () => {
  const response = await fetch(`${gateway.url}/classify`, {
    method: 'POST',
    headers: { origin: 'https://example.com' },
  });

  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({
    type: 'urn:autoswiftnet:problem:foreign-origin',
    title: 'Pages of this origin may not use the API',
    status: 403,
    detail: expect.stringContaining('AUTOSWIFTNET_CORS_ORIGINS'),
  });
});

test('a taken port is a named error, which says what to do', async () => {
  const starting = startGateway(gateway.port, { health: () => HEALTH, api: () => undefined });

  await expect(starting).rejects.toThrow(PortTakenError);
  await expect(starting).rejects.toThrow(`port ${gateway.port} on 127.0.0.1 is used by another program`);
  await expect(starting).rejects.toThrow(`--port ${gateway.port + 10}`);
});

test('an inner service takes another port when its own is taken', async () => {
  const server = createServer();

  const port = await preferPort(gateway.port, (wanted) => listen(wanted === 0 ? server : createServer(), wanted));

  expect(port).toBeGreaterThan(0);
  expect(port).not.toBe(gateway.port);
  server.close();
});

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { portOf } from '../../local/listen.ts';
import { openPage, pageOrigins } from '../../local/page.ts';
import { PAGE_HEADERS } from '../../web/delivery/headers.ts';

let server: Server;
let url: string;
let buckets: string[];
const errors: unknown[] = [];

beforeAll(async () => {
  const serve = openPage({ origins: () => ({ buckets }), onError: (error) => errors.push(error) });
  server = createServer((request, response) => {
    if (!serve(request, response)) response.writeHead(418).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${portOf(server)}`;
});

beforeEach(() => {
  buckets = ['http://127.0.0.1:1'];
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function assetPath(): Promise<string> {
  const document = await (await fetch(url)).text();
  return /src="([^"]+)"/.exec(document)?.[1] ?? '';
}

test.each(['/', '/?code=1&state=2', '/index.html'])(
  '%s is the document, with its policy, and browsers ask for it every time',
  async (path) => {
    const response = await fetch(url + path);

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(response.headers.get('content-security-policy')).toContain("connect-src 'self' http://127.0.0.1:1;");
    for (const [name, value] of Object.entries(PAGE_HEADERS)) expect(response.headers.get(name)).toBe(value);
    expect(await response.text()).toContain('<div id="app">');
  },
);

test('the policy names the current bucket, because the services start after the gateway', async () => {
  buckets = ['http://127.0.0.1:2'];

  const response = await fetch(url);

  expect(response.headers.get('content-security-policy')).toContain('data: http://127.0.0.1:2;');
});

test('a file that is named by its content may be cached forever', async () => {
  const response = await fetch(url + (await assetPath()));

  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(response.headers.get('cache-control')).toContain('immutable');
});

test('a file that the browser already has is not sent again', async () => {
  const first = await fetch(url);
  const etag = first.headers.get('etag') ?? '';

  const second = await fetch(url, { headers: { 'if-none-match': etag } });
  const other = await fetch(url, { headers: { 'if-none-match': '"other"' } });

  expect(etag).toMatch(/^W\/"[\w-]{43}"$/);
  expect([second.status, await second.text(), second.headers.get('etag')]).toEqual([304, '', etag]);
  expect(other.status).toBe(200);
});

test('HEAD returns the length and no body', async () => {
  const response = await fetch(url, { method: 'HEAD' });

  expect(response.status).toBe(200);
  expect(Number(response.headers.get('content-length'))).toBeGreaterThan(100);
  expect(await response.text()).toBe('');
});

test.each(['/assets/none.js', '/assets/../index.html', '/assets/%2e%2e/index.html', '/assets/'])(
  '%s is no file of the page',
  async (path) => {
    const response = await fetch(url + path);

    expect([200, 404, 418]).toContain(response.status);
    if (response.status === 200)
      expect(new URL(response.url).pathname).toBe('/index.html'); // the client itself took the dots out
    else expect(await response.text()).not.toContain('<div id="app">');
  },
);

test.each(['/health', '/images', '/index.htm', '/asset'])('%s is left to others', async (path) => {
  expect((await fetch(url + path)).status).toBe(418);
});

test('no error was reported', () => {
  expect(errors).toEqual([]);
});

test('the policy names the bucket once it runs, and the issuer if there is a login', () => {
  const auth = { issuer: 'https://id.example.com/pool', clientId: 'page', audience: null };
  const endpoints = { s3: 'http://127.0.0.1:1' };

  expect(pageOrigins({ endpoints: {}, auth: null }, null)).toEqual({ buckets: [], login: [] });
  expect(pageOrigins({ endpoints, auth: null }, 'https://login.example.com/token')).toEqual({
    buckets: ['http://127.0.0.1:1'],
    login: [],
  });
  expect(pageOrigins({ endpoints, auth }, null).login).toEqual(['https://id.example.com']);
  expect(pageOrigins({ endpoints, auth }, 'https://login.example.com/token').login).toEqual([
    'https://id.example.com',
    'https://login.example.com',
  ]);
});

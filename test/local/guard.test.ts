import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { guardServer, refusal } from '../../local/guard.ts';
import { listen } from '../../local/listen.ts';

function refusalOf(method: string, headers: Record<string, string>, allowedOrigins?: string[]): string | null {
  return refusal({ method, headers }, allowedOrigins === undefined ? {} : { allowedOrigins })?.code ?? null;
}

test.each(['127.0.0.1', '127.0.0.1:3000', 'localhost', 'LocalHost:80', '[::1]', '[::1]:3000'])(
  'Host %s is this machine',
  (host) => {
    expect(refusalOf('POST', { host })).toBeNull();
  },
);

test.each([
  'example.com',
  'example.com:3000',
  '127.0.0.1.example.com',
  'localhost.example.com',
  'evil-localhost',
  '10.0.0.1',
  '127.0.0.1:3000:1',
  '127.0.0.1@example.com',
  '[::1',
  '::1',
  '',
])('Host %j is refused, even for reading', (host) => {
  expect(refusalOf('GET', { host })).toBe('foreign-host');
});

test('a request without a Host is refused', () => {
  expect(refusalOf('GET', {})).toBe('foreign-host');
});

test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is refused to a page of another origin', (method) => {
  const host = '127.0.0.1:3000';

  for (const origin of [
    'https://example.com',
    'null',
    'http://127.0.0.1:3001',
    'https://127.0.0.1:3000',
    'http://localhost:3000',
  ]) {
    expect(refusalOf(method, { host, origin })).toBe('foreign-origin');
  }
});

test("the server's own origin and the allowed origins may change things, and every origin may read", () => {
  const host = '127.0.0.1:3001';

  expect(refusalOf('POST', { host, origin: 'http://127.0.0.1:3001' })).toBeNull();
  expect(refusalOf('POST', { host, origin: 'http://localhost:3000' }, ['http://localhost:3000'])).toBeNull();
  expect(refusalOf('GET', { host, origin: 'https://example.com' })).toBeNull();
});

describe('a guarded server', () => {
  let server: Server;
  let port: number;
  let seen: string[];

  beforeEach(async () => {
    seen = [];
    server = createServer((incoming, response) => {
      seen.push(incoming.url ?? '');
      response.end('behind');
    });
    guardServer(server);
    port = await listen(server, 0);
  });

  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  async function ask(headers: Record<string, string>): Promise<number | undefined> {
    const sent = request({ host: '127.0.0.1', port, method: 'POST', path: '/x', headers }).end();
    const [response] = await once(sent, 'response');
    response.resume();
    return response.statusCode;
  }

  test('answers refused requests with 403, and passes on all others', async () => {
    expect(await ask({ host: 'example.com' })).toBe(403);
    expect(await ask({ origin: 'https://example.com' })).toBe(403);
    expect(seen).toEqual([]);
    expect(await ask({})).toBe(200);
    expect(seen).toEqual(['/x']);
  });
});

import { codeOf, SIGNED, startTestServer, type TestServer } from './local-server.ts';

const PAGE = 'http://127.0.0.1:3000';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ allowedOrigins: [PAGE] });
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

test.each([
  'evil.example',
  '127.0.0.1.evil.example',
  '127.0.0.1:80:80',
  'bucket.localhost',
  '169.254.169.254',
  '0.0.0.0',
])('a Host of %s is refused', async (host) => {
  const answer = await server.send({ path: '/bucket?list-type=2', headers: { ...SIGNED, host } });

  expect([answer.status, codeOf(answer)]).toEqual([403, 'AccessDenied']);
});

test.each(['127.0.0.1', 'localhost:9000', '[::1]:9000', 'LOCALHOST'])('a Host of %s is served', async (host) => {
  expect((await server.send({ path: '/bucket?list-type=2', headers: { ...SIGNED, host } })).status).toBe(200);
});

test.each(['PUT', 'DELETE', 'POST'])(
  'a %s from a foreign page is refused, even from a page that is stored here',
  async (method) => {
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:3001', server.s3.endpoint]) {
      const answer = await server.send({ method, path: '/bucket/key', headers: { ...SIGNED, origin }, body: 'x' });

      expect([origin, answer.status, codeOf(answer)]).toEqual([origin, 403, 'AccessDenied']);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
  },
);

test('a page of an allowed origin may write, and reads the ETag', async () => {
  const answer = await server.send({
    method: 'PUT',
    path: '/bucket/page',
    headers: { ...SIGNED, origin: PAGE },
    body: 'x',
  });

  expect(answer.status).toBe(200);
  expect(answer.headers['access-control-allow-origin']).toBe(PAGE);
  expect(answer.headers['access-control-expose-headers']).toContain('ETag');
});

test('preflights are answered for allowed origins only', async () => {
  const asked = {
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'content-type,x-amz-meta-a',
  };

  const granted = await server.send({ method: 'OPTIONS', path: '/bucket/key', headers: { origin: PAGE, ...asked } });
  const refused = await server.send({
    method: 'OPTIONS',
    path: '/bucket/key',
    headers: { origin: 'http://evil.example', ...asked },
  });

  expect(granted.status).toBe(200);
  expect(granted.headers).toMatchObject({
    'access-control-allow-origin': PAGE,
    'access-control-allow-methods': 'GET, HEAD, PUT, POST, DELETE',
    'access-control-allow-headers': 'content-type,x-amz-meta-a',
  });
  expect(refused.status).toBe(403);
  expect(refused.headers['access-control-allow-origin']).toBeUndefined();
});

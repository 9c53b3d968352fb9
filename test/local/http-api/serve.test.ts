import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { InvocationError } from '../../../local/errors.ts';
import { type Invoke, MAX_BODY_BYTES, serveHttpApi } from '../../../local/http-api/serve.ts';
import { listen, portOf } from '../../../local/listen.ts';

let answer: Invoke;
const server = createServer((request, response) => void serveHttpApi(request, response, (event) => answer(event)));
let url: string;

beforeAll(async () => {
  url = `http://127.0.0.1:${await listen(server, 0)}`;
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

test('status, headers, cookies and bytes of an answer arrive', async () => {
  answer = async () => ({
    statusCode: 201,
    headers: { 'Content-Type': 'image/png', 'x-number': 7, 'content-length': 99_999, 'transfer-encoding': 'chunked' },
    cookies: ['a=1; Secure', 'b=2'],
    body: Buffer.from([0, 255, 254]).toString('base64'),
    isBase64Encoded: true,
  });

  const response = await fetch(`${url}/x`);

  expect(response.status).toBe(201);
  expect(response.headers.get('content-type')).toBe('image/png');
  expect(response.headers.get('x-number')).toBe('7');
  expect(response.headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2']);
  expect(response.headers.get('apigw-requestid')).toMatch(/=$/);
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 254]);
});

test('an answer without content has no length', async () => {
  answer = async () => ({ statusCode: 204, headers: { vary: 'Origin' } });

  const response = await fetch(`${url}/x`, { method: 'OPTIONS' });

  expect([response.status, response.headers.get('content-length')]).toEqual([204, null]);
});

test('an answer without statusCode is the body of a 200', async () => {
  answer = async () => ({ hello: 'world' });

  const response = await fetch(url);

  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
  expect(await response.json()).toEqual({ hello: 'world' });
});

test.each([
  ['throws', async () => Promise.reject(new Error('secret')), 500, 'Internal Server Error'],
  ['answers with no status', async () => ({ statusCode: 'x' }), 500, 'Internal Server Error'],
  [
    'answers with an invalid header',
    async () => ({ statusCode: 200, headers: { 'a b': 'c' } }),
    500,
    'Internal Server Error',
  ],
  [
    'takes too long',
    async () => Promise.reject(new InvocationError('function-timeout', 'late')),
    503,
    'Service Unavailable',
  ],
] as const)('a function that %s: API Gateway answers', async (_name, invoke, status, message) => {
  answer = invoke;

  const response = await fetch(url);

  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual({ message });
});

test('HEAD returns the headers of GET and no body', async () => {
  answer = async () => ({ statusCode: 200, headers: { 'content-type': 'text/plain' }, body: 'four' });

  const response = await fetch(url, { method: 'HEAD' });

  expect([response.headers.get('content-length'), await response.text()]).toEqual(['4', '']);
});

test('a body of ten megabytes passes; one more byte is refused before the function is called', async () => {
  const sizes: number[] = [];
  answer = async (event) => {
    const { body, isBase64Encoded } = event as { body: string; isBase64Encoded: boolean };
    sizes.push(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8').length);
    return { statusCode: 200 };
  };

  const most = await fetch(url, { method: 'POST', body: Buffer.alloc(MAX_BODY_BYTES) });
  const more = await fetch(url, { method: 'POST', body: Buffer.alloc(MAX_BODY_BYTES + 1) });

  expect(most.status).toBe(200);
  expect(more.status).toBe(413);
  expect(await more.json()).toEqual({ message: 'Request Entity Too Large' });
  expect(sizes).toEqual([MAX_BODY_BYTES]);
});

test('a body without a declared length is limited, too', async () => {
  answer = async () => ({ statusCode: 200 });
  const outgoing = httpRequest({ host: '127.0.0.1', port: portOf(server), method: 'POST' });
  const answered = once(outgoing, 'response');
  outgoing.on('error', () => {});
  for (let part = 0; part < 12; part += 1) outgoing.write(Buffer.alloc(1024 * 1024));

  const [response] = await answered;

  expect(response.statusCode).toBe(413);
  outgoing.destroy();
});

test('a client that disconnects in the middle of its body does no harm', async () => {
  let asked = 0;
  answer = async () => {
    asked += 1;
    return { statusCode: 200 };
  };
  const socket = connect(portOf(server), '127.0.0.1');
  await once(socket, 'connect');
  socket.write('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\nabc');
  socket.destroy();

  const response = await fetch(url);

  expect(response.status).toBe(200);
  expect(asked).toBe(1);
});

import { createServer } from 'node:http';
import { PortTakenError } from '../../local/errors.ts';
import { type Gateway, type Health, type ServeFile, startGateway } from '../../local/gateway.ts';
import { listen, preferPort } from '../../local/listen.ts';

const HEALTH: Health = {
  status: 'ok',
  version: '1.2.3',
  models: ['sample'],
  endpoints: { s3: 'http://127.0.0.1:1' },
  bucket: 'uploads',
  queues: { uploads: 'http://127.0.0.1:2/uploads' },
  table: 'table',
};

/** A page of one file. */
const servePage: ServeFile = (request, response) => {
  if (request.url !== '/page.html') return false;
  response.end('the page');
  return true;
};

let gateway: Gateway;
let health: Health;

beforeEach(async () => {
  health = HEALTH;
  gateway = await startGateway(0, { health: () => health, serveFile: servePage });
});

afterEach(() => gateway.close());

test('GET /health tells what runs', async () => {
  const response = await fetch(`${gateway.url}/health?x=1`);

  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual(HEALTH);
});

test.each(['starting', 'stopping'] as const)('%s is a 503', async (status) => {
  health = { ...HEALTH, status };

  const response = await fetch(`${gateway.url}/health`);

  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ status });
});

test.each([
  ['GET', '/'],
  ['GET', '/nothing'],
  ['GET', '/health/more'],
  ['GET', '/__proto__'],
  ['GET', '//health'],
  ['POST', '/health'],
])('%s %s is a problem of status 404', async (method, path) => {
  const response = await fetch(`${gateway.url}${path}`, { method });

  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({ type: 'about:blank', status: 404, title: 'not-found' });
});

test('a path that is no route is looked for among the files, for reading only', async () => {
  const read = await fetch(`${gateway.url}/page.html`);
  const written = await fetch(`${gateway.url}/page.html`, { method: 'POST' });

  expect([read.status, await read.text()]).toEqual([200, 'the page']);
  expect(written.status).toBe(404);
});

test('a foreign page may not post', async () => {
  const response = await fetch(`${gateway.url}/health`, { method: 'POST', headers: { origin: 'https://example.com' } });

  expect(response.status).toBe(403);
});

test('a taken port is a named error, which says what to do', async () => {
  const starting = startGateway(gateway.port, { health: () => HEALTH });

  await expect(starting).rejects.toThrow(PortTakenError);
  await expect(starting).rejects.toThrow(`port ${gateway.port} of 127.0.0.1 is taken`);
  await expect(starting).rejects.toThrow(`--port ${gateway.port + 10}`);
});

test('an inner service takes another port when its own is taken', async () => {
  const server = createServer();

  const port = await preferPort(gateway.port, (wanted) => listen(wanted === 0 ? server : createServer(), wanted));

  expect(port).toBeGreaterThan(0);
  expect(port).not.toBe(gateway.port);
  server.close();
});

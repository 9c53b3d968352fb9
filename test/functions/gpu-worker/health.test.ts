import { request } from 'node:http';
import { setImmediate as immediately } from 'node:timers/promises';
import { ConfigurationError } from '../../../functions/errors.ts';
import { type HealthServer, startHealthServer, type WorkerHealth } from '../../../functions/gpu-worker/health.ts';

const OK: WorkerHealth = { status: 'ok', models: [], handlers: 1, held: 3 };

let health: WorkerHealth = OK;
let server: HealthServer;

beforeAll(async () => {
  server = await startHealthServer(0, () => health);
});

afterAll(() => server.close());

function ask(
  path: string,
  options: { method?: string; host?: string } = {},
): Promise<{ status: number; body: string }> {
  const { method = 'GET', host = 'localhost' } = options;
  return new Promise((resolve, reject) => {
    const sent = request({ port: server.port, host: '127.0.0.1', path, method, headers: { host } }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on('error', reject).end();
  });
}

test.each([
  ['ok', 200],
  ['starting', 503],
  ['stopping', 503],
  ['broken', 503],
] as const)('%s is a %i', async (status, code) => {
  health = { ...OK, status };
  const answer = await ask('/health');

  expect(answer.status).toBe(code);
  expect(JSON.parse(answer.body)).toEqual(health);
});

test.each([
  ['another path', '/', {}, 404],
  ['another method', '/health', { method: 'POST' }, 404],
  ['a foreign host', '/health', { host: 'evil.example' }, 421],
])('%s is refused', async (_what, path, options, status) => {
  expect((await ask(path, options)).status).toBe(status);
});

test('a taken port is an error that names the setting', async () => {
  await expect(startHealthServer(server.port, () => OK)).rejects.toThrow(ConfigurationError);
  await expect(startHealthServer(server.port, () => OK)).rejects.toThrow('AUTOSWIFTNET_WORKER_PORT');
});

test('a file for the port that cannot be written is an error that names the setting, and nothing listens on', async () => {
  await expect(startHealthServer(0, () => OK, '/nowhere/port')).rejects.toThrow(
    /^\/nowhere\/port cannot be written: .+ Set AUTOSWIFTNET_WORKER_PORT_FILE/,
  );
  // The one of the other tests.
  expect(await listening()).toBe(1);
});

/** Counts the open servers once those that are closing have let go of their handles. */
async function listening(): Promise<number> {
  let count = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 100 && count > 1; turn += 1) {
    await immediately();
    count = process.getActiveResourcesInfo().filter((resource) => resource === 'TCPServerWrap').length;
  }
  return count;
}

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { listen } from '../../local/listen.ts';
import { moduleOptions } from '../../local/module-url.ts';
import type { FaultPlan, Service } from './fault-plan.ts';
import { type Proxies, startProxies } from './proxies.ts';

let target: Server;
let endpoint: string;
let proxies: Proxies | undefined;
/** Bodies of the requests that reached the service. */
let reached: string[] = [];

beforeAll(async () => {
  target = createServer(async (request, response) => {
    reached.push((await buffer(request)).toString());
    response.setHeader('x-service', 'yes');
    response.end('0123456789');
  });
  endpoint = `http://127.0.0.1:${await listen(target, 0)}`;
});

afterEach(async () => {
  await proxies?.close();
  reached = [];
});

afterAll(async () => {
  target.closeAllConnections();
  target.close();
  await once(target, 'close');
});

async function start(services: FaultPlan['services']): Promise<Proxies> {
  proxies = await startProxies(
    { s3: endpoint, dynamodb: endpoint, sqs: endpoint, sns: endpoint },
    { seed: 1, services },
  );
  return proxies;
}

function plan(changes: Partial<NonNullable<FaultPlan['services']['s3']>>) {
  return { delayMs: 0, refuse: 0, throttle: 0, fail: 0, drop: 0, reset: 0, cut: 0, duplicate: 0, ...changes };
}

function put({ endpoints }: Proxies, service: Service = 's3', headers = {}): Promise<Response> {
  return fetch(`${endpoints[service]}/bucket/key?x-id=PutObject`, { method: 'POST', body: 'body', headers });
}

test('a call is passed on, answered as the service answers, and counted', async () => {
  const started = await start({});
  const response = await put(started);
  await put(started);
  await put(started, 'dynamodb', { 'x-amz-target': 'DynamoDB_20120810.PutItem' });

  expect([response.status, response.headers.get('x-service'), await response.text()]).toEqual([
    200,
    'yes',
    '0123456789',
  ]);
  expect(Object.fromEntries(started.calls)).toEqual({ 's3:PutObject': 2, 'dynamodb:PutItem': 1 });
  expect(reached).toEqual(['body', 'body', 'body']);
  expect(started.variables.AWS_ENDPOINT_URL_S3).toBe(started.endpoints.s3);
});

test('an answer comes no earlier than planned', async () => {
  const started = await start({ s3: plan({ delayMs: 80 }) });
  const begin = performance.now();
  await put(started);

  // Node's timers may end a millisecond early.
  expect(performance.now() - begin).toBeGreaterThan(78);
});

test.each([
  ['s3', {}, 503, 'SlowDown'],
  ['dynamodb', {}, 400, 'ProvisionedThroughputExceededException'],
  ['sqs', { 'x-amz-target': 'AmazonSQS.SendMessage' }, 400, 'RequestThrottled'],
  ['sns', {}, 400, 'Throttling'],
] as const)('a refused call of %s never reaches the service', async (service, headers, status, code) => {
  const response = await put(await start({ [service]: plan({ refuse: 1 }) }), service, headers);

  expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(code)]);
  expect(reached).toEqual([]);
});

test('a dropped call never reaches the service, and has no answer', async () => {
  await expect(put(await start({ s3: plan({ drop: 1 }) }))).rejects.toThrow('fetch failed');
  expect(reached).toEqual([]);
});

test('a reset call reaches the service, and its answer breaks off', async () => {
  const started = await start({ s3: plan({ reset: 1 }) });

  await expect(put(started).then((response) => response.text())).rejects.toThrow(/terminated|fetch failed/);
  expect(reached).toEqual(['body']);
});

test.each([
  ['throttle', 429, 'TooManyRequests'],
  ['fail', 500, 'InternalError'],
] as const)('a call that is to %s never reaches the service, and is answered with %s', async (fate, status, code) => {
  const response = await put(await start({ s3: plan({ [fate]: 1 }) }));

  expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(code)]);
  expect(reached).toEqual([]);
});

test('a cut call reaches the service, and its answer ends early, without an error', async () => {
  const response = await put(await start({ s3: plan({ cut: 1 }) }));

  expect([response.status, await response.text()]).toEqual([200, '01234']);
  expect(reached).toEqual(['body']);
});

test('a duplicated call reaches the service twice, and is answered once', async () => {
  const response = await put(await start({ s3: plan({ duplicate: 1 }) }));

  expect(await response.text()).toBe('0123456789');
  expect(reached).toEqual(['body', 'body']);
});

test('the program prints where its proxies are, and tells the calls since it was last asked', async () => {
  const options = {
    targets: { s3: endpoint, dynamodb: endpoint, sqs: endpoint, sns: endpoint },
    plan: { seed: 1, services: { sns: { refuse: 1 } } },
  };
  const child = fork(fileURLToPath(new URL('main.ts', import.meta.url)), [JSON.stringify(options)], {
    execArgv: moduleOptions(),
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  try {
    const [line] = await once(child.stdout ?? child, 'data');
    const { AWS_ENDPOINT_URL_S3: s3, AWS_ENDPOINT_URL_SNS: sns } = JSON.parse(String(line));
    const ask = async () => {
      child.send('calls');
      return (await once(child, 'message'))[0];
    };
    await fetch(`${s3}/bucket/key?x-id=PutObject`, { method: 'PUT', body: 'body' });
    const first = await ask();
    const refused = await fetch(sns, { method: 'POST' });

    expect([first, refused.status, await ask()]).toEqual([{ 's3:PutObject': 1 }, 400, { 'sns:POST /': 1 }]);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
});

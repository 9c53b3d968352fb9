import { jest } from '@jest/globals';
import { createS3Client, SOCKET_TIMEOUT_MS } from '../../functions/s3-client.ts';
import { openObjectStore } from '../../functions/tagging/objects.ts';
import { ANNOUNCED_BYTES, socketOf, startStallingS3 } from './stalling-s3.ts';

/** The SDK sets the limit of a socket only for calls that take longer, to save a timer. */
const DEFERRED_MS = 3_000;

test.each([
  ['http://127.0.0.1:4000', true],
  ['http://localhost:4000', true],
  ['http://[::1]:4000', true],
  ['https://s3.eu-central-1.amazonaws.com', false],
  ['not a URL', false],
  [undefined, false],
])('of endpoint %s the bucket goes into the path: %s', async (endpoint, pathStyle) => {
  const client = createS3Client({ AWS_ENDPOINT_URL_S3: endpoint });

  expect(client.config.forcePathStyle).toBe(pathStyle);
});

test('an endpoint of all services counts as well', () => {
  expect(createS3Client({ AWS_ENDPOINT_URL: 'http://127.0.0.1:4000' }).config.forcePathStyle).toBe(true);
});

test('a body that stands still fails, and does not keep its reader for ever', async () => {
  const s3 = await startStallingS3();
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_S3: s3.endpoint,
  });
  const client = createS3Client(process.env);
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
  try {
    const found = await openObjectStore(client).open({ bucket: 'b', key: 'k', versionId: null }, null);
    if (typeof found === 'string') throw new TypeError(found);
    jest.advanceTimersByTime(DEFERRED_MS);
    const socket = socketOf(client);
    expect(socket.timeout).toBe(SOCKET_TIMEOUT_MS);
    const reading = found.bytes(ANNOUNCED_BYTES);
    socket.emit('timeout');

    await expect(reading).rejects.toMatchObject({ name: 'TimeoutError' });
  } finally {
    jest.useRealTimers();
    client.destroy();
    await s3.close();
  }
});

import { PutObjectCommand } from '@aws-sdk/client-s3';
import { healthOf } from '../../../functions/api/health.ts';
import { type Gateway, startGateway } from '../../../local/gateway.ts';
import type { Invoke } from '../../../local/http-api/serve.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { KEY } from '../../functions/api/made-requests.ts';
import { BUCKET, openTestApi, openTestServices, type TestApi } from '../../functions/api/test-api.ts';
import { samplePicture } from '../../integration/uploads.ts';

/** The API on services in this process, and the local gateway before it. */
export interface RequestWorld {
  readonly api: TestApi;
  readonly gateway: Gateway;
  readonly picture: Buffer;
  /** Waits for what the gateway has called. Rejects if an answer was none of the contract. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const SCANS = 'scans';
const WATCHED = [
  { bucket: BUCKET, prefix: '', suffix: '' },
  { bucket: SCANS, prefix: 'in/', suffix: '.jpg' },
];
const ALLOWED_ORIGINS = ['https://page.example', 'https://*.pages.example'];

/** @param folder where the sample package is written */
export async function openRequestWorld(folder: string): Promise<RequestWorld> {
  const services = await openTestServices(SCANS);
  await ensureSamplePackage(folder);
  const picture = await samplePicture('lemon-1');
  for (const [Bucket, Key] of [
    [BUCKET, KEY],
    [SCANS, 'in/1.jpg'],
  ] as const) {
    await services.s3.send(new PutObjectCommand({ Bucket, Key, Body: picture }));
  }
  const variables = {
    AUTOSWIFTNET_WATCHED: JSON.stringify(WATCHED),
    AUTOSWIFTNET_CORS_ORIGINS: ALLOWED_ORIGINS.join(','),
    AUTOSWIFTNET_HEAVY_MODEL: 'heavy',
    AUTOSWIFTNET_HEAVY_QUEUE_URL: 'http://127.0.0.1:9/000000000000/heavy',
  };
  const change = () => ({ askHeavy: async () => undefined });
  const api = openTestApi({ modelsDir: folder, model: 'sample', variables, change });
  await api.dependencies.classifier();
  const called = new Set<Promise<unknown>>();
  const invoke: Invoke = (event) => {
    const answering = api.invoke(event as Parameters<TestApi['invoke']>[0]);
    called.add(answering);
    return answering;
  };
  const gateway = await startGateway(0, {
    health: () => ({
      ...healthOf({ modelNames: ['sample'], auth: null, maxImageBytes: 1000 }),
      endpoints: {},
      bucket: BUCKET,
      queues: {},
      table: 'table',
    }),
    api: () => invoke,
    allowedOrigins: ALLOWED_ORIGINS,
  });
  return {
    api,
    gateway,
    picture,
    async settled() {
      const calls = [...called];
      called.clear();
      await Promise.all(calls);
    },
    async close() {
      await gateway.close();
      await services.close();
    },
  };
}

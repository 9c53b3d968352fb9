import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { closeDeployment, type Deployment } from '../../../cli/deployment/deployment.ts';
import { openLocalDeployment } from '../../../cli/deployment/local-deployment.ts';
import { openApi } from '../../../cli/doctor/api.ts';
import { examine, type Line } from '../../../cli/doctor/examine.ts';
import { type Stack, startStack } from '../../../local/stack.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';

let folder: string;
let stack: Stack;
let deployment: Deployment;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-doctor-'));
  const packageDir = await ensureSamplePackage(join(folder, 'models'));
  stack = await startStack({ dataDir: join(folder, 'data'), packageDir, port: 0, instances: 1, apiInstances: 1 });
  deployment = await openLocalDeployment(new URL(stack.url));
});

afterAll(async () => {
  closeDeployment(deployment);
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

function visit(): Promise<Line[]> {
  return examine(deployment, {
    api: openApi(deployment.apiUrl, undefined),
    seconds: 60,
    heavy: false,
    interrupted: new AbortController().signal,
    onLine: () => {},
  });
}

test('a local stack that works is sound, and everything that was made is gone again', async () => {
  const lines = await visit();

  expect(lines.filter(({ state }) => state !== 'sound')).toEqual([expect.objectContaining({ check: 'heavy-model' })]);
  expect(lines.map(({ check }) => check)).toEqual(
    expect.arrayContaining(['record', 'tags', 'search', 'classify', 'result', 'removal']),
  );
  const { Versions, DeleteMarkers } = await deployment.clients.s3.send(
    new ListObjectVersionsCommand({ Bucket: deployment.bucket }),
  );
  expect([Versions, DeleteMarkers]).toEqual([undefined, undefined]);
  const { QueueUrls } = await deployment.clients.sqs.send(
    new ListQueuesCommand({ QueueNamePrefix: 'autoswiftnet-doctor' }),
  );
  expect(QueueUrls ?? []).toEqual([]);
});

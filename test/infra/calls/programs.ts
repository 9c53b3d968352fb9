import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, PurgeQueueCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSEvent } from 'aws-lambda';
import { readRunRequest } from '../../../functions/backfill/run-request.ts';
import { toJob } from '../../../functions/records/job.ts';
import { openJobStore } from '../../../functions/records/job-store.ts';
import { requestOfJob, sendHeavyRequest } from '../../../functions/routing/heavy-message.ts';
import { MODEL_METADATA } from '../../../functions/routing/route.ts';
import { localSqs } from '../../../local/clients.ts';
import { toHttpEvent } from '../../../local/http-api/event.ts';
import type { LocalLambda } from '../../../local/lambda.ts';
import { HEAVY_QUEUE, SERVICE_BUCKET, TABLE } from '../../../local/names.ts';
import type { LocalEcs } from '../../functions/local-ecs.ts';
import { CLUSTER, SERVICE } from '../../functions/local-ecs.ts';
import { sqsRecord } from '../../functions/tag-upload/sqs-record.ts';
import type { BootServices } from '../boot/services.ts';

/** Objects of a bucket that the program takes for watched. */
export interface Place {
  readonly bucket: string;
  readonly prefix: string;
  readonly suffix: string;
}

/** Where a program is driven. */
export interface Stage {
  readonly services: BootServices;
  readonly lambda: LocalLambda;
  readonly ecs: LocalEcs;
  readonly pictures: { readonly acorn: Buffer; readonly daisy: Buffer };
  readonly places: readonly Place[];
  /** The variables of the program, as the template has them, with the names of this stage. */
  readonly variables: Readonly<Record<string, string>>;
  /** Loads the handler of a function with these variables. */
  readonly load: <Handler>(name: string, changes?: Readonly<Record<string, string>>) => Promise<Handler>;
  /** Does something whose calls are not the program's. */
  readonly unrecorded: (act: () => Promise<unknown>) => Promise<void>;
}

type Invoke<Event, Answer> = (event: Event, context: Context) => Promise<Answer>;

const CONTEXT = { getRemainingTimeInMillis: () => 60_000 } as Context;
/** Any other model than the small one, by this name. The stage says that it is the heavy one. */
export const HEAVY_MODEL = 'sample-heavy';
/** Asks for the heavy model. */
const Metadata = { [MODEL_METADATA]: HEAVY_MODEL };
const EMPTY_WITHIN_MS = 60_000;

/** Drives each program through all its paths. What it calls is recorded elsewhere. */
export const PROGRAMS = {
  'tag-upload': driveTagging,
  backfill: driveBackfill,
  'dead-letters': driveDeadLetters,
  api: driveApi,
  health: driveHealth,
  'ask-queue': async ({ load }: Stage) => (await load<() => Promise<void>>('ask-queue'))(),
  'keep-task-count': driveTaskCount,
  'limit-gpu-hours': driveGpuLimit,
  'gpu-worker': driveWorker,
} as const;

export type ProgramName = keyof typeof PROGRAMS;

/** Uploads, replacements, a damaged picture and removals; and uploads that a rule gives to a heavy model. */
async function driveTagging({ services, places, pictures, variables, load }: Stage): Promise<void> {
  const handler = await load<Invoke<SQSEvent, unknown>>('tag-upload');
  const tag = async () => expect(await handler(services.takeEvent(), CONTEXT)).toEqual({ batchItemFailures: [] });
  for (const { bucket, key } of keysOf(places, 'provoked')) {
    await eachVersioning(services, bucket, async () => {
      for (const picture of [pictures.acorn, pictures.acorn.subarray(0, 500), pictures.daisy]) {
        await put(services, bucket, key, picture);
        await tag();
      }
      await remove(services, bucket, key);
      await tag();
      for (const forHeavy of keysForHeavy(key, variables)) {
        await put(services, bucket, forHeavy, pictures.daisy, { Metadata });
        await tag();
      }
    });
  }
}

/** What the state machine calls the function with, for batches of one key. */
async function driveBackfill({ services, places, pictures, variables, load }: Stage): Promise<void> {
  const handler = await load<Invoke<unknown, { counts?: object }>>('backfill');
  const prepare = { action: 'prepare', runId: 'run', request: {}, defaultConcurrency: 1, inventoryBucket: null };
  expect(await handler(prepare, CONTEXT)).toMatchObject({ bucket: places[0]?.bucket });
  for (const { bucket, key } of keysOf(places, 'found')) {
    const run = readRunRequest({ bucket }, 'run', 1);
    const about = (item: string) => ({ run, batch: 'batch', call: 0, items: [{ key: item }] });
    const tag = async (item: string) => {
      const answer = await handler({ action: 'tag', isRepeated: true, ...about(item) }, CONTEXT);
      expect(answer).toMatchObject({ counts: { failed: 0 }, unfinished: [] });
    };
    await eachVersioning(services, bucket, async () => {
      for (const picture of [pictures.acorn, pictures.acorn.subarray(0, 500), pictures.daisy]) {
        await put(services, bucket, key, picture);
        await tag(key);
      }
      for (const forHeavy of keysForHeavy(key, variables)) {
        await put(services, bucket, forHeavy, pictures.daisy, { Metadata });
        await tag(forHeavy);
      }
      await put(services, bucket, key, pictures.acorn);
      await handler({ action: 'give-up', ...about(key) }, CONTEXT);
      await remove(services, bucket, key);
      await tag(key);
    });
  }
}

/**
 * A dead letter that succeeds alone, one that fails, one of other content, one that is no event, and
 * one whose function does not exist.
 */
async function driveDeadLetters({ services, lambda, places, load }: Stage): Promise<void> {
  const handler = await load<Invoke<SQSEvent, void>>('dead-letters');
  let answered = 0;
  let sequence = 0;
  lambda.register('tag-upload', async () => {
    answered += 1;
    return { batchItemFailures: answered === 1 ? [] : [{ itemIdentifier: 'any' }] };
  });
  const handle = (record: ReturnType<typeof sqsRecord>) => handler({ Records: [record] }, CONTEXT);
  for (const { bucket, key } of keysOf(places, 'dead')) {
    await eachVersioning(services, bucket, async () => {
      for (let again = 0; again < 2; again += 1) {
        sequence += 1;
        const sequencer = `${sequence}`.padStart(18, '0');
        // It has one of our tags, as a copy may have.
        await put(services, bucket, key, Buffer.from('x'), { Tagging: 'autoswiftnet:label=copied' });
        const body = services.takeEvent().Records[0]?.body ?? '';
        const placed = body.replace(/"sequencer":"\w+"/, `"sequencer":"${sequencer}"`);
        await handle(sqsRecord(`${bucket}${sequencer}`, placed, 6));
      }
    });
    await handle(sqsRecord(`${bucket}-no-event`, 'hello'));
    const refused = await load<Invoke<SQSEvent, void>>('dead-letters', { AUTOSWIFTNET_TAGGING_FUNCTION: 'unknown' });
    await put(services, bucket, key, Buffer.from('y'));
    const [letter] = services.takeEvent().Records;
    const about = sqsRecord(`${bucket}-refused`, letter?.body ?? '', 6);
    await expect(refused({ Records: [about] }, CONTEXT)).rejects.toThrow('Function not found');
  }
}

interface Asked {
  readonly body?: Uint8Array | string | undefined;
  readonly type?: string;
  /** The Idempotency-Key header. */
  readonly key?: string;
}

/** Every route, in every watched bucket. */
async function driveApi({ services, places, pictures, variables, load, unrecorded }: Stage): Promise<void> {
  const handler = await load<Invoke<unknown, { statusCode: number }>>('api');
  const ask = async (method: string, url: string, { body = '', type = 'image/jpeg', key }: Asked = {}) => {
    const named = key === undefined ? [] : ['Idempotency-Key', key];
    const rawHeaders = ['Host', 'api.example', 'Content-Type', type, ...named];
    const request = { method, url, httpVersion: '1.1', rawHeaders, sourceIp: '192.0.2.1', port: 443 };
    return (await handler(toHttpEvent(request, Buffer.from(body), new Date()), CONTEXT)).statusCode;
  };
  const tag = await load<Invoke<SQSEvent, unknown>>('tag-upload', {
    AUTOSWIFTNET_TAG_LABELS: '0',
    AUTOSWIFTNET_RESULTS_TOPIC_ARN: services.resultsTopicArn,
  });
  const { acorn, daisy } = pictures;
  const hasHeavy = variables['AUTOSWIFTNET_HEAVY_QUEUE_URL'] !== undefined;
  for (const { bucket, key } of keysOf(places, 'shown')) {
    await eachVersioning(services, bucket, async () => {
      await put(services, bucket, key, acorn);
      await unrecorded(() => tag(services.takeEvent(), CONTEXT));
      const id = Buffer.from(key).toString('base64url');
      const of = `bucket=${bucket}`;
      const json = { type: 'application/json' };
      const contentType = key.endsWith('.png') ? 'image/png' : 'image/jpeg';
      const statuses = [
        await ask('POST', `/classify?${of}`, { ...json, body: JSON.stringify({ key }) }),
        await ask('POST', `/classify?${of}`, { ...json, body: JSON.stringify({ key: `${key}.gone` }) }),
        await ask('POST', '/classify', { body: daisy, key: `once-${bucket}` }),
        await ask('POST', '/classify', { body: daisy, key: `once-${bucket}` }),
        await ask('POST', '/classify', { body: daisy.subarray(0, 500), key: `damaged-${bucket}` }),
        await ask('GET', `/images?${of}`),
        await ask('GET', `/images?${of}&label=acorn`),
        await ask('GET', `/images?${of}&order=newest`),
        await ask('GET', `/images/${id}?${of}`),
        await ask('GET', `/images/${id}/thumbnail?${of}`),
        await ask('GET', `/images/${id}/thumbnail?${of}`),
        await ask('POST', `/uploads?${of}`, { ...json, body: JSON.stringify({ contentType }) }),
        await ask('POST', `/classify?model=${HEAVY_MODEL}`, { body: daisy }),
        await ask('POST', `/classify?${of}&model=${HEAVY_MODEL}`, { ...json, body: JSON.stringify({ key }) }),
        await ask('GET', '/jobs/unknown'),
        await ask('GET', '/labels?query=a'),
        await ask('GET', '/models'),
      ];
      const heavy = hasHeavy ? 202 : 404;
      expect(statuses).toEqual([
        ...[200, 404, 200, 200, 422, 200, 200, 200, 200, 200, 200, 201],
        ...[heavy, heavy, 404, 200, 200],
      ]);
    });
  }
}

async function driveHealth({ load }: Stage): Promise<void> {
  const handler = await load<Invoke<unknown, { statusCode: number }>>('health');
  const request = {
    method: 'GET',
    url: '/health',
    httpVersion: '1.1',
    rawHeaders: ['Host', 'any'],
    sourceIp: '192.0.2.1',
    port: 443,
  };
  expect(await handler(toHttpEvent(request, Buffer.of(), new Date()), CONTEXT)).toMatchObject({ statusCode: 200 });
}

/** CloudFormation is answered by a URL, which is no call of an SDK. */
async function driveTaskCount({ load, services, ecs }: Stage): Promise<void> {
  const handler = await load<(event: object) => Promise<void>>('keep-task-count');
  ecs.service = { desiredCount: 1, status: 'ACTIVE' };
  const ResourceProperties = { Cluster: CLUSTER, ServiceName: SERVICE };
  for (const RequestType of ['Create', 'Update', 'Delete']) {
    const event = {
      RequestType,
      ResourceProperties,
      ResponseURL: services.endpoints.sns,
      StackId: 's',
      RequestId: 'r',
    };
    await handler({ ...event, LogicalResourceId: 'l', PhysicalResourceId: 'p' }).catch(() => {});
  }
}

/** Machines use the hours of a day up, and another day begins. */
async function driveGpuLimit({ load, ecs }: Stage): Promise<void> {
  const handler = await load<(event: { time: string }) => Promise<void>>('limit-gpu-hours', {
    AUTOSWIFTNET_GPU_HOURS_PER_DAY: '1',
  });
  ecs.machines = [Array.from({ length: 13 }, (_, index) => `gpu-${index}`), null];
  ecs.service = { desiredCount: 2, status: 'ACTIVE' };
  await handler({ time: '2026-11-26T09:00:00Z' });
  await handler({ time: '2026-11-26T09:05:00Z' });
  expect([ecs.service, ecs.scaleOutSuspended]).toEqual([{ desiredCount: 0, status: 'ACTIVE' }, true]);
  ecs.machines = [];
  await handler({ time: '2026-11-27T00:00:00Z' });
  expect(ecs.scaleOutSuspended).toBe(false);
}

/**
 * A model from S3; an image, a damaged one and another one under the same key, without and with
 * versions; a job; and a message that is no request.
 */
async function driveWorker({ services, places, pictures }: Stage): Promise<void> {
  const [{ openDependencies }, { createWorkerReport }, { readWorkerSettings }, { startWorker }, { logger, metrics }] =
    await Promise.all([
      import('../../../functions/gpu-worker/dependencies.ts'),
      import('../../../functions/gpu-worker/report.ts'),
      import('../../../functions/gpu-worker/settings.ts'),
      import('../../../functions/gpu-worker/worker.ts'),
      import('../../../functions/log.ts'),
    ]);
  const settings = readWorkerSettings(process.env);
  const dependencies = openDependencies(process.env, settings);
  const report = createWorkerReport(logger, metrics);
  const sqs = localSqs(services.endpoints.sqs);
  const queueUrl = services.queueUrls[HEAVY_QUEUE] ?? '';
  const [model = ''] = settings.models;
  // What other programs have asked is no request of this one.
  await sqs.send(new PurgeQueueCommand({ QueueUrl: queueUrl }));
  const request = { version: 1, jobId: null, model, top: 5, explain: false } as const;
  const worker = await startWorker({ settings, dependencies, report });
  await worker.ready;
  let sequence = 0;
  const source = async (bucket: string, key: string, picture: Buffer) => {
    sequence += 1;
    return { bucket, key, ...(await put(services, bucket, key, picture)), sequencer: `${sequence}`.padStart(18, '0') };
  };
  try {
    for (const { bucket, key } of keysOf(places, 'asked')) {
      await eachVersioning(services, bucket, async () => {
        for (const picture of [pictures.daisy, pictures.daisy.subarray(0, 500), pictures.acorn]) {
          await sendHeavyRequest(sqs, queueUrl, { ...request, source: await source(bucket, key, picture) });
          await untilEmpty(sqs, queueUrl);
        }
      });
    }
    const asked = { id: `job-${places[0]?.bucket}`, model, top: 1, explain: false };
    const job = toJob({ ...asked, source: await source(SERVICE_BUCKET, 'jobs/one', pictures.daisy) }, new Date());
    const jobs = openJobStore(services.table, TABLE);
    await jobs.create(job);
    await sendHeavyRequest(sqs, queueUrl, requestOfJob(job));
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'no request' }));
    await untilEmpty(sqs, queueUrl);
    expect(await jobs.read(job.id)).toMatchObject({ state: 'done' });
  } finally {
    await worker.stop();
    sqs.destroy();
  }
}

async function untilEmpty(sqs: SQSClient, QueueUrl: string): Promise<void> {
  for (const end = Date.now() + EMPTY_WITHIN_MS; Date.now() < end; ) {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    if (Object.values(Attributes).every((count) => Number(count) === 0)) return;
    await delay(20);
  }
  throw new Error('the worker did not empty its queue');
}

/** A key in the first place and the last one. */
function keysOf(places: readonly Place[], name: string) {
  return [...new Set([places[0], places.at(-1)])]
    .flatMap((place) => place ?? [])
    .map(({ bucket, prefix, suffix }) => ({ bucket, key: `${prefix}${name}${suffix}` }));
}

/** Keys of objects that ask for a heavy model, if there is one. */
function keysForHeavy(key: string, { AUTOSWIFTNET_HEAVY_MODEL: heavy }: Stage['variables']): string[] {
  return heavy === undefined ? [] : [key.replace(/(\w+)(\.\w+)?$/, '$1-heavy$2')];
}

/** Does something in a bucket that never had versions, and again once each object has one. */
async function eachVersioning({ s3 }: BootServices, Bucket: string, act: () => Promise<void>): Promise<void> {
  await act();
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  await act();
}

async function put(
  { s3 }: BootServices,
  bucket: string,
  key: string,
  Body: Buffer,
  more: Partial<PutObjectCommandInput> = {},
) {
  const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body, ...more });
  const { VersionId: versionId = null, ETag = '' } = await s3.send(command);
  return { versionId, eTag: ETag.replaceAll('"', '') };
}

async function remove({ s3 }: BootServices, Bucket: string, Key: string): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket, Key }));
}

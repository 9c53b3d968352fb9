import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { EnvironmentName } from '../../../functions/environment.ts';
import { type JobStore, openJobStore } from '../../../functions/records/job-store.ts';
import { openRecordStore, type RecordStore } from '../../../functions/records/store.ts';
import { type HeavyRequest, sendHeavyRequest } from '../../../functions/routing/heavy-message.ts';
import { type Closers, closeAll } from '../../../local/closers.ts';
import { functionEnvironment } from '../../../local/function-environment.ts';
import { moduleOptions, moduleUrl } from '../../../local/module-url.ts';
import { CREDENTIALS, HEAVY_QUEUE, REGION, TABLE, UPLOADS_BUCKET } from '../../../local/names.ts';
import { type Services, startServices } from '../../../local/services.ts';
import type { EndpointVariable } from '../../faults/proxies.ts';

/** A worker as a process of its own, the container's program. */
export interface WorkerProcess {
  readonly child: ChildProcess;
  /** All that it has written, a line each. */
  readonly lines: string[];
  /** Its `GET /health`; resolves once its model is open. */
  readonly healthUrl: Promise<string>;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Changes to a worker's variables. */
export type WorkerVariables = Partial<Record<EnvironmentName | EndpointVariable | MachineVariable, string>>;

/** What the container's image, or the machine, sets. */
type MachineVariable =
  | 'CUDA_VISIBLE_DEVICES'
  | 'LD_LIBRARY_PATH'
  | 'NODE_ENV'
  | 'NVIDIA_TF32_OVERRIDE'
  | 'POWERTOOLS_METRICS_DISABLED'
  | 'TMPDIR'
  | 'UV_THREADPOOL_SIZE';

/** What a worker's process runs. */
export interface Program {
  readonly path: string;
  /** Node's own options. */
  readonly options: string[];
  /** The cores that it may use, as `taskset` names them: `0-3`. Undefined: all. */
  readonly cores?: string | undefined;
  /** Whose rights it has; undefined: this process's. */
  readonly uid?: number | undefined;
}

/** What a world needs of the embedded services, wherever they run. */
export interface WorldServices extends Pick<Services, 'endpoints'> {
  readonly messaging: Pick<Services['messaging'], 'sqs' | 'queueUrls' | 'resultsTopicArn'>;
  readonly dynamodb: Pick<Services['dynamodb'], 'client'>;
}

/** Starts the services, on a folder for their data. */
export type StartWorldServices = (dataDir: string, closers: Closers) => Promise<WorldServices>;

/** S3, SQS and DynamoDB embedded, a queue of requests, and workers that answer them. */
export interface HeavyWorld {
  readonly services: WorldServices;
  readonly s3: S3Client;
  readonly records: RecordStore;
  readonly jobs: JobStore;
  /** Puts an object; nothing but the caller knows of it. */
  put(key: string, body: Uint8Array, bucket?: string): Promise<HeavyRequest['source']>;
  ask(request: Partial<HeavyRequest> & Pick<HeavyRequest, 'source'>): Promise<void>;
  /** @param program default: the clone's sources */
  startWorker(settings?: WorkerVariables, program?: Program): WorkerProcess;
  /** Messages that wait, and that are held. */
  queued(name?: string): Promise<number>;
  close(): Promise<void>;
}

const CLONE: Program = { path: moduleUrl('../functions/gpu-worker/main').pathname, options: moduleOptions() };

let sequence = 0;

const IN_THIS_PROCESS: StartWorldServices = (dataDir, closers) =>
  startServices({ dataDir, gatewayPort: 0, anyPorts: true, onReport: () => {} }, closers);

/** @param start default: the services run in this process */
export async function openHeavyWorld(
  packageDir: string,
  start: StartWorldServices = IN_THIS_PROCESS,
): Promise<HeavyWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'autoswiftnet-heavy-'));
  const closers: Closers = [() => rm(dataDir, { recursive: true, force: true })];
  const services = await start(dataDir, closers);
  const { messaging, endpoints, dynamodb } = services;
  const s3 = new S3Client({
    endpoint: endpoints.s3,
    region: REGION,
    credentials: CREDENTIALS,
    forcePathStyle: true,
  });
  closers.push(async () => s3.destroy());
  const table = DynamoDBDocumentClient.from(dynamodb.client);
  const model = { name: basename(packageDir), packageDir };
  const children: ChildProcess[] = [];
  closers.push(async () => {
    for (const child of children) child.kill('SIGKILL');
  });

  return {
    services,
    s3,
    records: openRecordStore(table, TABLE),
    jobs: openJobStore(table, TABLE),

    async put(key, body, bucket = UPLOADS_BUCKET) {
      const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body });
      const { VersionId: versionId = null } = await s3.send(command);
      sequence += 1;
      const eTag = createHash('md5').update(body).digest('hex');
      return { bucket, key, versionId, eTag, sequencer: `0055AE${sequence.toString(16).padStart(12, '0')}` };
    },

    ask: (request) =>
      sendHeavyRequest(messaging.sqs, queueUrlOf(services, HEAVY_QUEUE), {
        version: 1,
        jobId: null,
        model: model.name,
        top: 5,
        explain: false,
        ...request,
      }),

    startWorker(settings = {}, program = CLONE) {
      const environment = functionEnvironment({
        variables: process.env,
        packageDir,
        endpoints,
        resultsTopicArn: messaging.resultsTopicArn,
        heavy: { models: [model], queueUrl: queueUrlOf(services, HEAVY_QUEUE) },
      });
      const worker = runWorker(program, {
        ...environment,
        AUTOSWIFTNET_WORKER_PORT: '0',
        AUTOSWIFTNET_THREADS: '1',
        AUTOSWIFTNET_BATCH_SIZE: '8',
        AUTOSWIFTNET_VISIBILITY_SECONDS: '2',
        AUTOSWIFTNET_RETRY_SECONDS: '0',
        ...settings,
      });
      children.push(worker.child);
      return worker;
    },

    async queued(name = HEAVY_QUEUE) {
      const { Attributes = {} } = await messaging.sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: queueUrlOf(services, name),
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      );
      return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
    },

    close: () => closeAll(closers),
  };
}

function queueUrlOf({ messaging }: WorldServices, name: string): string {
  const url = messaging.queueUrls[name];
  if (url === undefined)
    throw new TypeError(`expected one of ${Object.keys(messaging.queueUrls).join(', ')}, got ${name}`);
  return url;
}

/** Resolves when the queue has been empty twice in a row, or after `withinMs`. @returns how many messages are left */
export async function untilEmpty(world: HeavyWorld, withinMs: number): Promise<number> {
  const deadline = Date.now() + withinMs;
  for (let empty = 0; empty < 2 && Date.now() < deadline; ) {
    empty = (await world.queued()) === 0 ? empty + 1 : 0;
    await delay(50);
  }
  return world.queued();
}

/** Starts the container's program, with these variables alone. */
export function runWorker(
  { path, options, cores, uid }: Program,
  environment: Readonly<Record<string, string>>,
): WorkerProcess {
  const child = fork(path, [], {
    env: environment,
    ...(cores === undefined
      ? { execArgv: options }
      : { execPath: 'taskset', execArgv: ['--cpu-list', cores, process.execPath, ...options] }),
    ...(uid === undefined ? {} : { uid, gid: uid, cwd: dirname(path) }),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lines: string[] = [];
  const ended = once(child, 'close').then(([code, signal]: (number | string | null)[]) => code ?? signal ?? 'unknown');
  const healthUrl = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        const port = /"message":"worker ready".*"port":(\d+)/.exec(line)?.[1];
        if (port !== undefined) resolve(`http://127.0.0.1:${port}/health`);
      });
    }
    void ended.then((how) => reject(new Error(`the worker ended (${how}) before it was ready:\n${lines.join('\n')}`)));
  });
  healthUrl.catch(() => {});
  return { child, lines, healthUrl, ended };
}

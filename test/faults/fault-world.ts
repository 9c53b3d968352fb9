import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import * as uploadsQueue from '../../functions/tag-upload/queue.ts';
import { localSns } from '../../local/clients.ts';
import { type Closers, startAll } from '../../local/closers.ts';
import { startDeadLetters } from '../../local/dead-letters.ts';
import { startEventSource } from '../../local/event-source.ts';
import { functionEnvironment } from '../../local/function-environment.ts';
import { startFunctionInstance } from '../../local/function-host.ts';
import { moduleOptions, moduleUrl } from '../../local/module-url.ts';
import {
  CREDENTIALS,
  DEAD_LETTERS_SUFFIX,
  HEAVY_QUEUE,
  queueArn,
  REGION,
  TABLE,
  UPLOADS_BUCKET,
  UPLOADS_DEAD_LETTERS,
  UPLOADS_PARKED,
  UPLOADS_QUEUE,
} from '../../local/names.ts';
import { heavyQueueUrl, startServices, uploadsQueueUrl } from '../../local/services.ts';
import { runWorker, type WorkerVariables } from '../functions/gpu-worker/heavy-world.ts';
import type { FaultPlan } from './fault-plan.ts';
import { type Found, findEverything } from './found.ts';
import { type Proxies, startProxies } from './proxies.ts';

/** The tagging function, and a heavy worker, on the embedded services, with proxies in between. */
export interface FaultWorld {
  /** A user's client, which talks to S3 without a proxy. */
  readonly s3: S3Client;
  readonly proxies: Proxies;
  /** What the function has written, line by line, and the faults of its event source. */
  readonly printed: readonly string[];
  /** Kills a process by SIGKILL, whatever it does. Another one takes its place. */
  kill(stage: 'tagging' | 'worker'): void;
  /** Sends messages that were given up back to their queue. @returns how many */
  redrive(): Promise<number>;
  /** Waits until no queue has a message to handle. */
  untilQuiet(): Promise<void>;
  /** Waits likewise, and returns what the services hold then. The results are gone after it. */
  findWhenQuiet(): Promise<Found>;
  close(): Promise<void>;
}

export interface FaultWorldOptions {
  readonly packageDir: string;
  readonly plan: FaultPlan;
  /**
   * A heavy model, which is the same package, and the prefix of the keys that it alone answers.
   * Default: there is none, and no worker.
   */
  readonly heavy?: { readonly name: string; readonly prefix: string } | null;
}

const RESULTS_QUEUE = 'audit-results';
const HEAVY_DEAD_LETTERS = `${HEAVY_QUEUE}${DEAD_LETTERS_SUFFIX}`;
const HEAVY_QUEUES = [HEAVY_QUEUE, HEAVY_DEAD_LETTERS, UPLOADS_PARKED];
/** Where messages lie that were given up, and the queue that they came from. */
const GIVEN_UP = { [UPLOADS_PARKED]: UPLOADS_QUEUE, [HEAVY_DEAD_LETTERS]: HEAVY_QUEUE };
const WORKER = moduleUrl('../functions/gpu-worker/main').pathname;
/** Short waits, because the plan is short, too. */
const WORKER_SETTINGS: WorkerVariables = {
  AUTOSWIFTNET_WORKER_PORT: '0',
  AUTOSWIFTNET_THREADS: '1',
  AUTOSWIFTNET_VISIBILITY_SECONDS: '2',
  AUTOSWIFTNET_RETRY_SECONDS: '0',
};
const pidSchema = z.object({ pid: z.int() });
/** How often in a row the queue must be empty. */
const QUIET_LOOKS = 3;
const LOOK_INTERVAL_MS = 100;

export async function openFaultWorld(options: FaultWorldOptions): Promise<FaultWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'autoswiftnet-faults-'));
  return startAll((closers) => {
    closers.push(() => rm(dataDir, { recursive: true, force: true }));
    return bringUp(dataDir, options, closers);
  });
}

async function bringUp(
  dataDir: string,
  { packageDir, plan, heavy = null }: FaultWorldOptions,
  closers: Closers,
): Promise<Omit<FaultWorld, 'close'>> {
  const printed: string[] = [];
  const onReport = (report: object) => printed.push(JSON.stringify(report));
  const services = await startServices({ dataDir, gatewayPort: 0, anyPorts: true, onReport }, closers);
  const { messaging, endpoints, dynamodb } = services;
  const proxies = await startProxies(endpoints, plan);
  closers.push(proxies.close);
  const s3 = new S3Client({ endpoint: endpoints.s3, region: REGION, credentials: CREDENTIALS, forcePathStyle: true });
  closers.push(async () => s3.destroy());
  const { sqs, queueUrls, resultsTopicArn } = messaging;
  const { QueueUrl: resultsQueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: RESULTS_QUEUE }));
  await subscribe(endpoints.sns, resultsTopicArn);

  const environment = functionEnvironment({
    variables: {
      ...process.env,
      ...(heavy === null ? {} : { AUTOSWIFTNET_MODEL_RULES: JSON.stringify({ [heavy.prefix]: heavy.name }) }),
    },
    packageDir,
    endpoints: proxies.endpoints,
    resultsTopicArn,
    heavy: heavy === null ? null : { models: [{ name: heavy.name, packageDir }], queueUrl: heavyQueueUrl(messaging) },
  });
  let taggingPid: number | undefined;
  const instance = startFunctionInstance({
    name: 'tag-upload',
    handler: new URL('./tagging-handler.ts', import.meta.url),
    environment,
    timeoutMs: uploadsQueue.FUNCTION_TIMEOUT_SECONDS * 1000,
    onLine(line) {
      taggingPid = pidSchema.safeParse(parse(line)).data?.pid ?? taggingPid;
      printed.push(line);
    },
  });
  closers.push(() => instance.close(0));
  await instance.ready();
  const queueUrl = uploadsQueueUrl(messaging);
  const source = startEventSource({
    sqs,
    queueUrl,
    queueArn: queueArn(UPLOADS_QUEUE),
    instances: [instance],
    batchSize: uploadsQueue.DEFAULT_BATCH_SIZE,
    retryDelaySeconds: 0,
    onError: (error) => printed.push(String(error)),
  });
  closers.push(() => source.stop());
  const worker = heavy === null ? null : await startHeavy();

  /** The container's program, again and again, and the function of the dead letters. */
  async function startHeavy(): Promise<{ kill(): void }> {
    await startDeadLetters({ messaging, tagging: [instance], environment, onReport, retryDelaySeconds: 0 }, closers);
    let isClosing = false;
    const start = () => {
      const started = runWorker({ path: WORKER, options: moduleOptions() }, { ...environment, ...WORKER_SETTINGS });
      void started.ended.then(() => {
        printed.push(...started.lines);
        if (!isClosing) running = start();
      });
      return started;
    };
    let running = start();
    closers.push(async () => {
      isClosing = true;
      running.child.kill('SIGKILL');
      await running.ended;
    });
    await running.healthUrl;
    return { kill: () => void running.child.kill('SIGKILL') };
  }

  const audited = {
    s3,
    bucket: UPLOADS_BUCKET,
    table: DynamoDBDocumentClient.from(dynamodb.client),
    tableName: TABLE,
    sqs,
    resultsQueueUrl,
    queueUrls: pick(queueUrls, [UPLOADS_QUEUE, UPLOADS_DEAD_LETTERS, ...(heavy === null ? [] : HEAVY_QUEUES)]),
  };
  return {
    s3,
    proxies,
    printed,
    kill(stage) {
      if (stage === 'worker') worker?.kill();
      // It may have ended by itself in this moment.
      else if (taggingPid !== undefined && isRunning(taggingPid)) process.kill(taggingPid, 'SIGKILL');
    },
    async redrive() {
      const moved = await Promise.all(
        Object.entries(GIVEN_UP).map(([from, to]) => move(sqs, queueUrls[from] ?? '', queueUrls[to] ?? '')),
      );
      return moved.reduce((sum, count) => sum + count, 0);
    },
    untilQuiet,
    async findWhenQuiet() {
      await untilQuiet();
      return findEverything(audited);
    },
  };

  async function untilQuiet(): Promise<void> {
    const busy = [
      queueUrl,
      ...(heavy === null ? [] : [queueUrls[UPLOADS_DEAD_LETTERS] ?? '', heavyQueueUrl(messaging)]),
    ];
    for (let quiet = 0; quiet < QUIET_LOOKS; ) {
      await delay(LOOK_INTERVAL_MS);
      const counts = await Promise.all(busy.map(countIn));
      quiet = counts.every((count) => count === 0) ? quiet + 1 : 0;
    }
  }

  async function countIn(QueueUrl: string): Promise<number> {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Moves all messages of a queue to another, as StartMessageMoveTask does. @returns how many */
async function move(sqs: SQSClient, from: string, to: string): Promise<number> {
  for (let moved = 0; ; ) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: from, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    if (Messages.length === 0) return moved;
    for (const { Body, ReceiptHandle } of Messages) {
      await sqs.send(new SendMessageCommand({ QueueUrl: to, MessageBody: Body }));
      await sqs.send(new DeleteMessageCommand({ QueueUrl: from, ReceiptHandle }));
    }
    moved += Messages.length;
  }
}

async function subscribe(endpoint: string, topicArn: string): Promise<void> {
  const sns = localSns(endpoint);
  await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: queueArn(RESULTS_QUEUE),
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  sns.destroy();
}

function pick(urls: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, urls[name] ?? '']));
}

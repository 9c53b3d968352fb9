import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { readManifest } from '../functions/classifier/manifest.ts';
import { environmentSchema, readEnvironment, type Variables } from '../functions/environment.ts';
import { BATCH_SIZE, FUNCTION_TIMEOUT_SECONDS } from '../functions/tag-upload/queue.ts';
import { lockDataFolder } from './data-lock.ts';
import { type LocalDynamoDb, startDynamoDb } from './dynamodb.ts';
import { FunctionStartError } from './errors.ts';
import { startEventSource } from './event-source.ts';
import { functionEnvironment } from './function-environment.ts';
import { type FunctionInstance, startFunctionInstance } from './function-host.ts';
import { type FunctionReport, readFunctionLine } from './function-log.ts';
import { type Health, startGateway } from './gateway.ts';
import { preferPort } from './listen.ts';
import { type Messaging, queueArn, startMessaging } from './messaging.ts';
import { moduleUrl } from './module-url.ts';
import { DEFAULT_PORT, SERVICE_BUCKET, TABLE, TAG_UPLOAD_FUNCTION, UPLOADS_BUCKET, UPLOADS_QUEUE } from './names.ts';
import { missedMessages, readImages } from './reconcile.ts';
import { type LocalS3, startS3 } from './s3/server.ts';

export interface StackOptions {
  /** All that the stack keeps is in this folder; created when missing. */
  readonly dataDir: string;
  /** Folder of the model package that answers. */
  readonly packageDir: string;
  /** Of the gateway; the services take the three after it where they are free. 0: any free ones. Default 3000. */
  readonly port?: number;
  /** Processes that tag images, each with a model of its own in memory. Default: 2 on four cores or more, else 1. */
  readonly instances?: number;
  /** The user's own variables. Default `process.env`. */
  readonly variables?: Variables;
  /** Takes what the functions and the services have to tell. */
  readonly onReport?: (report: FunctionReport) => void;
  /** Ends a start that is still under way. */
  readonly signal?: AbortSignal;
}

export interface Stack {
  /** The gateway's: `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly health: Health;
  /** Images that were found without a finished record and queued again. */
  readonly requeued: number;
  /** Finishes the images under way (2 s at most) and ends every process and port. State stays in the data folder. */
  close(): Promise<void>;
}

interface Services {
  readonly dynamodb: LocalDynamoDb;
  readonly messaging: Messaging;
  readonly s3: LocalS3;
}

interface ServiceOptions {
  readonly gatewayPort: number;
  /** Whether the services take any free ports, not those after the gateway's. */
  readonly anyPorts: boolean;
  readonly onReport: (report: FunctionReport) => void;
}

/** What ends the parts that run, the last one started first. */
type Closers = (() => Promise<void>)[];

const MAX_PORT = 65_535;

/** Of the five seconds that Ctrl-C may take, the local S3 needs two at most for requests of its own. */
const FUNCTION_GRACE_MS = 2_000;

/** SQS takes ten messages at once. */
const SEND_BATCH_SIZE = 10;

const { version }: { version: string } = createRequire(import.meta.url)('../package.json');

/**
 * Starts S3, SQS, SNS, DynamoDB, the functions and the gateway, and queues whatever an earlier run left unfinished. Once it resolves, an
 * object put into the bucket is tagged.
 * @throws {PortTakenError} for `port`
 * @throws {DataFolderInUseError} when another stack runs on the folder
 * @throws {InvalidPackageError} {@link FunctionStartError} when the model cannot be opened
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const closers: Closers = [];
  try {
    return { ...(await bringUp(options, closers)), close: () => closeAll(closers) };
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

async function bringUp(options: StackOptions, closers: Closers): Promise<Omit<Stack, 'close'>> {
  const { port = DEFAULT_PORT, signal, onReport = () => {}, variables = process.env } = options;
  const dataDir = resolve(options.dataDir);
  const packageDir = resolve(options.packageDir);
  const { name } = await readManifest(packageDir);
  const { AUTOSWIFTNET_INDEX_THRESHOLD: indexThreshold } = readEnvironment(
    environmentSchema.pick({ AUTOSWIFTNET_INDEX_THRESHOLD: true }),
    variables,
  );

  closers.push(await lockDataFolder(dataDir));
  let health = emptyHealth(name);
  const gateway = await startGateway(port, () => health);
  closers.push(gateway.close);
  signal?.throwIfAborted();

  const services = await startServices(dataDir, { gatewayPort: gateway.port, anyPorts: port === 0, onReport }, closers);
  const { s3, messaging, dynamodb } = services;
  const endpoints = {
    s3: s3.endpoint,
    sqs: messaging.endpoint,
    sns: messaging.endpoint,
    dynamodb: dynamodb.endpoint,
  };
  signal?.throwIfAborted();

  const environment = functionEnvironment({
    variables,
    packageDir,
    endpoints,
    resultsTopicArn: messaging.resultsTopicArn,
  });
  const instances = await startInstances(options, environment, closers);
  const requeued = await requeue(services, indexThreshold);
  signal?.throwIfAborted();

  const source = startEventSource({
    sqs: messaging.sqs,
    queueUrl: uploadsQueueUrl(messaging),
    queueArn: queueArn(UPLOADS_QUEUE),
    instances,
    batchSize: BATCH_SIZE,
    onError: (error) => onReport(toFault(error)),
  });
  closers.push(async () => {
    health = { ...health, status: 'stopping' };
    await Promise.all([source.stop(), ...instances.map((instance) => instance.close(FUNCTION_GRACE_MS))]);
  });
  health = { ...health, status: 'ok', endpoints, queues: messaging.queueUrls };
  return { url: gateway.url, health, requeued };
}

/** One part that cannot be closed does not keep the others open. */
async function closeAll(closers: Closers): Promise<void> {
  const faults: unknown[] = [];
  for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) {
    await closer().catch((fault: unknown) => faults.push(fault));
  }
  if (faults.length > 0) throw new AggregateError(faults, 'the local stack did not end in good order');
}

function emptyHealth(model: string): Health {
  return {
    status: 'starting',
    version,
    models: [model],
    endpoints: {},
    bucket: UPLOADS_BUCKET,
    queues: {},
    table: TABLE,
  };
}

async function startServices(
  dataDir: string,
  { gatewayPort, anyPorts, onReport }: ServiceOptions,
  closers: Closers,
): Promise<Services> {
  const beside = (offset: number) => (anyPorts || gatewayPort + offset > MAX_PORT ? 0 : gatewayPort + offset);

  const dynamodb = await preferPort(beside(3), (port) => startDynamoDb({ dataDir: join(dataDir, 'dynamodb'), port }));
  closers.push(dynamodb.close);
  const messaging = await preferPort(beside(2), startMessaging);
  closers.push(messaging.close);

  const s3 = await preferPort(beside(1), (port) =>
    startS3({
      dataDir: join(dataDir, 's3'),
      port,
      allowedOrigins: ['127.0.0.1', 'localhost'].map((host) => `http://${host}:${gatewayPort}`),
      onEvent: async (notification) => {
        const message = { QueueUrl: uploadsQueueUrl(messaging), MessageBody: JSON.stringify(notification) };
        await messaging.sqs.send(new SendMessageCommand(message));
      },
      onError: (error) => onReport(toFault(error)),
    }),
  );
  closers.push(() => s3.close());
  await s3.createBucket(UPLOADS_BUCKET, { notifications: true });
  await s3.createBucket(SERVICE_BUCKET, { notifications: false });
  return { dynamodb, messaging, s3 };
}

async function startInstances(
  { instances = availableParallelism() >= 4 ? 2 : 1, onReport = () => {}, signal }: StackOptions,
  environment: Record<string, string>,
  closers: Closers,
): Promise<FunctionInstance[]> {
  const faults: string[] = [];
  const started = Array.from({ length: instances }, () =>
    startFunctionInstance({
      name: TAG_UPLOAD_FUNCTION,
      handler: moduleUrl('../functions/tag-upload/handler'),
      environment,
      timeoutMs: FUNCTION_TIMEOUT_SECONDS * 1000,
      onLine(line) {
        const report = readFunctionLine(line);
        if (report === null) return;
        if (report.kind === 'fault' && report.level === 'error') faults.push(report.text);
        onReport(report);
      },
    }),
  );
  const kill = async () => {
    await Promise.all(started.map((instance) => instance.close(0)));
  };
  closers.push(kill);
  signal?.addEventListener('abort', () => void kill(), { once: true });
  await Promise.all(started.map((instance) => instance.ready()));
  // A function that cannot open its model says so and waits for events. Its lines and its readiness come by different pipes.
  await setImmediate();
  await setImmediate();
  if (faults[0] !== undefined)
    throw new FunctionStartError(`function ${TAG_UPLOAD_FUNCTION} cannot work: ${faults[0]}`);
  return started;
}

/** @returns how many images and removals were queued */
async function requeue({ s3, messaging, dynamodb }: Services, indexThreshold: number): Promise<number> {
  const table = DynamoDBDocumentClient.from(dynamodb.client);
  const images = await readImages(table, TABLE, UPLOADS_BUCKET);
  const objects = s3.listObjects(UPLOADS_BUCKET);
  let count = 0;
  let bodies: string[] = [];
  const send = async () => {
    const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    if (Entries.length === 0) return;
    await messaging.sqs.send(new SendMessageBatchCommand({ QueueUrl: uploadsQueueUrl(messaging), Entries }));
    count += bodies.length;
    bodies = [];
  };
  for await (const body of missedMessages({ bucket: UPLOADS_BUCKET, objects, images, indexThreshold })) {
    bodies.push(body);
    if (bodies.length === SEND_BATCH_SIZE) await send();
  }
  await send();
  return count;
}

function uploadsQueueUrl({ queueUrls }: Messaging): string {
  return queueUrls[UPLOADS_QUEUE] ?? '';
}

function toFault(error: unknown): FunctionReport {
  return { kind: 'fault', level: 'error', key: null, text: error instanceof Error ? error.message : String(error) };
}

import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { readManifest } from '../classifier/manifest.ts';
import { healthOf } from '../functions/api/health.ts';
import { toLogin } from '../functions/api/login.ts';
import type { Variables } from '../functions/environment.ts';
import { DEFAULT_BATCH_SIZE, FUNCTION_TIMEOUT_SECONDS } from '../functions/tag-upload/queue.ts';
import { startApiFunction } from './api-function.ts';
import { type Closers, startAll } from './closers.ts';
import { lockDataFolder } from './data-lock.ts';
import { startDeadLetters } from './dead-letters.ts';
import { startEventSource } from './event-source.ts';
import { functionEnvironment } from './function-environment.ts';
import type { FunctionInstance } from './function-host.ts';
import { type FunctionReport, toFault } from './function-log.ts';
import { type Health, startGateway } from './gateway.ts';
import { type HeavyModel, heavyModel } from './heavy-model.ts';
import { startHeavyWorker } from './heavy-worker.ts';
import type { Invoke } from './http-api/serve.ts';
import { startInstances } from './instances.ts';
import { moduleUrl } from './module-url.ts';
import { DEFAULT_PORT, queueArn, TABLE, TAG_UPLOAD_FUNCTION, UPLOADS_BUCKET, UPLOADS_QUEUE } from './names.ts';
import { openPage, pageOrigins } from './page.ts';
import { requeue } from './requeue.ts';
import { heavyQueueUrl, type Services, startServices, uploadsQueueUrl } from './services.ts';
import { readStackSettings, type StackSettings } from './stack-settings.ts';

export interface StackOptions {
  /** Folder that holds everything the stack keeps. It is created if it is missing. */
  readonly dataDir: string;
  /** Folder of the small model's package. */
  readonly packageDir: string;
  /** Folder of the heavy model's package. Default: there is no heavy model. */
  readonly heavyPackageDir?: string;
  /** Folders of further heavy models' packages, beside `heavyPackageDir`. Default none. */
  readonly furtherHeavyPackageDirs?: readonly string[];
  /**
   * Port of the gateway. The services use the three ports after it if they are free. 0 means any
   * free ports. Default 3000.
   */
  readonly port?: number;
  /**
   * Number of processes that tag images, each with its own model in memory. Default: 2 on four or
   * more cores, else 1.
   */
  readonly instances?: number;
  /**
   * Number of processes that answer the HTTP API, each with its own model in memory. Default: 2 on
   * four or more cores, else 1.
   */
  readonly apiInstances?: number;
  /** The environment variables of the user. Default `process.env`. */
  readonly variables?: Variables;
  /** Receives the reports of the functions and services. */
  readonly onReport?: (report: FunctionReport) => void;
  /** Aborts a start that is still in progress. */
  readonly signal?: AbortSignal;
}

export interface Stack {
  /** Address of the gateway: `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly health: Health;
  /**
   * Number of images without a finished record, and jobs without an answer, that were queued again.
   */
  readonly requeued: number;
  /**
   * Finishes the images in progress (at most 2 s), and closes every process and port. The data
   * folder keeps the state.
   */
  close(): Promise<void>;
}

/** What every function of the stack needs to start. */
interface FunctionParts {
  readonly options: StackOptions;
  readonly services: Services;
  readonly environment: Record<string, string>;
  readonly onReport: (report: FunctionReport) => void;
}

/** Ctrl-C may take five seconds, of which the local S3 needs up to two for its own requests. */
const FUNCTION_GRACE_MS = 2_000;

/**
 * Starts S3, SQS, SNS, DynamoDB, the functions and the gateway, and queues the work that an earlier
 * run left unfinished. Once it resolves, every object that is put into the bucket gets tagged.
 * @throws {ConfigurationError} naming every setting that is wrong
 * @throws {PortTakenError} when `port` cannot be used
 * @throws {DataFolderInUseError} when another stack uses the folder
 * @throws {InvalidPackageError} {@link FunctionStartError} when the model cannot be opened
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  return startAll((closers) => bringUp(options, closers));
}

async function bringUp(options: StackOptions, closers: Closers): Promise<Omit<Stack, 'close'>> {
  const { port = DEFAULT_PORT, signal, onReport = () => {}, variables = process.env } = options;
  const dataDir = resolve(options.dataDir);
  const packageDir = resolve(options.packageDir);
  const settings = readStackSettings(variables);
  const { name } = await readManifest(packageDir);
  const heavyModels = await readHeavyModels(options, packageDir);

  closers.push(await lockDataFolder(dataDir));
  let health = emptyHealth([name, ...heavyModels.map((heavy) => heavy.name)], settings);
  let api: Invoke | undefined;
  const serveFile = openPage({
    origins: () => pageOrigins(health, settings.AUTOSWIFTNET_OIDC_TOKEN_URL),
    onError: (error) => onReport(toFault(error)),
  });
  const allowedOrigins = settings.AUTOSWIFTNET_CORS_ORIGINS;
  const gateway = await startGateway(port, { health: () => health, api: () => api, serveFile, allowedOrigins });
  closers.push(gateway.close);
  signal?.throwIfAborted();

  const services = await startServices(
    { dataDir, gatewayPort: gateway.port, anyPorts: port === 0, allowedOrigins, onReport },
    closers,
  );
  const { messaging, endpoints } = services;
  signal?.throwIfAborted();

  const { resultsTopicArn } = messaging;
  const environment = functionEnvironment({
    variables,
    packageDir,
    endpoints,
    resultsTopicArn,
    heavy: heavyModels.length === 0 ? null : { models: heavyModels, queueUrl: heavyQueueUrl(messaging) },
  });
  const [tagging, invokeApi] = await Promise.all([
    loadTagUpload({ options, services, environment, onReport }, closers),
    startApiFunction({ count: options.apiInstances, environment, onReport, signal }, closers),
    heavyModels.length === 0 ? null : startHeavyWorker({ environment, onReport, signal }, closers),
  ]);
  api = invokeApi;
  const requeued = await requeue(services, {
    indexThreshold: settings.AUTOSWIFTNET_INDEX_THRESHOLD,
    hasHeavyModel: heavyModels.length > 0,
  });
  signal?.throwIfAborted();

  tagging.start();
  const deadLetters = { messaging, tagging: tagging.instances, environment, onReport };
  const { lambdaEndpoint: lambda } = await startDeadLetters(deadLetters, closers);
  closers.push(async () => {
    health = { ...health, status: 'stopping' };
  });
  health = { ...health, status: 'ok', endpoints: { ...endpoints, lambda }, queues: messaging.queueUrls };
  return { url: gateway.url, health, requeued };
}

/** @returns the instances of the function, and what starts to hand them messages */
async function loadTagUpload(
  { options, services: { messaging }, environment, onReport }: FunctionParts,
  closers: Closers,
): Promise<{ readonly instances: readonly FunctionInstance[]; readonly start: () => void }> {
  const instances = await startInstances(
    {
      name: TAG_UPLOAD_FUNCTION,
      handler: moduleUrl('../functions/tag-upload/handler'),
      environment,
      timeoutMs: FUNCTION_TIMEOUT_SECONDS * 1000,
      count: options.instances ?? (availableParallelism() >= 4 ? 2 : 1),
      onReport,
      signal: options.signal,
    },
    closers,
  );
  const start = () => {
    const source = startEventSource({
      sqs: messaging.sqs,
      queueUrl: uploadsQueueUrl(messaging),
      queueArn: queueArn(UPLOADS_QUEUE),
      instances,
      batchSize: DEFAULT_BATCH_SIZE,
      onError: (error) => onReport(toFault(error)),
    });
    closers.push(async () => {
      await Promise.all([source.stop(), ...instances.map((instance) => instance.close(FUNCTION_GRACE_MS))]);
    });
  };
  return { instances, start };
}

/** Each package once, even if it is named twice. */
async function readHeavyModels(
  { heavyPackageDir, furtherHeavyPackageDirs = [] }: StackOptions,
  packageDir: string,
): Promise<HeavyModel[]> {
  if (heavyPackageDir === undefined) return [];
  const folders = [...new Set([heavyPackageDir, ...furtherHeavyPackageDirs].map((folder) => resolve(folder)))];
  for (const folder of folders) await readManifest(folder);
  return folders.map((folder) => heavyModel(folder, packageDir));
}

function emptyHealth(modelNames: readonly string[], settings: StackSettings): Health {
  const maxImageBytes = settings.AUTOSWIFTNET_MAX_IMAGE_BYTES;
  return {
    ...healthOf({ modelNames, auth: toLogin(settings), maxImageBytes }),
    status: 'starting',
    endpoints: {},
    bucket: UPLOADS_BUCKET,
    queues: {},
    table: TABLE,
  };
}

import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type sharpType from 'sharp';
import { type Closers, closeAll } from '../../../local/closers.ts';
import { startLambda } from '../../../local/lambda.ts';
import { CREDENTIALS, HEAVY_QUEUE, REGION, SERVICE_BUCKET, TABLE, UPLOADS_PARKED } from '../../../local/names.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { startProxies } from '../../faults/proxies.ts';
import { startProxy } from '../../faults/proxy.ts';
import { CLUSTER, SERVICE, startLocalEcs } from '../../functions/local-ecs.ts';
import { samplePicture } from '../../integration/uploads.ts';
import { startServices } from '../boot/services.ts';
import { HEAVY_MODEL, type Place, PROGRAMS, type ProgramName, type Stage } from './programs.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

/** A program with the variables of a template: a text, or a reference as text, such as `<Results>`. */
export interface Deployed {
  readonly program: ProgramName;
  readonly variables: Readonly<Record<string, string>>;
}

export interface Recorder {
  /**
   * Returns what the program calls, such as `s3:GetObject+version on images/*`. Programs whose
   * settings differ in nothing that matters are driven once.
   */
  record(deployed: Deployed): Promise<ReadonlySet<string>>;
  close(): Promise<void>;
}

/** The bucket of the CDK's assets. */
const ASSETS = 'assets';

/**
 * Variables that choose no call: names, texts and limits of what is accepted. Everything else makes
 * a group of settings, which is driven by itself.
 */
const WITHOUT_EFFECT: readonly RegExp[] = [
  /^AUTOSWIFTNET_(STACK|MODEL|CORS_ORIGINS|HEIC|MAX_\w+|WORKER_\w+|STOP_SECONDS|PROVIDERS|GPU_HOURS_PER_DAY)$/,
  /^AUTOSWIFTNET_OIDC_\w+$/,
  // Every picture is on the same side of them, whatever they are: see `STAGED`.
  /^AUTOSWIFTNET_\w+_THRESHOLD$/,
  /^AWS_REGION$/,
  // What a rule asks for, the driven objects ask for by their metadata.
  /^AUTOSWIFTNET_MODEL_RULES$/,
];

/** Variables that name a place, of which the stage has its own. Whether they are there may matter. */
const PLACED: ReadonlySet<string> = new Set([
  'AUTOSWIFTNET_TABLE',
  'AUTOSWIFTNET_BUCKET',
  // The first stack that has it has several buckets, with prefixes and suffixes.
  'AUTOSWIFTNET_WATCHED',
  'AUTOSWIFTNET_SERVICE_BUCKET',
  'AUTOSWIFTNET_RESULTS_TOPIC_ARN',
  'AUTOSWIFTNET_HEAVY_MODEL',
  'AUTOSWIFTNET_HEAVY_QUEUE_URL',
  'AUTOSWIFTNET_HEAVY_PACKAGES',
  'AUTOSWIFTNET_PARKED_QUEUE_URL',
  'AUTOSWIFTNET_TAGGING_FUNCTION',
  'AUTOSWIFTNET_GPU_CLUSTER',
  'AUTOSWIFTNET_GPU_SERVICE',
]);

const QUEUES: Readonly<Record<string, string>> = { [HEAVY_QUEUE]: 'heavy queue', [UPLOADS_PARKED]: 'parked' };

/** Starts the embedded services, on which the programs run in this process. */
export async function openRecorder(): Promise<Recorder> {
  const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-calls-'));
  const closers: Closers = [() => rm(folder, { recursive: true, force: true })];
  const services = await startServices(join(folder, 'data'));
  closers.push(() => services.close());
  const [lambda, ecs, packageDir] = await Promise.all([
    startLambda(),
    startLocalEcs(),
    ensureSamplePackage(join(folder, 'models')),
  ]);
  closers.push(lambda.close, ecs.close);
  await services.createBucket(ASSETS);
  const packages = await putPackage(services.s3, packageDir);
  const [acorn, daisy] = await Promise.all([samplePicture('acorn-1'), samplePicture('daisy-1')]);

  let recorded = new Set<string>();
  let places: readonly Place[] = [];
  let isRecording = false;
  const add = (name: string, kind: string) => {
    if (isRecording) recorded.add(`${name} on ${kind}`);
  };
  const proxies = await startProxies(services.endpoints, undefined, (name, resource) =>
    add(name, kindOf(name, resource, places)),
  );
  closers.push(() => proxies.close());
  const invocations = await startProxy({
    // Its own answers, which nobody asks for here, would be those of S3.
    service: 's3',
    target: lambda.endpoint,
    treat: () => {
      add('lambda:Invoke', 'tagging function');
      return { delayMs: 0, fate: 'pass' };
    },
  });
  closers.push(invocations.close);
  Object.assign(process.env, proxies.variables, ecs.variables, {
    AWS_ENDPOINT_URL_LAMBDA: invocations.endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });

  const { metrics } = await import('../../../functions/log.ts');
  Object.defineProperty(metrics, 'publishStoredMetrics', { value: () => metrics.clearMetrics() });

  /** Values that mean this place, and those with which every path is reached. */
  const STAGED: Readonly<Record<string, string>> = {
    AUTOSWIFTNET_MODELS: dirname(packageDir),
    AUTOSWIFTNET_MODEL: basename(packageDir),
    AUTOSWIFTNET_TABLE: TABLE,
    AUTOSWIFTNET_SERVICE_BUCKET: SERVICE_BUCKET,
    AUTOSWIFTNET_RESULTS_TOPIC_ARN: services.resultsTopicArn,
    AUTOSWIFTNET_HEAVY_MODEL: HEAVY_MODEL,
    AUTOSWIFTNET_HEAVY_QUEUE_URL: services.queueUrls[HEAVY_QUEUE] ?? '',
    AUTOSWIFTNET_PARKED_QUEUE_URL: services.queueUrls[UPLOADS_PARKED] ?? '',
    AUTOSWIFTNET_TAGGING_FUNCTION: 'tag-upload',
    AUTOSWIFTNET_GPU_CLUSTER: CLUSTER,
    AUTOSWIFTNET_GPU_SERVICE: SERVICE,
    AUTOSWIFTNET_HEAVY_PACKAGES: packages,
    AUTOSWIFTNET_PROVIDERS: 'cpu',
    AUTOSWIFTNET_WORKER_PORT_FILE: join(folder, 'port'),
    // Labels get rows.
    AUTOSWIFTNET_INDEX_THRESHOLD: '0.1',
  };
  /** What a machine or the container's image sets. */
  const OF_WORKER = {
    AUTOSWIFTNET_HEAVY_MODEL: 'sample',
    AUTOSWIFTNET_VISIBILITY_SECONDS: '2',
    AUTOSWIFTNET_RETRY_SECONDS: '0',
    AUTOSWIFTNET_THREADS: '1',
  };

  let loads = 0;
  let groups = 0;
  const known = new Map<string, Promise<ReadonlySet<string>>>();

  async function drive({ program, variables: deployed }: Deployed): Promise<ReadonlySet<string>> {
    groups += 1;
    places = placesOf(deployed, `group${groups}`);
    for (const bucket of new Set(places.map((place) => place.bucket))) await services.createBucket(bucket);
    const watched = 'AUTOSWIFTNET_WATCHED' in deployed ? { AUTOSWIFTNET_WATCHED: JSON.stringify(places) } : {};
    const variables = {
      ...deployed,
      ...Object.fromEntries(Object.entries(STAGED).filter(([name]) => name in deployed)),
      ...(program === 'gpu-worker' ? { ...OF_WORKER, AUTOSWIFTNET_MODEL_CACHE: join(folder, `cache-${groups}`) } : {}),
      ...('AUTOSWIFTNET_BUCKET' in deployed ? { AUTOSWIFTNET_BUCKET: places[0]?.bucket ?? '' } : {}),
      ...watched,
      AUTOSWIFTNET_MODELS: STAGED['AUTOSWIFTNET_MODELS'] ?? '',
    };
    services.takeEvent();
    recorded = new Set();
    ecs.calls.length = 0;
    isRecording = true;
    const stage: Stage = {
      ...{ services, lambda, ecs, places, variables, pictures: { acorn, daisy } },
      async load(name, changes = {}) {
        setVariables({ ...variables, ...changes });
        loads += 1;
        return (await import(`../../../functions/${name}/handler.ts?${loads}`)).handler;
      },
      async unrecorded(act) {
        isRecording = false;
        await act();
        isRecording = true;
      },
    };
    setVariables(variables);
    try {
      await PROGRAMS[program](stage);
    } finally {
      isRecording = false;
    }
    return new Set([...recorded, ...ecs.calls.map((call) => `${call} on gpu service`)]);
  }

  return {
    record(deployed) {
      const group = groupOf(deployed);
      const recording = known.get(group) ?? drive(deployed);
      known.set(group, recording);
      return recording;
    },
    async close() {
      // The handlers make this process one that only decodes; the test files after this one draw.
      sharp.unblock({ operation: ['VipsForeignLoad'] });
      await closeAll(closers);
    },
  };
}

/** The settings of a program that may change its calls, as text. */
function groupOf({ program, variables }: Deployed): string {
  const choosing = Object.entries(variables).filter(([name]) => !WITHOUT_EFFECT.some((pattern) => pattern.test(name)));
  const shown = choosing.map(([name, value]) => [name, PLACED.has(name) ? '' : value]);
  return JSON.stringify([program, shown.sort()]);
}

/** What is watched, with buckets of this stage. */
function placesOf({ AUTOSWIFTNET_WATCHED: watched }: Deployed['variables'], bucket: string): Place[] {
  if (watched === undefined) return [{ bucket, prefix: '', suffix: '' }];
  const given = JSON.parse(watched) as Place[];
  const names = [...new Set(given.map((place) => place.bucket))];
  return given.map((place) => ({ ...place, bucket: `${bucket}-${names.indexOf(place.bucket)}` }));
}

/** What a call is about: `images/*`, `service/jobs/*`, `table/index/byLabel`, `heavy queue`. */
function kindOf(call: string, resource: string, places: readonly Place[]): string {
  const [bucket = '', ...rest] = resource.split('/');
  const key = rest.join('/');
  if (call.startsWith('s3:')) {
    if (bucket === ASSETS) return 'assets/*';
    if (bucket === SERVICE_BUCKET) return key === '' ? 'service' : `service/${rest[0]}/*`;
    const own = places.filter((place) => place.bucket === bucket);
    if (own.length > 0 && key === '') return 'images';
    return own.some(({ prefix, suffix }) => key.startsWith(prefix) && key.endsWith(suffix)) ? 'images/*' : resource;
  }
  if (call.startsWith('sns:')) return 'results';
  if (call.startsWith('sqs:')) return QUEUES[resource] ?? resource;
  return resource.replace(TABLE, 'table');
}

function setVariables(variables: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AUTOSWIFTNET_')) delete process.env[name];
  Object.assign(process.env, variables, { AUTOSWIFTNET_OFFLINE: '1', AWS_REGION: REGION });
}

/** @returns the value of AUTOSWIFTNET_HEAVY_PACKAGES with the package in the bucket of assets */
async function putPackage(s3: Stage['services']['s3'], packageDir: string): Promise<string> {
  const places = ['model.json', 'model.onnx', 'weights.bin', 'hierarchy.json'].map(async (name) => {
    const Body = await readFile(join(packageDir, name));
    await s3.send(new PutObjectCommand({ Bucket: ASSETS, Key: name, Body }));
    return [name, { url: `s3://${ASSETS}/${name}`, sha256: createHash('sha256').update(Body).digest('hex') }] as const;
  });
  return JSON.stringify({ [basename(packageDir)]: Object.fromEntries(await Promise.all(places)) });
}

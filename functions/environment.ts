import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_PIXELS } from '../classifier/decode.ts';
import { GRAPH_FILE, MANIFEST_FILE, WEIGHTS_FILE } from '../classifier/manifest.ts';
import { EXECUTION_PROVIDERS } from '../classifier/session.ts';
import { ConfigurationError } from './errors.ts';

export type Environment = z.output<typeof environmentSchema>;
export type EnvironmentName = keyof Environment;

/** What the process is given: `process.env`, or a plain object in tests. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** The small model that answers unless another is asked for: torch.hub's name with the precision, a package's folder name. */
export const DEFAULT_SMALL_MODEL = 'resnet50_swsl.int8';

/** Where Lambda unpacks layers. */
export const LAMBDA_MODELS_DIR = '/opt/models';

/** Where `models fetch` puts packages, relative to the working directory. */
export const LOCAL_MODELS_DIR = 'models/cache';

export const DEFAULT_TAG_LABELS = 1;
export const DEFAULT_TAG_THRESHOLD = 0.1;
export const DEFAULT_INDEX_THRESHOLD = 0.1;
export const DEFAULT_CASCADE_THRESHOLD = 0.5;
export const DEFAULT_BATCH_SIZE = 32;
export const DEFAULT_BATCH_WAIT_MS = 20;
export const DEFAULT_WORKER_PORT = 8080;
export const DEFAULT_STOP_SECONDS = 25;
export const DEFAULT_VISIBILITY_SECONDS = 60;
export const DEFAULT_RETRY_SECONDS = 30;
export const DEFAULT_MODEL_MEMORY_MB = 4000;

/** What may be a model's name: it is a folder's, too. */
export const MODEL_NAME = /^(?!\.{1,2}$)[^/\\]{1,255}$/;

/** Every variable that a function reads: the name, what it may be (the text of its error) and its default. */
export const environmentSchema = z.object({
  /** Folder of model packages. Default `/opt/models` in Lambda, else `models/cache`. */
  AUTOSWIFTNET_MODELS: text('a folder of model packages').default(LOCAL_MODELS_DIR),
  /** Name of the small model's package in that folder. Default `resnet50_swsl.int8`. */
  AUTOSWIFTNET_MODEL: modelName().default(DEFAULT_SMALL_MODEL),
  /** Name of the heavy model, which `auto` asks when the small one is unsure; or nothing where there is none. */
  AUTOSWIFTNET_HEAVY_MODEL: modelName().nullable().default(null),
  /** Names of further models that the worker serves, with commas between. Default none. */
  AUTOSWIFTNET_HEAVY_MODELS: modelNames().default([]),
  /** Which model tags what is put under a prefix: a JSON object, model's name or `auto` by prefix. Default `{}`. */
  AUTOSWIFTNET_MODEL_RULES: modelRules().default({}),
  /** `auto` asks the heavy model when the small one's best probability is under this, 0 to 1. Default 0.5. */
  AUTOSWIFTNET_CASCADE_THRESHOLD: share().default(DEFAULT_CASCADE_THRESHOLD),
  /** The DynamoDB table of records and jobs. */
  AUTOSWIFTNET_TABLE: text('the name of the DynamoDB table'),
  /** The watched bucket. */
  AUTOSWIFTNET_BUCKET: text('the name of the watched bucket'),
  /** The bucket of jobs, which nothing watches. */
  AUTOSWIFTNET_SERVICE_BUCKET: text('the name of the service bucket'),
  /** Queue of the heavy model, or nothing where there is none. */
  AUTOSWIFTNET_HEAVY_QUEUE_URL: url('the URL of the heavy queue').nullable().default(null),
  /** Topic that every final state of an image is published to. */
  AUTOSWIFTNET_RESULTS_TOPIC_ARN: z
    .string('the ARN of the results topic (arn:…:sns:…)')
    .regex(/^arn:[^:]+:sns:[^:]*:[^:]*:.+$/, 'the ARN of the results topic (arn:…:sns:…)'),
  /** How many labels become object tags: 1 (default) to 3, or 0 to write and read no tags at all. */
  AUTOSWIFTNET_TAG_LABELS: integer(0, 3).default(DEFAULT_TAG_LABELS),
  /** The second and third label become tags while their probability is above this, 0 to 1. Default 0.1. */
  AUTOSWIFTNET_TAG_THRESHOLD: share().default(DEFAULT_TAG_THRESHOLD),
  /** Images are found by a label of at least this probability, 0 to 1. Default 0.1. */
  AUTOSWIFTNET_INDEX_THRESHOLD: share().default(DEFAULT_INDEX_THRESHOLD),
  /** Larger images are rejected. Bytes, default 50,000,000. */
  AUTOSWIFTNET_MAX_IMAGE_BYTES: integer(1, 2 ** 31 - 1).default(DEFAULT_MAX_BYTES),
  /** Images of more pixels are rejected, width x height by the header's word. Default 100,000,000. */
  AUTOSWIFTNET_MAX_IMAGE_PIXELS: integer(1, 2 ** 40).default(DEFAULT_MAX_PIXELS),
  /** OpenID Connect issuer whose tokens the API asks for, or nothing where it asks for none. The API only tells it to clients; API Gateway checks. */
  AUTOSWIFTNET_OIDC_ISSUER: url('the URL of an OpenID Connect issuer').nullable().default(null),
  /** The page's client id at that issuer: a public one, authorization code with PKCE. */
  AUTOSWIFTNET_OIDC_CLIENT_ID: text('a client id').nullable().default(null),
  /** The audience to ask tokens for, where the issuer wants it said. */
  AUTOSWIFTNET_OIDC_AUDIENCE: text('an audience').nullable().default(null),
  /**
   * Where the worker gets packages that are not in AUTOSWIFTNET_MODELS: a JSON object, by model's name, of a folder, or of each of the
   * package's three files as `{"url": "s3://BUCKET/KEY", "sha256": "…"}`. Default `{}`.
   */
  AUTOSWIFTNET_HEAVY_PACKAGES: heavyPackages().default({}),
  /** Folder that packages from S3 are kept in, by content. Default: one in the system's folder for temporary files. */
  AUTOSWIFTNET_MODEL_CACHE: text('a folder for packages from S3').default(join(tmpdir(), 'autoswiftnet-models')),
  /** What the worker computes with, the first that can be used: of tensorrt, cuda, webgpu and cpu, with commas between. Default `cpu`. */
  AUTOSWIFTNET_PROVIDERS: providers().default(['cpu']),
  /** Threads of the worker's CPU inference. Default: as many as there are cores. */
  AUTOSWIFTNET_THREADS: integer(1, 1024).nullable().default(null),
  /** Images of one run at most, 1 to 256. Default 32. */
  AUTOSWIFTNET_BATCH_SIZE: integer(1, 256).default(DEFAULT_BATCH_SIZE),
  /** How long the first image of a batch waits for others while nothing is computed. Milliseconds, default 20. */
  AUTOSWIFTNET_BATCH_WAIT_MS: integer(0, 60_000).default(DEFAULT_BATCH_WAIT_MS),
  /** Models whose weights are larger than this together do not stay in memory. Megabytes, default 4,000. */
  AUTOSWIFTNET_MODEL_MEMORY_MB: integer(1, 1_000_000).default(DEFAULT_MODEL_MEMORY_MB),
  /** Port of the worker's `GET /health`, on 127.0.0.1. 0: any free one. Default 8080. */
  AUTOSWIFTNET_WORKER_PORT: integer(0, 65_535).default(DEFAULT_WORKER_PORT),
  /** After SIGTERM the worker ends within this, its images finished or given back. Seconds, default 25: ECS kills after 30. */
  AUTOSWIFTNET_STOP_SECONDS: integer(1, 600).default(DEFAULT_STOP_SECONDS),
  /** A message of a worker that crashed comes again after this. Seconds, default 60; extended while work goes on. */
  AUTOSWIFTNET_VISIBILITY_SECONDS: integer(1, 43_200).default(DEFAULT_VISIBILITY_SECONDS),
  /** A message that failed comes again after this, then after twice as long, and so on. Seconds, default 30. */
  AUTOSWIFTNET_RETRY_SECONDS: integer(0, 3_600).default(DEFAULT_RETRY_SECONDS),
  /** The issuer's token endpoint, where its origin is not the issuer's (Cognito, Google): the local page's policy lets it be asked. Default null. */
  AUTOSWIFTNET_OIDC_TOKEN_URL: url('the URL of a token endpoint').nullable().default(null),
  /** `1`: nothing is ever downloaded. Default `0`. */
  AUTOSWIFTNET_OFFLINE: z
    .enum(['0', '1'], '0 or 1')
    .default('0')
    .transform((flag) => flag === '1'),
});

/**
 * Reads the variables that one function needs. Empty variables count as not set.
 *
 * @example
 * const { AUTOSWIFTNET_TABLE } = readEnvironment(environmentSchema.pick({ AUTOSWIFTNET_TABLE: true }), process.env);
 * @throws {ConfigurationError} naming every variable at fault, what was expected and what was found
 */
export function readEnvironment<Schema extends z.ZodObject>(schema: Schema, variables: Variables): z.output<Schema> {
  const given = {
    ...(variables['AWS_LAMBDA_FUNCTION_NAME'] ? { AUTOSWIFTNET_MODELS: LAMBDA_MODELS_DIR } : {}),
    ...Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== '')),
  };
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path: [name = ''], message }) => {
    const value = variables[String(name)];
    const found = value ? JSON.stringify(value) : 'nothing';
    return `${String(name)}: expected ${message}, found ${found}`;
  });
  throw new ConfigurationError(`environment variables: ${faults.join('; ')}. Set them and start again.`, parsed.error);
}

function text(expected: string) {
  return z.string(expected).min(1, expected);
}

function url(expected: string) {
  return z.url({ protocol: /^https?$/, error: expected });
}

function modelName() {
  const expected = "the name of a model package's folder";
  return z.string(expected).regex(MODEL_NAME, expected);
}

function modelNames() {
  const expected = "names of model packages' folders, with commas between";
  return z
    .string(expected)
    .transform((text) => text.split(',').map((name) => name.trim()))
    .refine((names) => names.every((name) => MODEL_NAME.test(name)), expected);
}

function modelRules() {
  const expected = 'a JSON object of model names by key prefix, such as {"scans/":"auto"}';
  return json(expected, z.record(z.string(), z.string().regex(MODEL_NAME)));
}

function heavyPackages() {
  const expected =
    'a JSON object, by model\'s name, of a folder or of {"model.json", "model.onnx", "weights.bin"}, each {"url": "s3://BUCKET/KEY", "sha256"}';
  const file = z.strictObject({
    url: z.string().regex(/^s3:\/\/[^/]+\/.+$/),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  });
  const files = z.strictObject({ [MANIFEST_FILE]: file, [GRAPH_FILE]: file, [WEIGHTS_FILE]: file });
  return json(expected, z.record(z.string().regex(MODEL_NAME), z.union([z.string().min(1), files])));
}

function providers() {
  const expected = `some of ${EXECUTION_PROVIDERS.join(', ')}, each once, with commas between`;
  return z
    .string(expected)
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(EXECUTION_PROVIDERS, expected)))
    .refine((names) => new Set(names).size === names.length, expected);
}

/** JSON text -> what it says. A fault anywhere in it is told as the variable's, with the place. */
function json<Schema extends z.ZodType>(expected: string, schema: Schema) {
  return z.string(expected).transform((text, context): z.output<Schema> => {
    const parsed = schema.safeParse(toJson(text));
    if (parsed.success) return parsed.data;
    const place = parsed.error.issues[0]?.path.join('.');
    context.addIssue({ code: 'custom', message: place ? `${expected} (at ${place})` : expected });
    return z.NEVER;
  });
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function integer(least: number, most: number) {
  const expected = `a whole number from ${least} to ${most}`;
  return z
    .string(expected)
    .regex(/^\d{1,15}$/, { error: expected, abort: true })
    .transform(Number)
    .pipe(z.number().min(least, expected).max(most, expected));
}

function share() {
  const expected = 'a number from 0 to 1';
  return z
    .string(expected)
    .regex(/^\d{0,3}(\.\d{1,15})?$/, { error: expected, abort: true })
    .transform(Number)
    .pipe(z.number(expected).min(0, expected).max(1, expected));
}

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { DEFAULT_CONCEPT_THRESHOLD } from '../classifier/concepts/sum-concepts.ts';
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_PIXELS } from '../classifier/decode/limits.ts';
import { EXECUTION_PROVIDERS } from '../classifier/onnx-runtime.ts';
import {
  heavyPackages,
  integer,
  modelName,
  modelNames,
  modelRules,
  origins,
  providers,
  share,
  text,
  url,
  watchedObjects,
} from './environment-fields.ts';
import { ConfigurationError } from './errors.ts';

export type Environment = z.output<typeof environmentSchema>;
export type EnvironmentName = keyof Environment;

/** The environment variables: `process.env`, or a plain object in tests. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Default small model: torch.hub's name and the precision, which is the name of the package's
 * folder.
 */
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

/**
 * Every variable that a function, the heavy worker or the command line reads. The text of a check
 * follows the word "expected" in its error. The description is the variable's row in
 * docs/settings.md (`npm run docs`).
 */
export const environmentSchema = z.object({
  AUTOSWIFTNET_MODELS: text('a folder of model packages')
    .default(LOCAL_MODELS_DIR)
    .describe(`Folder of model packages. In Lambda the default is \`${LAMBDA_MODELS_DIR}\`.`),
  AUTOSWIFTNET_MODEL: modelName()
    .default(DEFAULT_SMALL_MODEL)
    .describe('Name of the small model: the folder of its package in `AUTOSWIFTNET_MODELS`.'),
  AUTOSWIFTNET_HEAVY_MODEL: modelName()
    .nullable()
    .default(null)
    .describe('Name of the heavy model. `auto` asks it when the small model is unsure. Not set: there is none.'),
  AUTOSWIFTNET_HEAVY_MODELS: modelNames().default([]).describe('Names of further heavy models, separated by commas.'),
  AUTOSWIFTNET_MODEL_RULES: modelRules()
    .default({})
    .describe(
      'Which model classifies the objects under a key prefix. A JSON object that maps prefixes to a model name or `auto`: `{"scans/":"auto"}`.',
    ),
  AUTOSWIFTNET_CASCADE_THRESHOLD: share()
    .default(DEFAULT_CASCADE_THRESHOLD)
    .describe("`auto` asks the heavy model when the small model's best probability is below this. 0 to 1."),
  AUTOSWIFTNET_TABLE: text('the name of the DynamoDB table').describe('Name of the DynamoDB table.'),
  AUTOSWIFTNET_BUCKET: text('the name of the watched bucket').describe('Name of the watched bucket.'),
  AUTOSWIFTNET_WATCHED: watchedObjects()
    .nullable()
    .default(null)
    .describe(
      'What is watched, if it is not all of one bucket. A JSON list of `{"bucket", "prefix", "suffix"}`; the first one is of `AUTOSWIFTNET_BUCKET`.',
    ),
  AUTOSWIFTNET_SERVICE_BUCKET: text('the name of the service bucket').describe(
    'Name of the bucket that holds the pictures of jobs, and thumbnails. Nothing watches it.',
  ),
  AUTOSWIFTNET_HEAVY_QUEUE_URL: url('the URL of the heavy queue')
    .nullable()
    .default(null)
    .describe('URL of the heavy queue. Not set: there is no heavy model.'),
  AUTOSWIFTNET_TAGGING_FUNCTION: text('the name or ARN of the tagging function').describe(
    'Name or ARN of the tagging function, which gets each dead letter alone.',
  ),
  AUTOSWIFTNET_PARKED_QUEUE_URL: url('the URL of the queue of parked messages').describe(
    'URL of the queue that receives the dead letters that failed alone as well, or that cannot be read.',
  ),
  AUTOSWIFTNET_STACK: text('the name of the deployment')
    .nullable()
    .default(null)
    .describe(
      'Name of the deployment, which becomes the dimension `stack` of every metric. Not set: no such dimension.',
    ),
  AUTOSWIFTNET_RESULTS_TOPIC_ARN: z
    .string('the ARN of the results topic (arn:…:sns:…)')
    .regex(/^arn:[^:]+:sns:[^:]*:[^:]*:.+$/, 'the ARN of the results topic (arn:…:sns:…)')
    .describe('ARN of the topic that every final state of an image is published to.'),
  AUTOSWIFTNET_TAG_LABELS: integer(0, 3)
    .default(DEFAULT_TAG_LABELS)
    .describe('How many labels become object tags, 0 to 3. With 0 no tags are read or written.'),
  AUTOSWIFTNET_TAG_THRESHOLD: share()
    .default(DEFAULT_TAG_THRESHOLD)
    .describe('The second and the third label become tags only if their probability is above this. 0 to 1.'),
  AUTOSWIFTNET_TAG_CONCEPT: z
    .enum(['0', '1'], '0 or 1')
    .default('0')
    .transform((flag) => flag === '1')
    .describe('`1`: the concept of an image becomes the object tag `autoswiftnet:concept`, if it has one.'),
  AUTOSWIFTNET_INDEX_THRESHOLD: share()
    .default(DEFAULT_INDEX_THRESHOLD)
    .describe(
      'A search finds an image by a label or concept only if its probability is at least this; by a concept never below 0.1. 0 to 1.',
    ),
  AUTOSWIFTNET_CONCEPT_THRESHOLD: share()
    .default(DEFAULT_CONCEPT_THRESHOLD)
    .describe(
      'The concept of an answer, such as `dog`, is the most specific one of at least this probability. 0 to 1.',
    ),
  AUTOSWIFTNET_MAX_IMAGE_BYTES: integer(1, 2 ** 31 - 1)
    .default(DEFAULT_MAX_BYTES)
    .describe('Images with more bytes are rejected.'),
  AUTOSWIFTNET_MAX_IMAGE_PIXELS: integer(1, 2 ** 40)
    .default(DEFAULT_MAX_PIXELS)
    .describe(
      'Images with more pixels (width times height in the file header) are rejected. An AVIF may have three tenths of it.',
    ),
  AUTOSWIFTNET_CORS_ORIGINS: origins()
    .default([])
    .describe(
      'Origins whose pages may use the API, separated by commas: `https://example.org`, `https://*.example.org`, or `*` for all. The page of AutoSwiftNet itself needs none. In the local stack such pages may also upload to the bucket.',
    ),
  AUTOSWIFTNET_HEIC: z
    .enum(['0', '1'], '0 or 1')
    .default('1')
    .transform((flag) => flag === '1')
    .describe('`0`: HEIC images are rejected as an unsupported format.'),
  AUTOSWIFTNET_OIDC_ISSUER: url('the URL of an OpenID Connect issuer')
    .nullable()
    .default(null)
    .describe(
      'OpenID Connect issuer where users of the page sign in. The API passes it on to clients. API Gateway checks the tokens; the local stack does not.',
    ),
  AUTOSWIFTNET_OIDC_CLIENT_ID: text('a client id')
    .nullable()
    .default(null)
    .describe("The page's client id at that issuer: a public client, authorization code with PKCE."),
  AUTOSWIFTNET_OIDC_AUDIENCE: text('an audience')
    .nullable()
    .default(null)
    .describe('The audience to request tokens for, if the issuer needs one.'),
  AUTOSWIFTNET_OIDC_TOKEN_URL: url('the URL of a token endpoint')
    .nullable()
    .default(null)
    .describe(
      "The issuer's token endpoint, if its origin differs from the issuer's (Cognito, Google). The local page's policy then allows requests to it.",
    ),
  AUTOSWIFTNET_HEAVY_PACKAGES: heavyPackages()
    .default({})
    .describe(
      'Where the heavy worker finds packages that are not in `AUTOSWIFTNET_MODELS`. A JSON object that maps each model name to a folder, or to an object that has `{"url": "s3://BUCKET/KEY", "sha256": "…"}` for each of the package\'s files.',
    ),
  AUTOSWIFTNET_MODEL_CACHE: text('a folder for packages from S3')
    .default(join(tmpdir(), 'autoswiftnet-models'))
    .describe('Folder where the heavy worker keeps packages from S3.'),
  AUTOSWIFTNET_PROVIDERS: providers()
    .default(['cpu'])
    .describe(
      `ONNX Runtime's execution providers: ${EXECUTION_PROVIDERS.map((name) => `\`${name}\``).join(', ')}, separated by commas. The first that works is used. The container sets \`cuda\`, or \`cuda,cpu\` with the key \`cpuFallback\` of the deployment.`,
    ),
  AUTOSWIFTNET_THREADS: integer(1, 1024)
    .nullable()
    .default(null)
    .describe('Threads for inference on the CPU. Not set: as many as there are cores.'),
  AUTOSWIFTNET_BATCH_SIZE: integer(1, 256)
    .default(DEFAULT_BATCH_SIZE)
    .describe('Maximum number of images in one run of the model, 1 to 256.'),
  AUTOSWIFTNET_BATCH_WAIT_MS: integer(0, 60_000)
    .default(DEFAULT_BATCH_WAIT_MS)
    .describe('Longest time that an image waits for others to fill its batch, while the model is idle. Milliseconds.'),
  AUTOSWIFTNET_HANDLERS: integer(1, 64)
    .nullable()
    .default(null)
    .describe(
      'Processes that receive messages, decode images and write answers, 1 to 64, beside the one process that computes. 1: that process does it all. Not set: one for every 2 cores, or 1 if `AUTOSWIFTNET_PROVIDERS` begins with `cpu`.',
    ),
  AUTOSWIFTNET_MODEL_MEMORY_MB: integer(1, 1_000_000)
    .default(DEFAULT_MODEL_MEMORY_MB)
    .describe(
      'Limit for the weights kept in memory. If a model needs more room, the models unused for longest are closed. Each model counts once; a GPU holds it once for each batch size. Megabytes.',
    ),
  AUTOSWIFTNET_WORKER_PORT: integer(0, 65_535)
    .default(DEFAULT_WORKER_PORT)
    .describe("Port of the worker's `GET /health` on 127.0.0.1. 0: any free port."),
  AUTOSWIFTNET_WORKER_PORT_FILE: text('the path of a file')
    .nullable()
    .default(null)
    .describe('File that the worker writes its port into, for health checks with any free port. Not set: none.'),
  AUTOSWIFTNET_GPU_CLUSTER: text('the name of an ECS cluster')
    .nullable()
    .default(null)
    .describe('Name of the ECS cluster of the heavy service.'),
  AUTOSWIFTNET_GPU_SERVICE: text('the name of an ECS service')
    .nullable()
    .default(null)
    .describe('Name of the ECS service of the heavy model.'),
  AUTOSWIFTNET_GPU_HOURS_PER_DAY: integer(1, 2_400)
    .nullable()
    .default(null)
    .describe('GPU hours a day (UTC) after which the heavy service is stopped.'),
  AUTOSWIFTNET_STOP_SECONDS: integer(1, 600)
    .default(DEFAULT_STOP_SECONDS)
    .describe('After SIGTERM the worker stops within this time. ECS kills it after 30 s. Seconds.'),
  AUTOSWIFTNET_VISIBILITY_SECONDS: integer(1, 43_200)
    .default(DEFAULT_VISIBILITY_SECONDS)
    .describe("A crashed worker's messages go to another worker after this time. Seconds."),
  AUTOSWIFTNET_RETRY_SECONDS: integer(0, 3_600)
    .default(DEFAULT_RETRY_SECONDS)
    .describe(
      'A failed message is tried again after this time. Each further failure doubles it, up to 15 minutes. Seconds.',
    ),
  AUTOSWIFTNET_OFFLINE: z
    .enum(['0', '1'], '0 or 1')
    .default('0')
    .transform((flag) => flag === '1')
    .describe('`1`: no model is ever downloaded. `models fetch --source` with a folder still works.'),
});

/**
 * Reads the variables that one function needs. Empty variables count as not set.
 *
 * @example
 * const schema = environmentSchema.pick({ AUTOSWIFTNET_TABLE: true });
 * const { AUTOSWIFTNET_TABLE } = readEnvironment(schema, process.env);
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
    return value
      ? `${String(name)}: expected ${message}, found ${JSON.stringify(value)}`
      : `${String(name)} is not set, expected ${message}`;
  });
  throw new ConfigurationError(
    `environment variables: ${faults.join('; ')}. Correct them and start again.`,
    parsed.error,
  );
}

import { devNull } from 'node:os';
import { basename, dirname } from 'node:path';
import type { EnvironmentName, Variables } from '../functions/environment.ts';
import type { HeavyModel } from './heavy-model.ts';
import { CREDENTIALS, REGION, SERVICE_BUCKET, TABLE, UPLOADS_BUCKET } from './names.ts';

export interface FunctionEnvironmentOptions {
  /** The environment variables of the user. */
  readonly variables: Variables;
  /** Absolute path of the small model's package. */
  readonly packageDir: string;
  readonly endpoints: { readonly s3: string; readonly sqs: string; readonly sns: string; readonly dynamodb: string };
  readonly resultsTopicArn: string;
  /** The heavy models, the first of which `auto` asks, and their queue; null if there are none. */
  readonly heavy: { readonly models: readonly HeavyModel[]; readonly queueUrl: string } | null;
}

/**
 * Variables that any program needs to run. A local function sees none of the user's AWS settings
 * (profile, session, endpoints).
 */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'LANG', 'TZ', 'LD_LIBRARY_PATH', 'SystemRoot'];

/** Settings of the functions that the user may change. The stack sets all others. */
export const FUNCTION_SETTINGS = [
  'AUTOSWIFTNET_TAG_LABELS',
  'AUTOSWIFTNET_TAG_THRESHOLD',
  'AUTOSWIFTNET_TAG_CONCEPT',
  'AUTOSWIFTNET_CONCEPT_THRESHOLD',
  'AUTOSWIFTNET_INDEX_THRESHOLD',
  'AUTOSWIFTNET_MAX_IMAGE_BYTES',
  'AUTOSWIFTNET_MAX_IMAGE_PIXELS',
  'AUTOSWIFTNET_HEIC',
  'AUTOSWIFTNET_MODEL_RULES',
  'AUTOSWIFTNET_CASCADE_THRESHOLD',
  'AUTOSWIFTNET_PROVIDERS',
  'AUTOSWIFTNET_THREADS',
  'AUTOSWIFTNET_BATCH_SIZE',
  'AUTOSWIFTNET_HANDLERS',
  'AUTOSWIFTNET_BATCH_WAIT_MS',
  'AUTOSWIFTNET_CORS_ORIGINS',
  'AUTOSWIFTNET_OIDC_ISSUER',
  'AUTOSWIFTNET_OIDC_CLIENT_ID',
  'AUTOSWIFTNET_OIDC_AUDIENCE',
] as const satisfies EnvironmentName[];

/**
 * Makes all environment variables of a local function instance. AWS_LAMBDA_FUNCTION_NAME is not
 * among them: libraries that find it would expect the rest of Lambda, too.
 */
export function functionEnvironment(options: FunctionEnvironmentOptions): Record<string, string> {
  const { variables, packageDir, endpoints, resultsTopicArn, heavy } = options;
  const ours: Partial<Record<EnvironmentName, string>> = {
    AUTOSWIFTNET_MODELS: dirname(packageDir),
    AUTOSWIFTNET_MODEL: basename(packageDir),
    AUTOSWIFTNET_TABLE: TABLE,
    AUTOSWIFTNET_BUCKET: UPLOADS_BUCKET,
    AUTOSWIFTNET_SERVICE_BUCKET: SERVICE_BUCKET,
    AUTOSWIFTNET_RESULTS_TOPIC_ARN: resultsTopicArn,
    AUTOSWIFTNET_OFFLINE: '1',
    ...(heavy === null ? {} : heavyEnvironment(heavy)),
  };
  return {
    ...pick(variables, [...INHERITED, ...FUNCTION_SETTINGS]),
    ...ours,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_SNS: endpoints.sns,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    // Keeps glibc from holding freed image memory for each thread, as in the image of the worker.
    MALLOC_ARENA_MAX: '2',
    POWERTOOLS_LOG_LEVEL: 'INFO',
    POWERTOOLS_METRICS_DISABLED: 'true',
    // The SDK prints which Node version it will require next year. That notice is for developers
    // only.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

function heavyEnvironment({
  models,
  queueUrl,
}: NonNullable<FunctionEnvironmentOptions['heavy']>): Partial<Record<EnvironmentName, string>> {
  const [first, ...others] = models;
  if (first === undefined) return {};
  return {
    AUTOSWIFTNET_HEAVY_MODEL: first.name,
    ...(others.length === 0 ? {} : { AUTOSWIFTNET_HEAVY_MODELS: others.map(({ name }) => name).join(',') }),
    AUTOSWIFTNET_HEAVY_QUEUE_URL: queueUrl,
    AUTOSWIFTNET_HEAVY_PACKAGES: JSON.stringify(
      Object.fromEntries(models.map(({ name, packageDir }) => [name, packageDir])),
    ),
  };
}

function pick(variables: Variables, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = variables[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

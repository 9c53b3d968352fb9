import { devNull } from 'node:os';
import { basename, dirname } from 'node:path';
import type { EnvironmentName, Variables } from '../functions/environment.ts';
import type { HeavyModel } from './heavy-model.ts';
import { CREDENTIALS, REGION, SERVICE_BUCKET, TABLE, UPLOADS_BUCKET } from './names.ts';

export interface FunctionEnvironmentOptions {
  /** The user's own variables. */
  readonly variables: Variables;
  /** Folder of the small model's package, absolute. */
  readonly packageDir: string;
  readonly endpoints: { readonly s3: string; readonly sqs: string; readonly sns: string; readonly dynamodb: string };
  readonly resultsTopicArn: string;
  /** What answers the heavy queue; null: nothing does. */
  readonly heavy: { readonly model: HeavyModel; readonly queueUrl: string } | null;
}

/** What a program needs to run at all. Of the user's AWS settings (profile, session, endpoints) a local function sees nothing. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'LANG', 'TZ', 'LD_LIBRARY_PATH', 'SystemRoot'];

/** What the user may set of the functions' behaviour; the rest is the stack's. */
const SETTINGS = [
  'AUTOSWIFTNET_TAG_LABELS',
  'AUTOSWIFTNET_TAG_THRESHOLD',
  'AUTOSWIFTNET_INDEX_THRESHOLD',
  'AUTOSWIFTNET_MAX_IMAGE_BYTES',
  'AUTOSWIFTNET_MAX_IMAGE_PIXELS',
  'AUTOSWIFTNET_MODEL_RULES',
  'AUTOSWIFTNET_CASCADE_THRESHOLD',
  'AUTOSWIFTNET_PROVIDERS',
  'AUTOSWIFTNET_THREADS',
  'AUTOSWIFTNET_BATCH_SIZE',
  'AUTOSWIFTNET_BATCH_WAIT_MS',
  'AUTOSWIFTNET_OIDC_ISSUER',
  'AUTOSWIFTNET_OIDC_CLIENT_ID',
  'AUTOSWIFTNET_OIDC_AUDIENCE',
] as const satisfies EnvironmentName[];

/**
 * Every variable of a local function instance. Without AWS_LAMBDA_FUNCTION_NAME: this is not Lambda, and libraries that
 * look for it would expect the rest of Lambda as well.
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
    ...pick(variables, [...INHERITED, ...SETTINGS]),
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
    // Memory that pictures needed is not kept for every thread apart, as in the worker's image; read by glibc alone.
    MALLOC_ARENA_MAX: '2',
    POWERTOOLS_LOG_LEVEL: 'INFO',
    POWERTOOLS_METRICS_DISABLED: 'true',
    // The SDK's notice of the Node version it will ask for next year is for whoever builds with it.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

function heavyEnvironment({ model: { name, packageDir }, queueUrl }: NonNullable<FunctionEnvironmentOptions['heavy']>) {
  return {
    AUTOSWIFTNET_HEAVY_MODEL: name,
    AUTOSWIFTNET_HEAVY_QUEUE_URL: queueUrl,
    AUTOSWIFTNET_HEAVY_PACKAGES: JSON.stringify({ [name]: packageDir }),
  } satisfies Partial<Record<EnvironmentName, string>>;
}

function pick(variables: Variables, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = variables[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

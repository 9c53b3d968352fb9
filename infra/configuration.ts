import * as z from 'zod';
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_PIXELS } from '../classifier/decode.ts';
import {
  DEFAULT_CASCADE_THRESHOLD,
  DEFAULT_INDEX_THRESHOLD,
  DEFAULT_SMALL_MODEL,
  DEFAULT_TAG_LABELS,
  DEFAULT_TAG_THRESHOLD,
} from '../functions/environment.ts';
import { ConfigurationError } from '../functions/errors.ts';
import { ARCHITECTURES } from '../layers/architecture.ts';
import { flag, list, name, oneOf, oneOfNumbers, rules, share, text, whole } from './configuration-fields.ts';
import { DEFAULT_HEAVY_MODEL } from './default-heavy-model.ts';

/**
 * Every key of the configuration: `context` in cdk.json, or `-c key=value`. The description is its row in docs/deploy.md, the message
 * of its check the end of its error. Values from the command line are text and are read as what is expected.
 */
export const configurationSchema = z.strictObject({
  stackName: text(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, 'a letter, then letters, digits and hyphens, 128 at most')
    .default('AutoSwiftNet')
    .describe('name of the CloudFormation stack'),
  architecture: oneOf(ARCHITECTURES).default('arm64').describe('processor of the Lambda functions: `arm64` or `x64`'),
  model: name()
    .optional()
    .describe(
      `small model, a package in \`models/cache\`; unset: \`${DEFAULT_SMALL_MODEL}\` if it is there, else \`sample\``,
    ),
  memoryMb: whole(256, 10_240).default(1769).describe('memory of each Lambda function in MB; 1769 is one full vCPU'),
  tagConcurrency: whole(2, 1000).default(10).describe('images that are tagged at the same time, at most'),
  apiConcurrency: whole(1, 1000)
    .optional()
    .describe('reserved concurrency of the API function; unset: none is reserved'),
  tagLabels: whole(0, 3)
    .default(DEFAULT_TAG_LABELS)
    .describe('labels that become object tags; 0: none, and no right to tag'),
  tagThreshold: share().default(DEFAULT_TAG_THRESHOLD).describe('least probability of the second and third tag'),
  indexThreshold: share().default(DEFAULT_INDEX_THRESHOLD).describe('least probability of a label row'),
  maxImageBytes: whole(1, 2 ** 31 - 1)
    .default(DEFAULT_MAX_BYTES)
    .describe('larger images are rejected'),
  maxImagePixels: whole(1, 2 ** 40)
    .default(DEFAULT_MAX_PIXELS)
    .describe('images of more pixels are rejected'),
  bucket: text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "an existing bucket's name")
    .optional()
    .describe('watch this existing bucket; unset: one is created'),
  corsOrigins: list(text(/^(\*|https?:\/\/[^\s/]+)$/, 'origins such as https://example.org, or *'))
    .optional()
    .describe('origins whose pages may upload to the created bucket; unset: the page alone, or none'),
  noncurrentDays: whole(1, 3650)
    .optional()
    .describe('replaced versions in the created bucket are kept so many days; unset: 30'),
  logRetentionDays: oneOfNumbers([1, 3, 5, 7, 14, 30, 60, 90, 180, 365])
    .default(30)
    .describe('days that logs are kept'),
  throttleRate: whole(1, 10_000).default(50).describe('API requests a second, on average'),
  throttleBurst: whole(1, 5000).default(100).describe('API requests at once'),
  jwtIssuer: text(/^https:\/\/\S+$/, 'an https URL')
    .optional()
    .describe('issuer of the JWTs that the API accepts; unset: IAM (SigV4)'),
  jwtAudience: list(text(/^\S+$/, 'audiences')).optional().describe('audiences of those JWTs'),
  oidcClientId: text(/^\S+$/, 'a client id')
    .optional()
    .describe("the page's public client at that issuer; unset: the first audience"),
  loginOrigins: list(text(/^https:\/\/[^\s/]+$/, 'origins such as https://login.example.org'))
    .optional()
    .describe("the issuer's other origins, where its token endpoint is (Cognito: the user pool's domain)"),
  domainName: text(/^([a-z0-9-]+\.)+[a-z]{2,}$/, 'a domain name')
    .optional()
    .describe("the API's own domain; needs `certificateArn`"),
  certificateArn: text(/^arn:[^:]+:acm:[^:]+:\d+:certificate\/\S+$/, 'the ARN of an ACM certificate')
    .optional()
    .describe('certificate of `domainName`, in the same region'),
  page: flag().default(false).describe('the page behind CloudFront; needs `jwtIssuer` and `jwtAudience`'),
  alarmEmail: text(/^[^\s@]+@[^\s@]+$/, 'an e-mail address')
    .optional()
    .describe('address that alarms are sent to'),
  gpu: flag().default(true).describe('the heavy service: a queue and GPU tasks that scale from zero'),
  heavyModel: name()
    .optional()
    .describe(`heavy model; unset: \`${DEFAULT_HEAVY_MODEL}\` if it is there, else \`sample\``),
  modelRules: rules().default({}).describe('model by key prefix, such as `{"scans/":"auto"}`'),
  cascadeThreshold: share()
    .default(DEFAULT_CASCADE_THRESHOLD)
    .describe('`auto` asks the heavy model when the small one is less sure than this'),
  gpuImage: text(
    /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\S*\/\S+[:@]\S+$/,
    'an ECR image URI with a tag or digest',
  )
    .optional()
    .describe('image of the worker; unset: it is built with Docker at deployment'),
  gpuInstanceTypes: list(text(/^[a-z0-9-]+\.[a-z0-9*]+$/, 'instance types such as g4dn.xlarge'))
    .default(['g4dn.xlarge', 'g5.xlarge', 'g6.xlarge'])
    .describe('GPU instances that may be started, x86-64 only'),
  gpuSpot: flag().default(false).describe('Spot instances: cheaper, and sometimes not to be had'),
  gpuMaxTasks: whole(1, 100).default(2).describe('GPU tasks at the same time, at most'),
  gpuMessagesPerTask: whole(1, 100_000)
    .default(100)
    .describe('waiting and running requests that one task is started for'),
  network: oneOf(['public', 'private'])
    .default('public')
    .describe(
      'subnets of the GPU tasks: `public` (nothing to pay while idle, no inbound rule) or `private` with interface endpoints',
    ),
  keepData: flag().default(true).describe('buckets and table stay when the stack is deleted'),
});

export type Configuration = Readonly<z.output<typeof configurationSchema>>;

/** What the CDK itself puts into the context: feature flags, look-ups. */
const NOT_OURS = /[@:]/;

/**
 * Reads the app's context.
 * @throws {ConfigurationError} one sentence on the first key at fault: what was expected, what was found, what to change
 */
export function readConfiguration(context: Readonly<Record<string, unknown>>): Configuration {
  const given = Object.fromEntries(
    Object.entries(context).filter(([key, value]) => !NOT_OURS.test(key) && value !== '' && value !== null),
  );
  const parsed = configurationSchema.safeParse(given);
  if (!parsed.success) throw new ConfigurationError(describeFault(parsed.error, given), parsed.error);
  requireConsistent(parsed.data);
  return parsed.data;
}

function describeFault({ issues }: z.ZodError, given: Readonly<Record<string, unknown>>): string {
  const [issue] = issues;
  if (issue?.code === 'unrecognized_keys') {
    const names = Object.keys(configurationSchema.shape).join(', ');
    return `there is no configuration key ${issue.keys.join(', ')}: remove it from cdk.json or the command line, or take one of ${names}.`;
  }
  const key = String(issue?.path[0]);
  return `configuration key ${key}: expected ${issue?.message}, found ${JSON.stringify(given[key])}; change it in cdk.json or give -c ${key}=….`;
}

function requireConsistent(configuration: Configuration): void {
  const { bucket, corsOrigins, noncurrentDays, page, jwtIssuer, jwtAudience, domainName, certificateArn } =
    configuration;
  if (bucket !== undefined && (corsOrigins !== undefined || noncurrentDays !== undefined)) {
    throw new ConfigurationError(
      `bucket names the existing bucket ${bucket}, whose CORS and lifecycle are its owner's: remove corsOrigins and noncurrentDays, or remove bucket to have one created.`,
    );
  }
  if ((jwtIssuer === undefined) !== (jwtAudience === undefined)) {
    throw new ConfigurationError('jwtIssuer and jwtAudience belong together: give both, or neither for IAM.');
  }
  if (page && jwtIssuer === undefined) {
    throw new ConfigurationError(
      'page needs users who can sign in: give jwtIssuer and jwtAudience, or leave the page out with -c page=false.',
    );
  }
  if ((domainName === undefined) !== (certificateArn === undefined)) {
    throw new ConfigurationError('domainName and certificateArn belong together: give both, or neither.');
  }
  requireX64Gpus(configuration);
}

/** There are no CUDA libraries of onnxruntime-node for arm64, and g5g is the one GPU family with such processors. */
function requireX64Gpus({ gpuInstanceTypes }: Configuration): void {
  const arm = gpuInstanceTypes.filter((type) => type.startsWith('g5g.'));
  if (arm.length > 0) {
    throw new ConfigurationError(
      `gpuInstanceTypes: expected x86-64 instances, found ${arm.join(', ')}; take g4dn, g5 or g6, which ONNX Runtime has CUDA libraries for.`,
    );
  }
}

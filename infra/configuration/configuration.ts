import * as z from 'zod';
import { DEFAULT_CONCEPT_THRESHOLD } from '../../classifier/concepts/sum-concepts.ts';
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_PIXELS } from '../../classifier/decode/limits.ts';
import { ALLOWED_ORIGIN } from '../../functions/allowed-origin.ts';
import { MAX_CONCURRENCY } from '../../functions/backfill/run-request.ts';
import {
  DEFAULT_CASCADE_THRESHOLD,
  DEFAULT_INDEX_THRESHOLD,
  DEFAULT_SMALL_MODEL,
  DEFAULT_TAG_LABELS,
  DEFAULT_TAG_THRESHOLD,
} from '../../functions/environment.ts';
import { ConfigurationError } from '../../functions/errors.ts';
import { DEFAULT_BATCH_SIZE, MAX_BATCH_SIZE } from '../../functions/tag-upload/queue.ts';
import { ARCHITECTURES } from '../../layers/architecture.ts';
import { flag, list, name, oneOf, oneOfNumbers, rules, share, text, whole } from './configuration-fields.ts';
import {
  requireBatchWindow,
  requireBudget,
  requireOwnBucket,
  requireReserved,
  requireWholeLogin,
} from './consistency.ts';
import { DEFAULT_HEAVY_MODEL } from './default-heavy-model.ts';
import { requireGpus } from './gpu-instance-types.ts';

/**
 * A new account may run 10 functions at a time: 4 tag uploads, and 2 are left for the API even while
 * dead letters are handled, which takes 4 (infra/tagging/dead-letters.ts).
 * https://github.com/awslabs/fhir-works-on-aws-deployment/issues/691
 */
const DEFAULT_TAG_CONCURRENCY = 4;

/**
 * The last of those ten, which is otherwise the API's. An account with more of them gives more to a
 * backfill.
 */
const DEFAULT_BACKFILL_CONCURRENCY = 1;

/**
 * Enough for some millions of images a day, and at most some ten dollars a day with the default
 * instance types (docs/costs.md).
 */
const DEFAULT_GPU_HOURS_PER_DAY = 8;

/**
 * All keys of the configuration: `context` in cdk.json, or `-c key=value`. The description of a key
 * is its row in docs/deploy.md (`npm run docs`), and the message of its check is the end of its
 * error. Values from the command line are text and are converted to the expected type.
 */
export const configurationSchema = z.strictObject({
  stackName: text(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, 'a letter, followed by at most 127 letters, digits and hyphens')
    .default('AutoSwiftNet')
    .describe('name of the CloudFormation stack'),
  architecture: oneOf(ARCHITECTURES)
    .default('arm64')
    .describe('processor architecture of the Lambda functions: `arm64` or `x64`'),
  model: name()
    .optional()
    .describe(
      `the small model: name of a package in \`models/cache\` (if unset: \`${DEFAULT_SMALL_MODEL}\` if it is on disk, else \`sample\`)`,
    ),
  memoryMb: whole(256, 10_240).default(1769).describe('memory of each Lambda function in MB; 1769 MB is one full vCPU'),
  tagConcurrency: whole(2, 1000)
    .default(DEFAULT_TAG_CONCURRENCY)
    .describe(
      'highest number of tagging functions that run at the same time; the account must allow more, or nothing is left for the API',
    ),
  tagBatchSize: whole(1, MAX_BATCH_SIZE)
    .default(DEFAULT_BATCH_SIZE)
    .describe(
      'most uploads in one call of the tagging function; its timeout, the visibility timeout of the queue and the alarm for slow calls follow',
    ),
  tagBatchWindowSeconds: whole(0, 300)
    .default(0)
    .describe(
      'seconds to wait for a full batch: fewer calls, later tags; more than 10 uploads in a batch need at least 1',
    ),
  backfillConcurrency: whole(1, MAX_CONCURRENCY)
    .default(DEFAULT_BACKFILL_CONCURRENCY)
    .describe(
      'batches of a backfill that are tagged at the same time, each by one call of its own function, if the run does not say; the account must allow so many beside `tagConcurrency`',
    ),
  inventoryBucket: text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of an existing bucket')
    .optional()
    .describe('name of the bucket whose S3 Inventories a backfill may read (if unset: it reads the listing only)'),
  apiConcurrency: whole(1, 1000)
    .optional()
    .describe(
      'reserved concurrency of the API function (if unset: none); Lambda leaves at least 100 of the account unreserved, so a new account refuses it',
    ),
  apiProvisionedConcurrency: whole(0, 1000)
    .default(0)
    .describe(
      'instances of the API function that are always started, so that their callers wait for no model; they cost money by the hour, and Lambda leaves at least 100 of the account unreserved here, too; not with `deployment=canary`',
    ),
  deployment: oneOf(['all-at-once', 'canary'])
    .default('all-at-once')
    .describe(
      'how a new version of the tagging and the API function takes over: `all-at-once`, or `canary`, where CodeDeploy gives it a tenth of the calls for ten minutes and goes back if an alarm is raised',
    ),
  tagLabels: whole(0, 3)
    .default(DEFAULT_TAG_LABELS)
    .describe('number of labels that become object tags; 0 writes no tags and grants no permission to tag'),
  tagThreshold: share().default(DEFAULT_TAG_THRESHOLD).describe('lowest probability for a second or third label tag'),
  tagConcept: flag()
    .default(false)
    .describe('write the concept of an image as the tag `autoswiftnet:concept`; has no effect while `tagLabels` is 0'),
  conceptThreshold: share()
    .default(DEFAULT_CONCEPT_THRESHOLD)
    .describe('lowest probability of the concept of an answer'),
  indexThreshold: share()
    .default(DEFAULT_INDEX_THRESHOLD)
    .describe('lowest probability at which a label or concept is indexed for search; concepts never below 0.1'),
  maxImageBytes: whole(1, 2 ** 31 - 1)
    .default(DEFAULT_MAX_BYTES)
    .describe('images with more bytes are rejected'),
  maxImagePixels: whole(1, 2 ** 40)
    .default(DEFAULT_MAX_PIXELS)
    .describe('images with more pixels are rejected, and AVIF with more than three tenths of it'),
  heic: flag().default(true).describe('decode HEIC images; if not, they are rejected'),
  bucket: text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of an existing bucket')
    .optional()
    .describe('name of an existing bucket to watch (if unset: a bucket is created)'),
  table: text(/^[A-Za-z0-9_.-]{3,255}$/, 'the name of an existing table')
    .optional()
    .describe('name of an existing table, which an earlier stack left (if unset: a table is created)'),
  corsOrigins: list(text(ALLOWED_ORIGIN, 'a list of origins such as https://example.org, each with at most one *'))
    .optional()
    .describe(
      'origins whose pages may use the API and upload to the created bucket, such as `https://*.example.org`, or `*` (if unset: only the page that `page` deploys); an existing bucket keeps its own CORS rules',
    ),
  noncurrentDays: whole(1, 3650)
    .optional()
    .describe('days that replaced versions stay in the created bucket (if unset: 30)'),
  logRetentionDays: oneOfNumbers([1, 3, 5, 7, 14, 30, 60, 90, 180, 365])
    .default(30)
    .describe('days that logs are kept'),
  tracing: flag()
    .default(true)
    .describe('trace the functions and the runs of the backfill with X-Ray, which costs money for each trace'),
  throttleRate: whole(1, 10_000).default(50).describe('API requests per second, on average; more are throttled'),
  throttleBurst: whole(1, 5000).default(100).describe('API requests in a short burst; more are throttled'),
  jwtIssuer: text(/^https:\/\/\S+$/, 'an https URL')
    .optional()
    .describe('issuer of the JWTs that the API accepts (if unset: IAM with SigV4)'),
  jwtAudience: list(text(/^\S+$/, 'a list of audiences'))
    .optional()
    .describe('audiences of the JWTs that the API accepts'),
  oidcClientId: text(/^\S+$/, 'a client id')
    .optional()
    .describe('client id of the page at `jwtIssuer`, a public client (if unset: the first audience)'),
  loginOrigins: list(text(/^https:\/\/[^\s/]+$/, 'a list of origins such as https://login.example.org'))
    .optional()
    .describe('other origins of the issuer, such as that of its token endpoint (Cognito: the domain of the user pool)'),
  domainName: text(/^([a-z0-9-]+\.)+[a-z]{2,}$/, 'a domain name')
    .optional()
    .describe('domain name of the API; needs `certificateArn`'),
  certificateArn: text(/^arn:[^:]+:acm:[^:]+:\d+:certificate\/\S+$/, 'the ARN of an ACM certificate')
    .optional()
    .describe('ACM certificate of `domainName`, in the same region'),
  hostedZoneId: text(/^Z[A-Z0-9]{1,31}$/, 'the id of a hosted zone, such as Z0123456789ABC')
    .optional()
    .describe(
      'hosted zone of Route 53 that gets the record of `domainName` (if unset: an output says where DNS must point)',
    ),
  page: flag().default(false).describe('deploy the page behind CloudFront; needs `jwtIssuer` and `jwtAudience`'),
  alarmEmail: text(/^[^\s@]+@[^\s@]+$/, 'an e-mail address')
    .optional()
    .describe('e-mail address that receives the alarms'),
  monthlyBudgetUsd: whole(1, 1_000_000)
    .optional()
    .describe(
      'budget of a month in US dollars: at 80% and 100% of it, and when it is likely to be exceeded, AWS Budgets writes to the topic of the alarms (if unset: no budget)',
    ),
  budgetTag: text(/^[^=\s]+=[^=]+$/, 'a tag such as project=photos')
    .optional()
    .describe(
      'what the budget counts, such as `project=photos`: only what carries this tag, which must be active as a cost allocation tag (if unset: all costs of the account)',
    ),
  gpu: flag().default(true).describe('deploy the heavy service: a queue, and GPU tasks that scale from zero'),
  heavyModel: name()
    .optional()
    .describe(
      `the heavy model: name of a package in \`models/cache\` (if unset: \`${DEFAULT_HEAVY_MODEL}\` if it is on disk, else \`sample\`)`,
    ),
  modelRules: rules().default({}).describe('which model tags which key prefix, such as `{"scans/":"auto"}`'),
  cascadeThreshold: share()
    .default(DEFAULT_CASCADE_THRESHOLD)
    .describe('`auto` asks the heavy model when the best probability of the small model is below this'),
  gpuImage: text(
    /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\S*\/\S+[:@]\S+$/,
    'an ECR image URI with a tag or digest',
  )
    .optional()
    .describe('ECR image of the heavy worker (if unset: Docker builds it at deployment)'),
  gpuInstanceTypes: list(text(/^[a-z0-9-]+\.[a-z0-9*]+$/, 'a list of instance types such as g4dn.xlarge'))
    .default(['g4dn.xlarge', 'g5.xlarge', 'g6.xlarge'])
    .describe('GPU instance types that may be started; x86-64 and NVIDIA only'),
  gpuSpot: flag().default(false).describe('use Spot instances: cheaper, but not always available'),
  cpuFallback: flag()
    .default(false)
    .describe(
      'let the heavy worker compute on the CPU where its GPU cannot be used: slow answers at the price of a GPU, and the alarm `OpenedOnCpu`',
    ),
  gpuMaxTasks: whole(1, 100).default(2).describe('highest number of GPU tasks that run at the same time'),
  gpuHoursPerDay: whole(1, 2400)
    .default(DEFAULT_GPU_HOURS_PER_DAY)
    .describe(
      'GPU hours that the machines may run in a day (UTC), all together; after that the service is stopped until midnight; 24 times `gpuMaxTasks` is no limit',
    ),
  gpuMessagesPerTask: whole(1, 100_000)
    .default(100)
    .describe('waiting and running requests per GPU task; more requests start another task'),
  network: oneOf(['public', 'private'])
    .default('public')
    .describe(
      'subnets of the GPU tasks: `public` (no cost while idle, no inbound traffic) or `private` (no internet; interface endpoints cost money by the hour)',
    ),
  protect: flag()
    .default(false)
    .describe('refuse to delete the stack and the table until this is `false` again and deployed'),
  keepData: flag()
    .default(true)
    .describe(
      'keep the created bucket and table when the stack is deleted; if not, all buckets of the stack are emptied and deleted',
    ),
});

export type Configuration = Readonly<z.output<typeof configurationSchema>>;

/** Keys that the CDK itself puts into the context: feature flags and look-ups. */
const NOT_OURS = /[@:]/;

/**
 * Reads the context of the app.
 * @throws {ConfigurationError} in one line, about the first wrong key: what it must be, what it is,
 * and what to change
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
    return `unknown configuration key ${issue.keys.join(', ')}. Remove it from cdk.json or the command line, or use one of ${names}.`;
  }
  const key = String(issue?.path[0]);
  return `configuration key ${key} must be ${issue?.message}, but it is ${JSON.stringify(given[key])}. Change it in cdk.json, or pass -c ${key}=….`;
}

function requireConsistent(configuration: Configuration): void {
  const { bucket, noncurrentDays, page, jwtIssuer, domainName, certificateArn } = configuration;
  requireOwnBucket(bucket, noncurrentDays);
  requireWholeLogin(configuration);
  if (page && jwtIssuer === undefined) {
    throw new ConfigurationError(
      'page needs an issuer where users can sign in. Set jwtIssuer and jwtAudience, or leave the page out with -c page=false.',
    );
  }
  if ((domainName === undefined) !== (certificateArn === undefined)) {
    throw new ConfigurationError('domainName and certificateArn belong together. Set both, or neither.');
  }
  requireBudget(configuration);
  requireBatchWindow(configuration);
  requireReserved(configuration);
  requireUnweighted(configuration);
  if (configuration.hostedZoneId !== undefined && domainName === undefined) {
    throw new ConfigurationError(
      'hostedZoneId is the zone that gets the record of domainName. Set domainName and certificateArn, or remove hostedZoneId.',
    );
  }
  requireGpus(configuration.gpuInstanceTypes);
}

/** A canary gives the alias weights: https://github.com/hashicorp/terraform/issues/24957 */
function requireUnweighted({ deployment, apiProvisionedConcurrency }: Configuration): void {
  if (deployment === 'canary' && apiProvisionedConcurrency > 0) {
    throw new ConfigurationError(
      `deployment is canary, but apiProvisionedConcurrency is ${apiProvisionedConcurrency}, and Lambda refuses to change the instances that are always started while an alias splits its calls. Set deployment to all-at-once, or apiProvisionedConcurrency to 0.`,
    );
  }
}

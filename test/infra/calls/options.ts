import type { ConstructAppName } from '../construct-apps.ts';

/** A stack that the suite synthesizes, as far as it is not like the default one. */
export interface ComparedStack {
  /** The app of somebody who uses the constructs; null: a configuration of our own app. */
  readonly app: ConstructAppName | null;
  /** The watched objects. Default: all of the bucket that the service creates. */
  readonly watched?: readonly string[];
  /** Which key encrypts the resources that look like this. */
  readonly keys?: readonly (readonly [RegExp, string])[];
  /** Default: true. */
  readonly tracing?: boolean;
}

const BUCKET_KEY = 'arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555';
const THEIR_KEY = BUCKET_KEY.slice(0, -1);

const OURS = { app: null } as const satisfies ComparedStack;
const ALIKE = { app: 'alike' } as const satisfies ComparedStack;

export const STACKS = {
  default: OURS,
  withoutGpu: OURS,
  chosen: OURS,
  privateNetwork: OURS,
  page: OURS,
  existingBucket: { app: null, watched: ['<their-photos>/*'] },
  keptData: { app: null, watched: ['<kept-photos>/*'] },
  pageOnDomain: OURS,
  Ireland: ALIKE,
  IrelandToo: ALIKE,
  Ohio: ALIKE,
  Buckets: {
    app: 'buckets',
    watched: ['<TaggingImagesBucket>/in/*.jpg', '<their-photos>/a/*', '<their-scans>/b/*.png'],
    keys: [[/their-scans/, BUCKET_KEY]],
  },
  OwnByEventBridge: { app: 'buckets' },
  Encrypted: { app: 'buckets', watched: ['<their-scans>/*'], keys: [[/their-scans/, BUCKET_KEY]] },
  Brought: { app: 'brought' },
  OneKey: {
    app: 'keys',
    watched: ['<TaggingImagesBucket>/*', '<their-photos>/*'],
    keys: [[/<Tagging(Images|Service)Bucket>|<Tagging\w*(Queue|DeadLetters|Parked)>|<TaggingRec|<TaggingRes/, '<Key>']],
  },
  ManyKeys: {
    app: 'keys',
    watched: ['<their-scans>/*'],
    keys: [
      [/<TaggingServiceBucket>|<Tagging\w*(Queue|DeadLetters|Parked)>/, `${THEIR_KEY}0`],
      [/their-scans/, `${THEIR_KEY}1`],
      [/their-records/, `${THEIR_KEY}2`],
      [/:their-results/, `${THEIR_KEY}3`],
    ],
    tracing: false,
  },
  RecordsOnly: { app: 'options', watched: ['<TaggingImagesBucket>/*.jpg'] },
  Cascade: { app: 'options' },
} as const satisfies Readonly<Record<string, ComparedStack>>;

export type StackName = keyof typeof STACKS;

export function stackOf(name: StackName): ComparedStack {
  return STACKS[name];
}

const SIZE = 'It is a size, a time or a limit.';
const LOOK = 'It is shown, and nothing more.';
const ACCESS = 'It decides who may call the API, not what the API calls.';
const OUTSIDE = 'AWS itself does it, without a role of ours.';

/**
 * Every prop of the constructs, with the stacks that have it, or why it changes neither a call nor a
 * right.
 */
export const OPTIONS: Readonly<Record<string, readonly StackName[] | string>> = {
  model: ['default'],
  bucket: ['existingBucket', 'Encrypted', 'ManyKeys'],
  watch: ['Buckets', 'OwnByEventBridge', 'RecordsOnly'],
  prefix: ['Buckets'],
  suffix: ['Buckets', 'RecordsOnly'],
  source: ['Buckets', 'OwnByEventBridge', 'ManyKeys'],
  table: ['Brought', 'keptData', 'ManyKeys'],
  results: ['Brought', 'ManyKeys'],
  encryptionKey: ['OneKey', 'ManyKeys'],
  architecture: ['chosen'],
  tagLabels: ['chosen', 'Brought', 'RecordsOnly', 'Cascade'],
  tagConcept: ['RecordsOnly', 'Cascade'],
  tracing: ['ManyKeys'],
  corsOrigins: ['chosen', 'pageOnDomain'],
  keepData: ['chosen', 'pageOnDomain'],
  protect: ['chosen'],
  memoryMb: SIZE,
  tagConcurrency: SIZE,
  tagBatchSize: SIZE,
  tagBatchWindowSeconds: SIZE,
  tagThreshold: SIZE,
  conceptThreshold: SIZE,
  indexThreshold: SIZE,
  maxImageBytes: SIZE,
  maxImagePixels: SIZE,
  heic: ['default'],
  noncurrentDays: SIZE,
  logRetentionDays: SIZE,
  outputs: LOOK,
  outputPrefix: LOOK,
  service: ['default'],
  apiConcurrency: SIZE,
  apiProvisionedConcurrency: SIZE,
  throttleRate: SIZE,
  throttleBurst: SIZE,
  jwtIssuer: ['page', 'pageOnDomain', 'Ireland'],
  jwtAudience: ['page', 'pageOnDomain', 'Ireland'],
  oidcClientId: ACCESS,
  domainName: OUTSIDE,
  certificate: OUTSIDE,
  hostedZone: OUTSIDE,
  models: ['default', 'Buckets'],
  image: ['default', 'privateNetwork'],
  modelRules: ['chosen', 'Cascade'],
  cascadeThreshold: SIZE,
  gpuInstanceTypes: SIZE,
  gpuSpot: ['chosen'],
  cpuFallback: ['chosen', 'Cascade'],
  gpuMaxTasks: SIZE,
  gpuHoursPerDay: SIZE,
  gpuMessagesPerTask: SIZE,
  network: ['privateNetwork'],
  vpc: ['Brought'],
  subnets: ['Brought'],
  backfillConcurrency: SIZE,
  inventoryBucket: ['chosen', 'Cascade'],
  api: ['page', 'OneKey', 'Ireland'],
  loginOrigins: ACCESS,
  backfill: ['OneKey', 'Ireland'],
  heavyModels: ['OneKey', 'Ireland'],
  alarmEmail: OUTSIDE,
  monthlyBudgetUsd: OUTSIDE,
  budgetTag: OUTSIDE,
};

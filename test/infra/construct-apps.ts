import { type App, Stack, Tags } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { ServiceCode } from '../../infra/artefacts/service-code.ts';
import {
  AutoSwiftNet,
  type AutoSwiftNetProps,
  Backfill,
  HeavyModels,
  HttpApi,
  type ModelPackage,
  Monitoring,
  Page,
  WorkerImage,
} from '../../infra/index.ts';

/** What the apps upload, and what makes no difference to a template. */
export interface Uploads {
  readonly code: ServiceCode;
  readonly model: ModelPackage;
}

const IMAGE = WorkerImage.fromUri('123456789012.dkr.ecr.eu-west-1.amazonaws.com/worker:1.0');
const KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555';
const LOGIN = { jwtIssuer: 'https://id.example', jwtAudience: ['photos'] };

/** Apps of people who use the constructs, each for the questions of one test file. */
export const CONSTRUCT_APPS = {
  alike: addAlike,
  buckets: addBuckets,
  brought: addBrought,
  keys: addKeys,
  options: addOptions,
} as const;

export type ConstructAppName = keyof typeof CONSTRUCT_APPS;

/** Everything twice in a stack, in two stacks of a region, and in another region. */
function addAlike(app: App, uploads: Uploads): void {
  const account = '123456789012';
  const ireland = new Stack(app, 'Ireland', { env: { account, region: 'eu-west-1' } });
  addAll(ireland, 'One', uploads);
  addAll(ireland, 'Two', uploads);
  addAll(new Stack(app, 'IrelandToo', { env: { account, region: 'eu-west-1' } }), 'One', uploads);
  addAll(new Stack(app, 'Ohio', { env: { account, region: 'us-east-2' } }), 'One', uploads);
}

function addAll(stack: Stack, name: string, uploads: Uploads): void {
  const service = new AutoSwiftNet(stack, name, uploads);
  const api = new HttpApi(stack, `${name}Api`, { service, ...LOGIN });
  const inside = new HttpApi(stack, `${name}Inside`, { service });
  const heavyModels = new HeavyModels(stack, `${name}Heavy`, { service, models: [uploads.model], image: IMAGE });
  const backfill = new Backfill(stack, `${name}Backfill`, { service });
  new Page(stack, `${name}Page`, { api });
  new Monitoring(stack, `${name}Monitoring`, { service, api: inside, backfill, heavyModels, monthlyBudgetUsd: 10 });
}

/** Buckets of every kind, added before and after what reads them. */
function addBuckets(app: App, uploads: Uploads): void {
  const stack = new Stack(app, 'Buckets');
  const service = new AutoSwiftNet(stack, 'Tagging', { ...uploads, watch: { prefix: 'in/', suffix: '.jpg' } });
  new HttpApi(stack, 'Api', { service });
  new Backfill(stack, 'Backfill', { service });
  new HeavyModels(stack, 'Heavy', { service, models: [uploads.model], image: IMAGE });
  service.addBucket(Bucket.fromBucketName(stack, 'Theirs', 'their-photos'), { prefix: 'a/' });
  service.addBucket(encryptedBucket(stack), { prefix: 'b/', suffix: '.png', source: 'event-bridge' });
  const role = Role.fromRoleArn(stack, 'Reader', 'arn:aws:iam::123456789012:role/reader');
  service.grantReadResults(role);
  const own = new Stack(app, 'OwnByEventBridge');
  new AutoSwiftNet(own, 'Tagging', { ...uploads, watch: { source: 'event-bridge' } });
  const encrypted = new Stack(app, 'Encrypted');
  new HttpApi(encrypted, 'Api', {
    service: new AutoSwiftNet(encrypted, 'Tagging', { ...uploads, bucket: encryptedBucket(encrypted), outputs: false }),
  });
}

function encryptedBucket(scope: Construct) {
  const encryptionKey = Key.fromKeyArn(scope, 'Key', KEY_ARN);
  return Bucket.fromBucketAttributes(scope, 'Encrypted', { bucketName: 'their-scans', encryptionKey });
}

/** What somebody brings: table, topic, network, certificate, and a wish for fewer traces. */
function addBrought(app: App, uploads: Uploads): void {
  const stack = new Stack(app, 'Brought', { env: { account: '123456789012', region: 'eu-west-1' } });
  const props: AutoSwiftNetProps = {
    ...uploads,
    table: Table.fromTableName(stack, 'Table', 'their-records'),
    results: Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:123456789012:their-results'),
    tagLabels: 0,
    logRetentionDays: 7,
  };
  const service = new AutoSwiftNet(stack, 'Tagging', props);
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-west-1a', 'eu-west-1b'],
    privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  });
  new HeavyModels(stack, 'Heavy', { service, models: [uploads.model], image: IMAGE, vpc });
  new HttpApi(stack, 'Api', {
    service,
    domainName: 'api.photos.example',
    certificate: Certificate.fromCertificateArn(stack, 'Cert', 'arn:aws:acm:eu-west-1:123456789012:certificate/1'),
  });
}

/** One key for everything, and a key of its own for each thing that is brought. Everything has a tag. */
function addKeys(app: App, uploads: Uploads): void {
  const one = new Stack(app, 'OneKey');
  const encryptionKey = new Key(one, 'Key', { enableKeyRotation: true });
  const service = new AutoSwiftNet(one, 'Tagging', { ...uploads, encryptionKey, keepData: false });
  service.addBucket(Bucket.fromBucketName(one, 'Theirs', 'their-photos'), { source: 'event-bridge' });
  const api = new HttpApi(one, 'Api', { service, ...LOGIN });
  const heavyModels = new HeavyModels(one, 'Heavy', { service, models: [uploads.model], image: IMAGE });
  const backfill = new Backfill(one, 'Backfill', { service });
  new Page(one, 'Page', { api });
  new Monitoring(one, 'Monitoring', { service, api, backfill, heavyModels, monthlyBudgetUsd: 10 });
  service.grantReadResults(Role.fromRoleArn(one, 'Reader', 'arn:aws:iam::123456789012:role/reader'));
  Tags.of(one).add('project', 'photos');

  const many = new Stack(app, 'ManyKeys');
  const key = (digit: string) => Key.fromKeyArn(many, `Key${digit}`, `${KEY_ARN.slice(0, -1)}${digit}`);
  const brought = new AutoSwiftNet(many, 'Tagging', {
    ...uploads,
    encryptionKey: key('0'),
    bucket: Bucket.fromBucketAttributes(many, 'Bucket', { bucketName: 'their-scans', encryptionKey: key('1') }),
    watch: { source: 'event-bridge' },
    table: Table.fromTableAttributes(many, 'Table', { tableName: 'their-records', encryptionKey: key('2') }),
    results: Topic.fromTopicAttributes(many, 'Topic', {
      topicArn: 'arn:aws:sns:eu-west-1:123456789012:their-results',
      keyArn: key('3').keyArn,
    }),
    tracing: false,
  });
  brought.grantReadResults(Role.fromRoleArn(many, 'Reader', 'arn:aws:iam::123456789012:role/reader'));
  new HttpApi(many, 'Api', { service: brought });
  new HeavyModels(many, 'Heavy', { service: brought, models: [uploads.model], image: IMAGE });
  new Backfill(many, 'Backfill', { service: brought });
}

/** Options that no other app has, as far as they may change what a program calls. */
function addOptions(app: App, uploads: Uploads): void {
  const records = new Stack(app, 'RecordsOnly');
  const untagged = new AutoSwiftNet(records, 'Tagging', {
    ...uploads,
    tagLabels: 0,
    tagConcept: true,
    watch: { suffix: '.jpg' },
  });
  new HttpApi(records, 'Api', { service: untagged });
  new Backfill(records, 'Backfill', { service: untagged });

  const cascade = new Stack(app, 'Cascade');
  const service = new AutoSwiftNet(cascade, 'Tagging', { ...uploads, tagLabels: 3, tagConcept: true });
  const modelRules = { '': 'auto' };
  new HeavyModels(cascade, 'Heavy', { service, models: [uploads.model], image: IMAGE, modelRules, cpuFallback: true });
  new Backfill(cascade, 'Backfill', { service, inventoryBucket: 'photo-lists' });
}
